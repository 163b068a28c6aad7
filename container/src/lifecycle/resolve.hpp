/// Decides from manifests alone, before any code runs, what fits together and in which order it starts.
#pragma once

#include <ark/container/status.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "package/manifest.hpp"

namespace ark::container::lifecycle {

using Manifests = std::vector<const package::Manifest*>;

/// What a set of modules offers, found by name: looking for a service costs the same among two modules and among a thousand.
/// Refers to the manifests, which must outlive it. Immutable.
class Offers {
 public:
  struct Service {
    const package::Manifest* module;
    const package::ServiceExport* service;
  };
  explicit Offers(const Manifests& modules);

  /// In the order of the modules.
  const std::vector<Service>& of_service(std::string_view id) const;
  const Manifests& named(std::string_view module) const;

 private:
  std::unordered_map<std::string_view, std::vector<Service>> services_;
  std::unordered_map<std::string_view, Manifests> modules_;
};

/// "orders 1.0.0"
std::string label_of(const package::Manifest& manifest);

/// Everything that keeps `module` from running beside those of `available`, itself not counted: mandatory imports that nobody exports in range (with what exists),
/// exporters whose layout differs, plugins that need a biz, modules it depends on that are missing. Sentences; empty if it fits.
std::vector<std::string> problems_of(const package::Manifest& module, const Offers& available);

/// Everything that would break for `importers` if `exporter` served them: layouts that differ. Sentences.
std::vector<std::string> problems_for_importers(const package::Manifest& exporter, const Manifests& importers);

/// Mandatory imports and dependencies of `importers` that `leaving` serves and nobody of `staying` could. Sentences that name the importers.
std::vector<std::string> stranded_by(const package::Manifest& leaving, const Offers& staying, const Manifests& importers);

/// Indices in the waves of the start, each of which may start once the one before is up; its members may start in parallel. A wave has, of all modules
/// whose needs (exporters of their mandatory imports in range, `dependencies`) are in waves before it, those of the smallest kind (plugin before biz) and
/// priority, ordered by name and version. A biz is never in a wave before a plugin. FAILED_PRECONDITION names a cycle by its chain.
Result<std::vector<std::vector<size_t>>> start_waves(const Manifests& modules);

/// The waves, one after the other.
Result<std::vector<size_t>> start_order(const Manifests& modules);

}  // namespace ark::container::lifecycle
