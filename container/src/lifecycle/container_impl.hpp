/// The container's implementation: its parts, and the operations on them.
///
/// Locks: operation_mutex_ is held by the one operation that runs; state_mutex_ guards what others look at meanwhile and is never held
/// while anything waits or module code runs.
#pragma once

#include <ark/container/container.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "event/dispatcher.hpp"
#include "lifecycle/home.hpp"
#include "lifecycle/incoming.hpp"
#include "lifecycle/module.hpp"
#include "lifecycle/packages.hpp"
#include "lifecycle/resolve.hpp"
#include "lifecycle/runner.hpp"
#include "lifecycle/steps.hpp"
#include "loader/lent_thread.hpp"
#include "package/package.hpp"
#include "service/registry.hpp"

namespace ark::container::lifecycle {

/// Code that could not be unmapped when its module went down.
struct Remains {
  ModuleInfo info;
  std::shared_ptr<Instance> instance;
  std::filesystem::path staged;
};

class ContainerImpl final : public Container {
 public:
  ContainerImpl(Options options, Home home);
  ~ContainerImpl() override = default;
  /// Stops it. Where code of modules had to stay, threads may look at all of this for as long as the process lives: then it is never destroyed.
  static void operator delete(ContainerImpl* container, std::destroying_delete_t);

  Operation start() override;
  Operation stop() override;
  bool ready() const override;
  bool wait_ready(std::chrono::milliseconds timeout) const override;
  Operation install(const std::filesystem::path& package, InstallOptions options) override;
  Operation switch_to(std::string_view selector) override;
  Operation replace(const std::filesystem::path& package, InstallOptions options) override;
  Operation start_module(std::string_view selector) override;
  Operation stop_module(std::string_view selector) override;
  Operation uninstall(std::string_view selector, bool force) override;
  std::vector<ModuleInfo> modules() const override;
  std::vector<ServiceInfo> services() const override;
  Result<WhyInfo> why(std::string_view selector) const override;
  std::vector<Step> start_report() const override;
  Diagnosis diagnose() const override;
  const std::filesystem::path& home() const override { return home_.path(); }

  /// What modules, and the host itself, reach of this container.
  Core& core() { return core_; }

 private:
  enum class Life { kCreated, kStarting, kReady, kStopping, kStopped };
  using Work = std::function<Status(Steps&, ModulePtr&)>;

  // container.cpp
  Operation operate(Life required, const Work& work);
  Status may_operate(Life required) const;
  void set_life(Life life);
  void log(int level, const std::string& source, const std::string& text) const;
  Status compatible(const ark_contract_t& importer, const ark_contract_t& exporter);
  void post(const std::string& label, std::function<void()> work);
  Status read_state();
  Status prepare(Steps& steps, std::vector<ModulePtr>* modules);
  Status start_kind(Kind kind, const std::vector<ModulePtr>& modules, Steps& steps);
  Status stop_all(Steps& steps);

  // doctor.cpp
  void tell_of_crashes() const;

  // operations.cpp: steps that the verbs are made of
  Status stage(Module& module);
  Status bring_up(const ModulePtr& module);
  Status bring_down(const ModulePtr& module);
  void go_live(const ModulePtr& in, const ModulePtr& out);
  void fire(const char* event, const Module* about);
  void deliver(std::vector<std::pair<event::Subscription, event::Event>> handlers);
  void reap();
  Result<ModulePtr> find(std::string_view selector) const;
  ModulePtr active_version_of(const std::string& name) const;
  Manifests manifests_of(const std::function<bool(const Module&)>& which) const;
  void set_state(Module& module, State state, std::string error = {});
  void drop_stage(Module& module);
  void add(const ModulePtr& module);
  void remove(const ModulePtr& module);
  void announce(const ModulePtr& module);
  Status start_and_keep(const ModulePtr& module, Incoming& incoming, const std::map<const Module*, State>& changes, const Module* leaving, Steps& steps);

  // remember.cpp
  Remembered remembered(const std::map<const Module*, State>& changes) const;
  std::optional<Pending> change_to(std::string package, bool present, const std::map<const Module*, State>& changes, std::string remove = {}) const;
  Status refuse_from_inside(const Module& module) const;
  Status check_fit(const package::Manifest& module, const Module* leaving) const;

  const Options options_;
  Home home_;
  Core core_;
  std::unique_ptr<service::Registry> registry_;
  std::unique_ptr<event::Dispatcher> dispatcher_;
  std::unique_ptr<Runner> runner_;
  std::mutex operation_mutex_;
  uint64_t next_operation_ = 1;  // guarded by operation_mutex_, as the next three
  uint32_t next_generation_ = 1;
  std::optional<StateFile> state_;  // once the start has read it
  std::vector<ModulePtr> started_;  // in the order of their start

  std::mutex compatible_mutex_;
  std::map<std::pair<uint64_t, uint64_t>, Status> compatible_;  // guarded by compatible_mutex_; by digests of importer and exporter

  std::atomic<bool> abandoned_{false};  // the owner has gone: no callback of its options is called any more

  mutable std::mutex state_mutex_;
  mutable std::condition_variable life_changed_;
  Life life_ = Life::kCreated;     // guarded by state_mutex_, as all below
  std::vector<ModulePtr> modules_;
  std::vector<Remains> remains_;
  std::vector<Step> start_report_;

  loader::LentThread lent_;  // last, so that it ends first: the notice it runs uses what stands above
};

}  // namespace ark::container::lifecycle
