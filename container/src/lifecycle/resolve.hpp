/// Decides from manifests alone, before any code runs, what fits together and in which order it starts.
#pragma once

#include <ark/container/status.hpp>

#include <span>
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
  struct Resource {
    std::string_view name;
    const package::Manifest* module;
  };
  /// A module that is there and serves nobody.
  struct Idle {
    const package::Manifest* module;
    std::string state;  ///< "STOPPED"
  };
  explicit Offers(const Manifests& modules, std::vector<Idle> idle = {});

  /// In the order of the modules.
  const std::vector<Service>& of_service(std::string_view id) const;
  const std::unordered_map<std::string_view, std::vector<Service>>& services() const { return services_; }
  /// Those that the pattern matches; by name, then the preferred module first.
  std::span<const Resource> of_resources(std::string_view pattern) const;
  const Manifests& named(std::string_view module) const;
  const std::vector<Idle>& idle() const { return idle_; }

 private:
  std::unordered_map<std::string_view, std::vector<Service>> services_;
  std::vector<Resource> resources_;  // by name, then the preferred module first
  std::unordered_map<std::string_view, Manifests> modules_;
  std::vector<Idle> idle_;
};

/// Whose exports are taken if both modules export the same, and the services have the same priority: the module's priority decides, then its name, then
/// its newest version.
bool preferred(const package::Manifest& a, const package::Manifest& b);

/// What modules export that importers are given from another one, as long as that is there. Sentences, sorted. about: only those in which it occurs;
/// null: all.
/// Services count as the same if their ids and major versions are; what is known only when they are published, their own priorities and unique ids, is not
/// looked at.
std::vector<std::string> shadowed_among(const Offers& offers, const package::Manifest* about = nullptr);
/// The resources among them.
std::vector<std::string> shadowed_resources(const Offers& offers, const package::Manifest* about = nullptr);

/// "orders 1.0.0"
std::string label_of(const package::Manifest& manifest);

/// Everything that keeps `module` from running beside those of `available`, itself not counted: mandatory imports that nobody exports in range (with what exists),
/// exporters whose layout differs, plugins that need a biz, imports it denies itself, resources and modules it depends on that are missing. Sentences;
/// empty if it fits.
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
