/// Decides from manifests alone, before any code runs, what fits together and in which order it starts.
#pragma once

#include <ark/container/status.hpp>

#include <string>
#include <vector>

#include "package/manifest.hpp"

namespace ark::container::lifecycle {

using Manifests = std::vector<const package::Manifest*>;

/// "orders 1.0.0"
std::string label_of(const package::Manifest& manifest);

/// Everything that keeps `module` from running among `available`: mandatory imports that nobody exports in range (with what exists),
/// exporters whose layout differs, plugins that need a biz, modules it depends on that are missing. Sentences; empty if it fits.
std::vector<std::string> problems_of(const package::Manifest& module, const Manifests& available);

/// Everything that would break for `importers` if `exporter` served them: layouts that differ. Sentences.
std::vector<std::string> problems_for_importers(const package::Manifest& exporter, const Manifests& importers);

/// Mandatory imports of `importers` that `leaving` serves and nobody of `staying` could. Sentences that name the importers.
std::vector<std::string> stranded_by(const package::Manifest& leaving, const Manifests& staying, const Manifests& importers);

/// Indices in the order of start: plugins before biz; what is depended on or mandatorily imported first; then priority, name, version.
/// FAILED_PRECONDITION names a cycle by its chain.
Result<std::vector<size_t>> start_order(const Manifests& modules);

}  // namespace ark::container::lifecycle
