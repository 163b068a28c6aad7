/// The modules that a container has, and what is left of the code of those that it had.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/module.hpp"
#include "lifecycle/resolve.hpp"

namespace ark::container::lifecycle {

/// Code that could not be unmapped when its module went down.
struct Remains {
  ModuleInfo info;
  std::shared_ptr<Instance> instance;
  std::filesystem::path staged;
};

/// Thread safety: any thread. What others may look at of a module is changed with the lock held; nothing waits, and no
/// module code runs, meanwhile.
class ModuleSet {
 public:
  /// Told of each change to another state, with nothing locked here.
  using Changed = std::function<void(const Module&, const StateChange& from, const StateChange& to)>;
  explicit ModuleSet(Changed changed) : changed_(std::move(changed)) {}

  std::unique_lock<std::mutex> lock() const { return std::unique_lock(mutex_); }

  /// NAME or NAME:VERSION. NOT_FOUND and INVALID_ARGUMENT (ambiguous) say what there is.
  Result<ModulePtr> find(std::string_view selector) const;
  std::vector<ModulePtr> all() const;
  /// All as they are at one moment: the lock is held.
  void visit(const std::function<void(const Module&)>& look) const;
  std::vector<ModulePtr> active_versions_of(const std::string& name) const;
  /// They live as long as their modules stay in the set.
  Manifests manifests_of(const std::function<bool(const Module&)>& which) const;

  /// Those that serve nobody.
  std::vector<Offers::Idle> idle() const;
  void add(const ModulePtr& module);
  void remove(const ModulePtr& module);

  void set_state(Module& module, State state, const std::string& cause, std::string error = {});

  // ---- remains
  void add_remains(Remains remains);
  std::vector<Remains> remains() const;
  /// Looked at again: they are what `info` says now.
  void update_remains(const Instance& instance, State state, const std::vector<std::string>& reasons);
  void remove_remains(const Instance& instance);

 private:
  const Changed changed_;
  mutable std::mutex mutex_;
  std::vector<ModulePtr> modules_;  // guarded by mutex_
  std::vector<Remains> remains_;    // guarded by mutex_
};

}  // namespace ark::container::lifecycle
