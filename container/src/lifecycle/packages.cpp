#include "lifecycle/packages.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "lifecycle/home.hpp"
#include "lifecycle/resolve.hpp"
#include "lifecycle/steps.hpp"

namespace ark::container {

/// A start without its effects: nothing is made, nothing runs. What a policy would leave out is wrong all the same.
Operation Container::check(const Options& options) {
  namespace lc = lifecycle;
  const lc::Skips none = [](const std::string&) { return false; };
  Operation operation;
  lc::Steps steps;
  lc::StartPlan plan;
  lc::Remembered remembered;
  (void)steps.run("open packages", [&](std::string& remark) {
    if (std::error_code unknown; !std::filesystem::exists(options.home, unknown) && !unknown) {
      plan.problems.push_back("there is no home '" + options.home.string() + "'; a start makes one, without modules");
      return lc::status_of(plan.problems);
    }
    auto state = lc::open_state(options.home);
    if (state.ok()) remembered = state->now();
    if (!state.ok()) plan.problems.push_back(state.status().text());
    const auto left_over = state.ok() ? state->left_over() : std::set<std::string>();
    const auto nothing = [](lc::Module&) { return Status(); };
    lc::open_packages(lc::Home::modules_of(options.home), options.modules, left_over, none, nothing, &plan);
    remark = base::counted(plan.modules.size(), "module");
    return lc::status_of(plan.problems);
  });
  (void)steps.run("verify contents", [&](std::string&) {
    std::vector<std::string> problems;
    for (const auto& module : plan.modules) {
      if (auto status = module->opened->verify(); !status.ok()) problems.push_back(status.text());
    }
    plan.problems.insert(plan.problems.end(), problems.begin(), problems.end());
    return lc::status_of(problems);
  });
  (void)steps.run("resolve", [&](std::string& remark) {
    lc::StartPlan fitted;
    fitted.modules = plan.modules;
    lc::fit_together(remembered, options.several_active, none, &fitted);
    lc::check_master(options.master, &fitted);
    plan.problems.insert(plan.problems.end(), fitted.problems.begin(), fitted.problems.end());
    remark = lc::remark_of(fitted);
    for (const auto& text : lc::configured_in_vain(options.policies, fitted)) base::add_to_list(&remark, "; ", text);
    return lc::status_of(fitted.problems);
  });
  operation.status = lc::status_of(plan.problems);
  operation.steps = steps.all();
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

namespace {

/// For a package that cannot be read: "orders-1.0.0.ark" says of which module it is.
ModulePtr stand_in(const std::filesystem::path& file, bool transient) {
  const auto stem = file.stem().string();
  package::Manifest manifest;
  manifest.name = stem;
  for (size_t dash = stem.find('-'); dash != stem.npos; dash = stem.find('-', dash + 1)) {
    auto version = package::parse_version(stem.substr(dash + 1));
    if (!version.ok()) continue;
    manifest.name = stem.substr(0, dash);
    manifest.version = *version;
    break;
  }
  auto module = std::make_shared<Module>();
  module->manifest = std::make_shared<const package::Manifest>(std::move(manifest));
  module->label = label_of(*module->manifest);
  module->package = file;
  module->transient = transient;
  return module;
}

/// Of each name the versions that are remembered as active, else the newest, or all if several may be; none that is
/// stopped.
std::set<const Module*> active_of(const std::vector<ModulePtr>& modules, const Remembered& remembered,
                                  bool several_active) {
  std::map<std::string_view, std::vector<const Module*>> guessed, named;
  const auto add = [&](std::vector<const Module*>& versions, const Module* module) {
    if (several_active || versions.empty()) return versions.push_back(module);
    if (versions.front()->manifest->version < module->manifest->version) versions.front() = module;
  };
  for (const auto& module : modules) {
    const auto& manifest = *module->manifest;
    add(guessed[manifest.name], module.get());
    const auto active = remembered.active.find(manifest.name);
    if (active == remembered.active.end()) continue;
    if (active->second.empty()) named[manifest.name];
    if (active->second.count(package::to_string(manifest.version))) add(named[manifest.name], module.get());
  }
  named.merge(guessed);
  std::set<const Module*> active;
  for (const auto& [name, versions] : named) active.insert(versions.begin(), versions.end());
  return active;
}

void find_twins(StartPlan* plan) {
  std::map<std::string_view, const Module*> by_label;
  for (const auto& module : plan->modules) {
    const auto [first, is_first] = by_label.emplace(module->label, module.get());
    if (is_first) continue;
    plan->problems.push_back(module->label + " is there twice: as " + first->second->package.string() + " and as " +
                             module->package.string() + "; remove one of them");
  }
}

/// Those that are there and will serve nobody.
std::vector<Offers::Idle> idle_of(const StartPlan& plan, const Remembered& remembered) {
  std::vector<Offers::Idle> idle;
  for (const auto& module : plan.modules) {
    const bool is_stopped = remembered.stopped.count(key_of(*module->manifest)) > 0;
    const bool is_broken = plan.left_out.count(module.get()) > 0;
    if (!is_stopped && !is_broken && plan.active.count(module.get())) continue;
    const auto state = is_stopped ? State::kStopped : is_broken ? State::kBroken : State::kDeactivated;
    idle.push_back({module->manifest.get(), std::string(state_name(state))});
  }
  return idle;
}

/// Each that does not fit may be what others need: until nothing changes any more. The problems that are left cannot be
/// passed over.
std::vector<std::string> leave_out_misfits(const Skips& skips, const Remembered& remembered,
                                           std::vector<ModulePtr>* running, StartPlan* plan) {
  for (;;) {
    Manifests serving;  // only what is active serves others
    for (const auto& host : plan->hosts) serving.push_back(host->manifest.get());
    for (const auto& module : *running) {
      if (plan->active.count(module.get())) serving.push_back(module->manifest.get());
    }
    const Offers offers(serving, idle_of(*plan, remembered));
    std::vector<std::string> problems;
    const auto before = running->size();
    std::erase_if(*running, [&](const ModulePtr& module) {
      const auto own = problems_of(*module->manifest, offers);
      const bool leaves = !own.empty() && skips(module->manifest->name);
      if (leaves) plan->left_out[module.get()] = status_of(own).text();
      if (!leaves) problems.insert(problems.end(), own.begin(), own.end());
      return leaves;
    });
    if (running->size() == before) return problems;
  }
}

}  // namespace

void open_packages(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& others,
                   const std::set<std::string>& left_over, const Skips& skips,
                   const std::function<Status(Module&)>& then, StartPlan* plan) {
  auto open = [&](const std::filesystem::path& file, bool transient) {
    const auto opened = open_package(file, transient);
    const auto module = opened.ok() ? *opened : stand_in(file, transient);
    const auto status = opened.ok() ? then(*module) : opened.status();
    const bool is_skipped = !status.ok() && skips(module->manifest->name);
    if (is_skipped) plan->left_out[module.get()] = status.text();
    if (!status.ok() && !is_skipped) plan->problems.push_back(status.text());
    if (opened.ok() || is_skipped) plan->modules.push_back(module);
  };
  const auto in_home = Home::packages_in(folder);
  if (!in_home.ok()) plan->problems.push_back(in_home.status().text());
  for (const auto& file : in_home.ok() ? *in_home : std::vector<std::filesystem::path>()) {
    if (!left_over.count(file.filename())) open(file, false);
  }
  for (const auto& file : others) open(file, true);
}

std::string key_of(const package::Manifest& manifest) {
  return manifest.name + ":" + package::to_string(manifest.version);
}

void fit_together(const Remembered& remembered, bool several_active, const Skips& skips, StartPlan* plan) {
  find_twins(plan);
  std::vector<ModulePtr> running;
  for (const auto& module : plan->modules) {
    if (!remembered.stopped.count(key_of(*module->manifest))) running.push_back(module);
  }
  plan->active = active_of(running, remembered,
                           several_active);  // what is left out keeps its place: nobody else is active instead
  std::erase_if(running, [&](const ModulePtr& module) { return plan->left_out.count(module.get()) > 0; });
  auto problems = leave_out_misfits(skips, remembered, &running, plan);
  Manifests manifests;
  for (const auto& module : running) manifests.push_back(module->manifest.get());
  const auto waves = start_waves(manifests);
  if (!waves.ok()) problems.push_back(waves.status().text());
  plan->problems.insert(plan->problems.end(), problems.begin(), problems.end());
  if (!waves.ok()) return;
  for (const auto& wave : *waves) {
    auto& modules = plan->waves.emplace_back();
    for (size_t i : wave) modules.push_back(running[i]);
  }
}

Result<StateFile> open_state(const std::filesystem::path& home) {
  auto state = StateFile::open(Home::state_of(home));
  if (!state.ok() || !state->pending()) return state;
  std::error_code ignored;
  state->settle(std::filesystem::exists(Home::modules_of(home) / state->pending()->package, ignored) ==
                state->pending()->present);
  return state;
}

Status status_of(const std::vector<std::string>& problems) {
  std::string lines;
  for (const auto& problem : problems) base::add_to_list(&lines, "\n", problem);
  return lines.empty() ? Status() : Status(Code::kFailedPrecondition, lines);
}

std::string labels_of(const StartPlan& plan) {
  std::string labels;
  for (const auto& wave : plan.waves) {
    for (const auto& module : wave) base::add_to_list(&labels, ", ", module->label);
  }
  return labels;
}

std::vector<std::string> configured_in_vain(const std::map<std::string, ModulePolicy>& policies, const StartPlan& plan) {
  std::vector<std::string> in_vain;
  for (const auto& [name, policy] : policies) {
    const auto is_meant = [&name = name](const ModulePtr& module) { return module->manifest->name == name; };
    if (std::any_of(plan.modules.begin(), plan.modules.end(), is_meant) ||
        std::any_of(plan.hosts.begin(), plan.hosts.end(), is_meant)) {
      continue;
    }
    in_vain.push_back("modules." + name + " is configured, and there is no module '" + name + "'");
  }
  return in_vain;
}

std::string remark_of(const StartPlan& plan) {
  Manifests serving;
  for (const auto* module : plan.active) {
    if (!plan.left_out.count(module)) serving.push_back(module->manifest.get());
  }
  auto text = labels_of(plan);
  for (const auto& shadowed : shadowed_among(Offers(serving))) base::add_to_list(&text, "; ", shadowed);
  return text;
}

}  // namespace lifecycle
}  // namespace ark::container
