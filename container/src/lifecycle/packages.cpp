#include "lifecycle/packages.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "lifecycle/home.hpp"
#include "lifecycle/resolve.hpp"
#include "lifecycle/steps.hpp"

namespace ark::container {

/// A start without its effects: nothing is made, nothing runs.
Operation Container::check(const Options& options) {
  namespace lc = lifecycle;
  Operation operation;
  lc::Steps steps;
  lc::Packages packages;
  lc::Remembered remembered;
  std::string left_over;
  auto opened = steps.run("open packages", [&](std::string& remark) {
    if (auto state = lc::open_state(options.home); state.ok()) {
      remembered = state->now();
      left_over = state->left_over();
    } else {
      packages.problems.push_back(state.status().text());
    }
    lc::open_packages(lc::Home::modules_of(options.home), options.modules, &packages, left_over);
    remark = std::to_string(packages.modules.size()) + " modules";
    return lc::status_of(packages.problems);
  });
  auto verified = steps.run("verify contents", [&](std::string&) {
    std::vector<std::string> problems;
    for (const auto& module : packages.modules) {
      if (auto status = module->opened->verify(); !status.ok()) problems.push_back(status.text());
    }
    return lc::status_of(problems);
  });
  auto resolved = steps.run("resolve", [&](std::string& remark) {
    const auto status = lc::status_of(lc::fit_together(&packages.modules, remembered));
    remark = lc::labels_of(packages.modules);
    return status;
  });
  std::vector<std::string> problems;
  for (const auto& status : {opened, verified, resolved}) {
    if (!status.ok()) problems.push_back(status.text());
  }
  operation.status = lc::status_of(problems);
  operation.steps = steps.take();
  return operation;
}

namespace lifecycle {

Result<ModulePtr> open_package(const std::filesystem::path& file, bool transient) {
  auto opened = package::Package::open(file);
  if (!opened.ok()) return opened.status();
  if (auto fits = package::check_fits(opened->manifest()); !fits.ok()) return fits;
  auto module = std::make_shared<Module>();
  module->manifest = std::make_shared<const package::Manifest>(opened->manifest());
  module->label = label_of(*module->manifest);
  module->package = file;
  module->transient = transient;
  module->opened = std::move(*opened);
  return module;
}

void open_packages(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& others, Packages* found,
                   const std::string& left_over) {
  auto open = [&](const std::filesystem::path& file, bool transient) {
    auto module = open_package(file, transient);
    if (module.ok()) {
      found->modules.push_back(std::move(*module));
    } else {
      found->problems.push_back(module.status().text());
    }
  };
  const auto in_home = Home::packages_in(folder);
  if (!in_home.ok()) found->problems.push_back(in_home.status().text());
  for (const auto& file : in_home.ok() ? *in_home : std::vector<std::filesystem::path>()) {
    if (file.filename() != left_over) open(file, false);
  }
  for (const auto& file : others) open(file, true);
}

std::string key_of(const package::Manifest& manifest) { return manifest.name + ":" + package::to_string(manifest.version); }

std::map<std::string_view, const Module*> chosen_of(const std::vector<ModulePtr>& modules, const Remembered& remembered) {
  std::map<std::string_view, const Module*> newest, named;
  for (const auto& module : modules) {
    const auto& manifest = *module->manifest;
    if (remembered.stopped.count(key_of(manifest))) continue;
    auto& best = newest[manifest.name];
    if (!best || best->manifest->version < manifest.version) best = module.get();
    const auto active = remembered.active.find(manifest.name);
    if (active == remembered.active.end()) continue;
    if (active->second.empty()) named[manifest.name] = nullptr;
    if (active->second == package::to_string(manifest.version)) named[manifest.name] = module.get();
  }
  named.merge(newest);
  std::erase_if(named, [](const auto& one) { return !one.second; });
  return named;
}

std::vector<std::string> fit_together(std::vector<ModulePtr>* modules, const Remembered& remembered) {
  std::vector<std::string> problems;
  std::map<std::string_view, const Module*> by_label;
  for (const auto& module : *modules) {
    const auto [first, is_first] = by_label.emplace(module->label, module.get());
    if (is_first) continue;
    problems.push_back(module->label + " is there twice: as " + first->second->package.string() + " and as " + module->package.string() +
                       "; remove one of them");
  }
  const auto stopped = std::stable_partition(modules->begin(), modules->end(), [&](const ModulePtr& module) {
    return !remembered.stopped.count(key_of(*module->manifest));
  });
  Manifests running, serving;  // only what is active serves others
  for (auto module = modules->begin(); module != stopped; ++module) running.push_back((*module)->manifest.get());
  for (const auto& [name, module] : chosen_of(*modules, remembered)) serving.push_back(module->manifest.get());
  const Offers offers(serving);
  for (const auto* manifest : running) {
    for (auto& problem : problems_of(*manifest, offers)) problems.push_back(std::move(problem));
  }
  const auto order = start_order(running);
  if (!order.ok()) problems.push_back(order.status().text());
  if (!problems.empty()) return problems;
  std::vector<ModulePtr> ordered;
  for (size_t i : *order) ordered.push_back((*modules)[i]);
  ordered.insert(ordered.end(), stopped, modules->end());
  *modules = std::move(ordered);
  return {};
}

Result<StateFile> open_state(const std::filesystem::path& home) {
  auto state = StateFile::open(Home::data_of(home) / ".container");
  if (!state.ok() || !state->pending()) return state;
  std::error_code ignored;
  state->settle(std::filesystem::exists(Home::modules_of(home) / state->pending()->package, ignored) == state->pending()->present);
  return state;
}

Status status_of(const std::vector<std::string>& problems) {
  std::string lines;
  for (const auto& problem : problems) base::add_to_list(&lines, "\n", problem);
  return lines.empty() ? Status() : Status(Code::kFailedPrecondition, lines);
}

std::string labels_of(const std::vector<ModulePtr>& modules) {
  std::string labels;
  for (const auto& module : modules) base::add_to_list(&labels, ", ", module->label);
  return labels;
}

}  // namespace lifecycle
}  // namespace ark::container
