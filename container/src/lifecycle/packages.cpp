#include "lifecycle/packages.hpp"

#include <utility>

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
  auto opened = steps.run("open packages", [&](std::string& remark) {
    packages = lc::open_packages(lc::Home::modules_of(options.home), options.modules);
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
    const auto status = lc::status_of(lc::fit_together(&packages.modules));
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

Packages open_packages(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& others) {
  Packages found;
  auto open = [&](const std::filesystem::path& file, bool transient) {
    auto module = open_package(file, transient);
    if (module.ok()) {
      found.modules.push_back(std::move(*module));
    } else {
      found.problems.push_back(module.status().text());
    }
  };
  const auto in_home = Home::packages_in(folder);
  if (!in_home.ok()) found.problems.push_back(in_home.status().text());
  for (const auto& file : in_home.ok() ? *in_home : std::vector<std::filesystem::path>()) open(file, false);
  for (const auto& file : others) open(file, true);
  return found;
}

std::map<std::string_view, const Module*> newest_of(const std::vector<ModulePtr>& modules) {
  std::map<std::string_view, const Module*> newest;
  for (const auto& module : modules) {
    auto& best = newest[module->manifest->name];
    if (!best || best->manifest->version < module->manifest->version) best = module.get();
  }
  return newest;
}

std::vector<std::string> fit_together(std::vector<ModulePtr>* modules) {
  std::vector<std::string> problems;
  Manifests manifests;
  std::map<std::string_view, const Module*> by_label;
  for (const auto& module : *modules) {
    manifests.push_back(module->manifest.get());
    const auto [first, is_first] = by_label.emplace(module->label, module.get());
    if (is_first) continue;
    problems.push_back(module->label + " is there twice: as " + first->second->package.string() + " and as " + module->package.string() +
                       "; remove one of them");
  }
  Manifests serving;  // of several versions of a name the newest becomes active, and only what is active serves others
  for (const auto& [name, module] : newest_of(*modules)) serving.push_back(module->manifest.get());
  const Offers offers(serving);
  for (const auto* manifest : manifests) {
    for (auto& problem : problems_of(*manifest, offers)) problems.push_back(std::move(problem));
  }
  const auto order = start_order(manifests);
  if (!order.ok()) problems.push_back(order.status().text());
  if (!problems.empty()) return problems;
  std::vector<ModulePtr> ordered;
  for (size_t i : *order) ordered.push_back((*modules)[i]);
  *modules = std::move(ordered);
  return {};
}

Status status_of(const std::vector<std::string>& problems) {
  std::string lines;
  for (const auto& problem : problems) lines += (lines.empty() ? "" : "\n") + problem;
  return lines.empty() ? Status() : Status(Code::kFailedPrecondition, lines);
}

std::string labels_of(const std::vector<ModulePtr>& modules) {
  std::string labels;
  for (const auto& module : modules) labels += (labels.empty() ? "" : ", ") + module->label;
  return labels;
}

}  // namespace lifecycle
}  // namespace ark::container
