/// A package on its way into modules/: nobody takes it for one before it is whole, and it is gone again unless it is kept.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>

#include "package/package.hpp"

namespace ark::container::lifecycle {

/// One thread at a time.
class Incoming {
 public:
  /// modules: the folder, which exists.
  explicit Incoming(std::filesystem::path modules) : modules_(std::move(modules)) {}
  Incoming(const Incoming&) = delete;
  ~Incoming();

  /// The temporary of an installation that did not come to its end.
  static bool is_one(const std::filesystem::path& file);

  /// Copies the package to a temporary, synced; it reads from that from now on, so what is kept is what was staged.
  Status bring_in(package::Package& package);
  /// Renames the temporary to `name`, over an older file of that name, synced. Where it is then. On failure that one is
  /// as it was.
  Result<std::filesystem::path> keep(const std::string& name);

 private:
  const std::filesystem::path modules_;
  std::filesystem::path file_;
};

}  // namespace ark::container::lifecycle
