// What the next start has to know of the modules beside their packages.
#include <set>

#include "lifecycle/container_impl.hpp"

namespace ark::container::lifecycle {

/// What the durable modules are remembered by, if those of `changes` were in other states; UNLOADED: not there.
Remembered ContainerImpl::remembered(const std::map<const Module*, State>& changes) const {
  std::vector<ModulePtr> durable;
  std::set<std::string> transient;  // names whose active version is: what holds at the next start is what held before
  std::map<std::string, std::string> active;
  Remembered remembered;
  std::lock_guard lock(state_mutex_);
  for (const auto& module : modules_) {
    const auto changed = changes.find(module.get());
    const State state = changed == changes.end() ? module->state : changed->second;
    if (state == State::kUnloaded) continue;
    const auto& manifest = *module->manifest;
    if (state == State::kActivated && module->transient) transient.insert(manifest.name);
    if (module->transient) continue;
    durable.push_back(module);
    if (state == State::kStopped || state == State::kBroken) remembered.stopped.insert(key_of(manifest));
    if (state == State::kActivated) active[manifest.name] = package::to_string(manifest.version);
  }
  for (const auto& [name, module] : chosen_of(durable, remembered)) {
    const std::string key(name);
    if (transient.count(key)) {
      const auto before = state_->now().active.find(key);
      if (before != state_->now().active.end()) remembered.active.insert(*before);
    } else if (active[key] != package::to_string(module->manifest->version)) {
      remembered.active[key] = active[key];
    }
  }
  return remembered;
}

/// Nothing, if the packages alone will say the same.
std::optional<Pending> ContainerImpl::change_to(std::string package, bool present, const std::map<const Module*, State>& changes,
                                                std::string remove) const {
  Pending pending{std::move(package), present, std::move(remove), remembered(changes)};
  if (pending.then == state_->now() && pending.remove.empty()) return {};
  return pending;
}

}  // namespace ark::container::lifecycle
