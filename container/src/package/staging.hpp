/// Files written below one folder, all of which disappear again unless the whole is kept.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"

namespace ark::container::package {

/// One thread at a time. Never overwrites anything.
class Staging {
 public:
  explicit Staging(std::filesystem::path dir) : dir_(std::move(dir)) {}
  Staging(const Staging&) = delete;
  ~Staging();  ///< removes what was written unless keep() was called

  /// Opens the folder, or makes it with mode 0700; its parent must exist.
  Status begin();
  /// A new file, open for reading and writing, mode 0444; folders on the way are made. path: relative, checked (entry_path.hpp).
  Result<base::Descriptor> create(const std::string& path);
  void keep() { kept_ = true; }

  /// For messages.
  std::filesystem::path full(const std::string& path) const { return dir_ / path; }

 private:
  Status make_folders(std::string_view path);

  std::filesystem::path dir_;
  base::Descriptor folder_;
  bool made_ = false, kept_ = false;
  std::vector<std::string> files_, folders_;  // in the order in which they were made
};

}  // namespace ark::container::package
