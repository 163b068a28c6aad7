#include "lifecycle/resolve.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/text.hpp"
#include "package/layout.hpp"

namespace ark::container::lifecycle {

using package::Manifest;
using package::ResourceImport;
using package::ServiceExport;
using package::ServiceImport;

namespace {

const ServiceExport* export_of(const Manifest& module, const std::string& id) {
  auto found = std::find_if(module.exports.begin(), module.exports.end(), [&](auto& e) { return e.id == id; });
  return found == module.exports.end() ? nullptr : &*found;
}

bool in_range(const ServiceImport& import, const ServiceExport& offer) {
  auto version = package::parse_version(offer.version);
  return version.ok() && import.range.contains(*version);
}

std::string text_of(const ServiceImport& import) { return import.id + (import.range.text.empty() ? "" : "@" + import.range.text); }

std::string joined(const std::set<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) base::add_to_list(&all, ", ", text);
  return all;
}

constexpr const char* kNoneFits = "; install an exporter that fits, or change what is imported";

/// Why a module cannot have its import from an exporter of that id; "" if it can.
std::string mismatch(const Manifest& module, const ServiceImport& import, const Offers::Service& offer) {
  const auto& exporter = *offer.module;
  if (!in_range(import, *offer.service)) return label_of(exporter) + " exports " + offer.service->version;
  if (module.kind == Kind::kPlugin && exporter.kind == Kind::kBiz) return label_of(exporter) + " exports it, but is a biz and starts after plugins";
  if (import.digest == 0 || import.digest == offer.service->digest) return "";
  auto status = package::compare_layouts(import.layout, offer.service->layout);
  return status.ok() ? "" : label_of(exporter) + " exports another layout: " + status.text();
}

/// Of those that are there and serve nobody: "greeter 1.0.0 (STOPPED)"; empty if none is meant.
template <class IsMeant>
std::string idle_among(const Offers& available, IsMeant is_meant) {
  std::set<std::string> texts;
  for (const auto& [module, state] : available.idle()) {
    if (is_meant(*module)) texts.insert(label_of(*module) + " (" + state + ")");
  }
  return joined(texts);
}

std::string how_to_start(const std::string& idle) {
  const bool is_stopped = idle.find("(STOPPED)") != idle.npos;
  return std::string(idle.find("(DEACTIVATED)") != idle.npos ? "; switch to it" : "; start it") +
         (is_stopped ? ", or take it out of \"stopped\" in data/.container/state.json while no container runs" : "");
}

/// Why nobody serves the import; "" if somebody does.
std::string refusal_of(const Manifest& module, const ServiceImport& import, const Offers& available) {
  std::set<std::string> refusals;
  for (const auto& offer : available.of_service(import.id)) {
    if (offer.module == &module) continue;
    auto refusal = mismatch(module, import, offer);
    if (refusal.empty()) return "";
    refusals.insert(std::move(refusal));
  }
  const auto wanted = label_of(module) + " imports " + text_of(import);
  const auto idle = idle_among(available, [&](const Manifest& m) {
    const auto* service = export_of(m, import.id);
    return &m != &module && service && mismatch(module, import, {&m, service}).empty();
  });
  if (refusals.empty() && !idle.empty()) return wanted + ", which only " + idle + " would export" + how_to_start(idle);
  if (refusals.empty()) return wanted + ", which no module exports; install a plugin or biz that does, or declare it optional with '?'";
  return wanted + ", but " + joined(refusals) + kNoneFits;
}

/// Why nobody has resources for the import; "" if somebody does.
std::string refusal_of(const Manifest& module, const ResourceImport& import, const Offers& available) {
  std::set<std::string> refusals;
  for (const auto& offer : available.of_resources(import.pattern)) {
    if (offer.module == &module) continue;
    const auto denial = package::matching(module.denied.resources, offer.name);
    if (!denial.empty()) {
      refusals.insert("denies " + std::string(offer.name) + " of " + label_of(*offer.module) + " by \"" + std::string(denial) +
                      "\" of deny-imports.resources");
    } else if (module.kind == Kind::kPlugin && offer.module->kind == Kind::kBiz) {
      refusals.insert(label_of(*offer.module) + " exports them, but is a biz and starts after plugins");
    } else {
      return "";
    }
  }
  const auto wanted = label_of(module) + " imports the resources " + import.pattern;
  if (refusals.empty()) return wanted + ", which no module exports; install a plugin or biz that does, or declare them optional with '?'";
  return wanted + ", but " + joined(refusals) + kNoneFits;
}

bool satisfies(const package::Dependency& dependency, const Manifest& module) {
  return dependency.name == module.name && dependency.range.contains(module.version);
}

bool earlier(const Manifest& a, const Manifest& b) {
  if (a.kind != b.kind) return a.kind == Kind::kPlugin;
  if (a.priority != b.priority) return a.priority < b.priority;
  if (a.name != b.name) return a.name < b.name;
  return a.version < b.version;
}

/// For each module the others of its kind that must be up before it.
std::vector<std::vector<size_t>> needs_among(const Manifests& modules) {
  const Offers offers(modules);
  std::unordered_map<const Manifest*, size_t> index;
  for (size_t i = 0; i < modules.size(); ++i) index.emplace(modules[i], i);
  std::vector<std::vector<size_t>> needs(modules.size());
  for (size_t i = 0; i < modules.size(); ++i) {
    const auto& module = *modules[i];
    auto add = [&](const Manifest* other) {
      if (other != &module && other->kind == module.kind) needs[i].push_back(index.at(other));
    };
    for (const auto& import : module.imports) {
      if (import.optional) continue;
      for (const auto& offer : offers.of_service(import.id)) {
        if (in_range(import, *offer.service)) add(offer.module);
      }
    }
    for (const auto& import : module.imported_resources) {
      if (import.optional) continue;
      for (const auto& offer : offers.of_resources(import.pattern)) {
        if (package::matching(module.denied.resources, offer.name).empty()) add(offer.module);
      }
    }
    for (const auto& dependency : module.dependencies) {
      for (const auto* other : offers.named(dependency.name)) {
        if (satisfies(dependency, *other)) add(other);
      }
    }
  }
  return needs;
}

/// Follows unmet needs until one is met again.
std::string cycle_from(size_t start, const Manifests& modules, const std::vector<std::vector<size_t>>& needs, const std::vector<bool>& done) {
  std::vector<size_t> chain{start};
  for (;;) {
    const auto& next = needs[chain.back()];
    const size_t unmet = *std::find_if(next.begin(), next.end(), [&](size_t i) { return !done[i]; });
    auto seen = std::find(chain.begin(), chain.end(), unmet);
    if (seen == chain.end()) {
      chain.push_back(unmet);
      continue;
    }
    std::string text;
    for (auto i = seen; i != chain.end(); ++i) text += label_of(*modules[*i]) + " needs ";
    return text + label_of(*modules[unmet]);
  }
}

}  // namespace

std::string label_of(const Manifest& manifest) { return manifest.name + " " + package::to_string(manifest.version); }

Offers::Offers(const Manifests& modules, std::vector<Idle> idle) : idle_(std::move(idle)) {
  for (const auto* module : modules) {
    modules_[module->name].push_back(module);
    for (const auto& service : module->exports) services_[service.id].push_back({module, &service});
    for (const auto name : module->resources_for_others()) resources_.push_back({name, module});
  }
  std::stable_sort(resources_.begin(), resources_.end(), [](const Resource& a, const Resource& b) {
    return a.name != b.name ? a.name < b.name : preferred(*a.module, *b.module);
  });
}

const std::vector<Offers::Service>& Offers::of_service(std::string_view id) const {
  static const std::vector<Service> none;
  const auto found = services_.find(id);
  return found == services_.end() ? none : found->second;
}

std::span<const Offers::Resource> Offers::of_resources(std::string_view pattern) const {
  const auto stem = pattern.substr(0, pattern.find('*'));  // matches are neighbours
  auto first = std::lower_bound(resources_.begin(), resources_.end(), stem, [](const Resource& r, std::string_view name) { return r.name < name; });
  auto last = first;
  while (last != resources_.end() && package::matches(pattern, last->name)) ++last;
  return {first, last};
}

const Manifests& Offers::named(std::string_view module) const {
  static const Manifests none;
  const auto found = modules_.find(module);
  return found == modules_.end() ? none : found->second;
}

std::vector<std::string> problems_of(const Manifest& module, const Offers& available) {
  auto problems = package::contradictions_of(module);
  if (!problems.empty()) return problems;  // who could serve the imports does not matter
  auto look_for = [&](const auto& imports) {
    for (const auto& import : imports) {
      auto refusal = import.optional ? "" : refusal_of(module, import, available);
      if (!refusal.empty()) problems.push_back(std::move(refusal));
    }
  };
  look_for(module.imports);
  look_for(module.imported_resources);
  for (const auto& dependency : module.dependencies) {
    const auto& there = available.named(dependency.name);
    if (std::any_of(there.begin(), there.end(), [&](auto* m) { return satisfies(dependency, *m); })) continue;
    const auto idle = idle_among(available, [&](const Manifest& m) { return satisfies(dependency, m); });
    const auto wanted = label_of(module) + " depends on module " + dependency.name +
                        (dependency.range.text.empty() ? "" : " " + dependency.range.text);
    if (!idle.empty()) {
      problems.push_back(wanted + ", and there is only " + idle + how_to_start(idle));
      continue;
    }
    std::set<std::string> others;
    for (const auto* m : there) others.insert(package::to_string(m->version));
    problems.push_back(wanted + ", which is not there" +
                       (others.empty() ? "; install it first" : "; there is " + joined(others) + ", install one that fits"));
  }
  return problems;
}

std::vector<std::string> problems_for_importers(const Manifest& exporter, const Manifests& importers) {
  std::vector<std::string> problems;
  for (const auto* importer : importers) {
    for (const auto& import : importer->imports) {
      const auto* offer = export_of(exporter, import.id);
      if (!offer || !in_range(import, *offer) || import.digest == 0 || import.digest == offer->digest) continue;
      auto status = package::compare_layouts(import.layout, offer->layout);
      if (!status.ok()) {
        problems.push_back(label_of(*importer) + " imports " + text_of(import) + ", but " + label_of(exporter) +
                           " exports another layout: " + status.text());
      }
    }
  }
  return problems;
}

std::vector<std::string> stranded_by(const Manifest& leaving, const Offers& staying, const Manifests& importers) {
  std::vector<std::string> stranded;
  const Offers leaves({&leaving});
  for (const auto* importer : importers) {
    if (importer == &leaving) continue;
    for (const auto& import : importer->imports) {
      const auto* service = import.optional ? nullptr : export_of(leaving, import.id);
      if (!service || !mismatch(*importer, import, {&leaving, service}).empty()) continue;  // it was not served by this one
      if (!refusal_of(*importer, import, staying).empty()) {
        stranded.push_back(label_of(*importer) + " imports " + text_of(import) + " and nobody else exports it");
      }
    }
    for (const auto& import : importer->imported_resources) {
      if (import.optional || !refusal_of(*importer, import, leaves).empty() || refusal_of(*importer, import, staying).empty()) continue;
      stranded.push_back(label_of(*importer) + " imports the resources " + import.pattern + " and nobody else exports them");
    }
    for (const auto& dependency : importer->dependencies) {
      const auto& rest = staying.named(dependency.name);
      if (!satisfies(dependency, leaving) || std::any_of(rest.begin(), rest.end(), [&](auto* m) { return satisfies(dependency, *m); })) continue;
      stranded.push_back(label_of(*importer) + " depends on module " + dependency.name +
                         (dependency.range.text.empty() ? "" : " " + dependency.range.text));
    }
  }
  return stranded;
}

Result<std::vector<std::vector<size_t>>> start_waves(const Manifests& modules) {
  const auto needs = needs_among(modules);
  std::vector<size_t> unmet(modules.size());
  std::vector<std::vector<size_t>> needed_by(modules.size());
  auto first = [&](size_t a, size_t b) { return earlier(*modules[a], *modules[b]) || (!earlier(*modules[b], *modules[a]) && a < b); };
  std::set<size_t, decltype(first)> ready(first), rest(first);
  for (size_t i = 0; i < modules.size(); ++i) {
    unmet[i] = needs[i].size();
    for (size_t need : needs[i]) needed_by[need].push_back(i);
    (unmet[i] == 0 ? ready : rest).insert(i);
  }
  std::vector<bool> done(modules.size(), false);
  std::vector<std::vector<size_t>> waves;
  // A biz that is ready waits for the plugins that are not: everything of one kind comes before the other.
  auto plugins_left = [&] { return !rest.empty() && modules[*rest.begin()]->kind == Kind::kPlugin; };
  while (!ready.empty() && (modules[*ready.begin()]->kind == Kind::kPlugin || !plugins_left())) {
    const auto& best = *modules[*ready.begin()];
    auto& wave = waves.emplace_back();
    while (!ready.empty() && modules[*ready.begin()]->kind == best.kind && modules[*ready.begin()]->priority == best.priority) {
      wave.push_back(ready.extract(ready.begin()).value());
    }
    for (size_t member : wave) done[member] = true;
    for (size_t member : wave) {
      for (size_t waiting : needed_by[member]) {
        if (--unmet[waiting] == 0) ready.insert(rest.extract(waiting).value());
      }
    }
  }
  if (rest.empty()) return waves;
  return Status(Code::kFailedPrecondition, "modules need each other in a circle: " + cycle_from(*rest.begin(), modules, needs, done) +
                                               "; make one of these imports optional with '?'");
}

Result<std::vector<size_t>> start_order(const Manifests& modules) {
  auto waves = start_waves(modules);
  if (!waves.ok()) return waves.status();
  std::vector<size_t> order;
  for (const auto& wave : *waves) order.insert(order.end(), wave.begin(), wave.end());
  return order;
}

}  // namespace ark::container::lifecycle
