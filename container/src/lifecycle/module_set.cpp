#include "lifecycle/module_set.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace ark::container::lifecycle {
namespace {

constexpr size_t kHistory = 32;  ///< states that are kept of each module

}  // namespace

Result<ModulePtr> ModuleSet::find(std::string_view selector) const {
  const auto colon = selector.find(':');
  const auto name = selector.substr(0, colon);
  const auto version = colon == std::string_view::npos ? std::string_view() : selector.substr(colon + 1);
  const auto locked = lock();
  std::vector<ModulePtr> found;
  std::string there;
  for (const auto& module : modules_) {
    if (module->manifest->name != name) continue;
    const auto same = [&](const ModulePtr& other) { return other->manifest->version == module->manifest->version; };
    if (std::any_of(found.begin(), found.end(), same)) continue;  // it is replacing that one
    base::add_to_list(&there, ", ", package::to_string(module->manifest->version));
    if (version.empty() || package::to_string(module->manifest->version) == version) found.push_back(module);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return Status(Code::kInvalidArgument, "'" + std::string(name) + "' is ambiguous: there are versions " + there +
                                              "; say " + std::string(name) + ":VERSION");
  }
  if (!there.empty()) {
    return Status(Code::kNotFound,
                  "there is no version " + std::string(version) + " of " + std::string(name) + "; there is " + there);
  }
  std::set<std::string> all;
  for (const auto& module : modules_) all.insert(module->manifest->name);
  std::string names;
  for (const auto& name : all) base::add_to_list(&names, ", ", name);
  return Status(Code::kNotFound, "there is no module '" + std::string(name) + "'" +
                                     (names.empty() ? "; none is installed" : "; there are " + names));
}

std::vector<ModulePtr> ModuleSet::all() const {
  const auto locked = lock();
  return modules_;
}

void ModuleSet::visit(const std::function<void(const Module&)>& look) const {
  const auto locked = lock();
  for (const auto& module : modules_) look(*module);
}

std::vector<ModulePtr> ModuleSet::active_versions_of(const std::string& name) const {
  const auto locked = lock();
  std::vector<ModulePtr> active;
  std::copy_if(modules_.begin(), modules_.end(), std::back_inserter(active),
               [&](const ModulePtr& m) { return m->state == State::kActivated && m->manifest->name == name; });
  return active;
}

Manifests ModuleSet::manifests_of(const std::function<bool(const Module&)>& which) const {
  const auto locked = lock();
  Manifests manifests;
  for (const auto& module : modules_) {
    if (which(*module)) manifests.push_back(module->manifest.get());
  }
  return manifests;
}

std::vector<Offers::Idle> ModuleSet::idle() const {
  const auto locked = lock();
  std::vector<Offers::Idle> idle;
  for (const auto& module : modules_) {
    if (!module->serves() && !module->coming) idle.push_back({module->manifest.get(), std::string(state_name(module->state))});
  }
  return idle;
}

void ModuleSet::add(const ModulePtr& module) {
  const auto locked = lock();
  modules_.push_back(module);
}

void ModuleSet::remove(const ModulePtr& module) {
  const auto locked = lock();
  std::erase(modules_, module);
}

void ModuleSet::set_state(Module& module, State state, const std::string& cause, std::string error) {
  const StateChange change{state, std::chrono::system_clock::now(), cause, std::move(error)};
  StateChange before;
  {
    const auto locked = lock();
    before.state = std::exchange(module.state, state);
    module.history.push_back(change);
    if (module.history.size() > kHistory) module.history.pop_front();
  }
  if (before.state != state) changed_(module, before, change);
}

void ModuleSet::add_remains(Remains remains) {
  const auto locked = lock();
  remains_.push_back(std::move(remains));
}

std::vector<Remains> ModuleSet::remains() const {
  const auto locked = lock();
  return remains_;
}

void ModuleSet::update_remains(const Instance& instance, State state, const std::vector<std::string>& reasons) {
  const auto locked = lock();
  for (auto& one : remains_) {
    if (one.instance.get() != &instance) continue;
    one.info.state = state;
    one.info.reasons = reasons;
  }
}

void ModuleSet::remove_remains(const Instance& instance) {
  const auto locked = lock();
  std::erase_if(remains_, [&](const Remains& one) { return one.instance.get() == &instance; });
}

}  // namespace ark::container::lifecycle
