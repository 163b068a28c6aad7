/// The resources of active modules, and who is given them. The rules: docs/manifest.md.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "package/manifest.hpp"

struct ark_generation_t;

namespace ark::container::lifecycle {

/// A package as it lies in its stage.
struct Staged {
  std::shared_ptr<const package::Manifest> manifest;  ///< null: of no package
  std::filesystem::path folder;
};

struct FoundResource {
  base::Descriptor file;  ///< for reading
  uint64_t bytes;
  std::string module;  ///< "greeter 1.0.0"
};

/// Thread safety: all functions from any thread. Files are opened with the mutex held, so that none is taken away
/// between being found and being open.
class Resources {
 public:
  /// log: told what is shadowed, by whom; called with nothing locked.
  explicit Resources(std::function<void(const std::string& text)> log) : log_(std::move(log)) {}

  /// What `in` exports can be found and what `out` exports no more, in one step; either may have no manifest.
  void activate(const Staged& in, const Staged& out);

  /// At most `most`: those of the module's own package first, then those of others, best first. Never empty: NOT_FOUND
  /// says what there is, FAILED_PRECONDITION which key of the manifest is in the way.
  Result<std::vector<FoundResource>> find(const ark_generation_t& asking, const std::string& name, uint32_t most) const;

 private:
  struct Exporter {
    Staged staged;
    std::vector<std::string_view> names;  ///< sorted
  };
  static bool has(const Exporter& exporter, std::string_view name);
  std::vector<const Exporter*> exporters_of(std::string_view name) const;
  Status refusal(const ark_generation_t& asking, const std::string& name) const;

  const std::function<void(const std::string&)> log_;
  mutable std::mutex mutex_;
  std::vector<Exporter> exporters_;  // guarded by mutex_; the preferred one first
};

}  // namespace ark::container::lifecycle
