/// The container's implementation: its parts, and the operations on them.
///
/// Locks, in the order in which they are taken: the turn of a name (one operation on it at a time); plan_mutex_, held
/// while it is decided what fits together, never while anything waits; those of the parts. No module code runs with any
/// of them held but the turn.
#pragma once

#include <ark/container/container.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "event/dispatcher.hpp"
#include "event/journal.hpp"
#include "lifecycle/announce.hpp"
#include "lifecycle/claim.hpp"
#include "health/checks.hpp"
#include "lifecycle/home.hpp"
#include "lifecycle/incoming.hpp"
#include "lifecycle/operation_list.hpp"
#include "lifecycle/reaper.hpp"
#include "lifecycle/ledger.hpp"
#include "lifecycle/module.hpp"
#include "lifecycle/module_set.hpp"
#include "lifecycle/packages.hpp"
#include "lifecycle/requests.hpp"
#include "lifecycle/runner.hpp"
#include "loader/global_scope.hpp"
#include "loader/lent_pool.hpp"
#include "loader/lent_thread.hpp"
#include "service/registry.hpp"

namespace ark::container::lifecycle {

class ContainerImpl final : public Container {
 public:
  ContainerImpl(Options options, Home home);
  ~ContainerImpl() override = default;
  /// Stops it. Where code of modules had to stay, threads may look at all of this for as long as the process lives:
  /// then it is never destroyed.
  static void operator delete(ContainerImpl* container, std::destroying_delete_t);

  Operation start() override;
  void cancel_start() override;
  Operation stop() override;
  bool ready() const override;
  bool wait_ready(std::chrono::milliseconds timeout) const override;
  Operation install(const std::filesystem::path& package, InstallOptions options, By by) override;
  Operation switch_to(std::string_view selector, By by) override;
  Operation replace(const std::filesystem::path& package, InstallOptions options, By by) override;
  Operation start_module(std::string_view selector, By by) override;
  Operation stop_module(std::string_view selector, bool force, By by) override;
  Operation uninstall(std::string_view selector, bool force, By by) override;
  std::vector<Operation> operations() const override { return operation_list_.list(); }
  std::vector<ModuleInfo> modules() const override;
  std::vector<ServiceInfo> services() const override { return registry_->services(); }
  Result<WhyInfo> why(std::string_view selector) const override;
  std::vector<HealthInfo> health() const override;
  Result<HealthInfo> health(std::string_view selector) const override;
  std::vector<Step> start_report() const override;
  Diagnosis diagnose() const override;
  EventPage events(uint64_t since) const override { return event_journal_.since(since); }
  uint64_t last_event() const override { return event_journal_.last(); }
  void on_event(uint64_t since, std::function<void()> tell) override {
    event_journal_.on_entry(since, std::move(tell));
  }
  const std::filesystem::path& home() const override { return home_.path(); }

  /// What modules, and the host itself, reach of this container.
  Core& core() { return core_; }

  // host_module.cpp
  Status add_host(std::shared_ptr<const package::Manifest> manifest, std::shared_ptr<ark_generation_t> generation);
  void remove_host(const ark_generation_t& generation);

 private:
  enum class Life { kCreated, kStarting, kReady, kStopping, kStopped };

  /// Which life an operation needs, and which there is while it runs.
  struct LifeChange {
    LifeChange(Life only) : before(only), during(only) {}
    LifeChange(Life needed, Life then) : before(needed), during(then) {}
    Life before, during;
  };

  /// An operation at work.
  struct Job {
    TaskPtr task;
    By by;
    ModulePtr about;  ///< once it is known
    Steps& steps() const { return task->steps; }
    std::string cause() const { return task->text(); }
  };
  using Work = std::function<Status(Job&)>;

  // container.cpp
  Operation operate(LifeChange life, std::string verb, std::string subject, const By& by, const Work& work);
  Status perform(LifeChange life, Job& job, const Work& work);
  void log_end(const Operation& operation, double took_ms) const;
  Status may_operate(Life required) const;
  void change_life(Life life);
  void set_life(Life life);
  void log(int level, const std::string& source, const std::string& text) const;
  Status compatible(const ark_contract_t& importer, const ark_contract_t& exporter);
  void post(const std::string& label, std::function<void()> work);
  Limits limits_of(const std::string& name) const;
  StartPolicy policy_of(const std::string& name) const;

  // doctor.cpp
  void tell_of_previous_run() const;
  // host_module.cpp
  Status check_definitions(const Module& module) const;
  void tell_of_foreign_libraries() const;
  Status refuse_host(const std::string& name) const;

  // master.cpp
  Status refuse_master(const Module& module) const;

  // health.cpp
  HealthInfo health_of(const Module& module) const;
  size_t count_askable(const std::vector<ModulePtr>& modules) const;
  Status wait_healthy(Job& job, const ModulePtr& module);
  bool stay_ready(std::chrono::milliseconds time);

  // boot.cpp: the container as a whole
  Status prepare(Job& job, StartPlan* plan);
  Status start_wave(Job& job, const std::vector<ModulePtr>& wave, StartPlan* plan);
  std::vector<Status> bring_up_wave(Job& job, const std::vector<ModulePtr>& wave);
  Status missing_for(const Module& module, const StartPlan& plan) const;
  bool pause(std::chrono::milliseconds time);
  Status finish_start(Job& job, const StartPlan& plan);
  Status stop_all(Job& job);

  // transitions.cpp: steps that the verbs are made of
  Status stage(Module& module);
  Result<std::shared_ptr<Ascent>> prepare_ascent(Job& job, const ModulePtr& module);
  Status take_ascent(Job& job, const ModulePtr& module, const Ascent& ascent);
  Status bring_up(Job& job, const ModulePtr& module);
  Status take_down(Module& module);
  Status bring_down(Job& job, const ModulePtr& module);
  void go_live(Job& job, const ModulePtr& in, const ModulePtr& out);
  void stay_inactive(const ModulePtr& module);
  bool reap();
  void drop_stage(Module& module);

  // admission.cpp
  Status take_turn(Job& job, const std::string& name, OperationList::Turn* turn);
  Result<ModulePtr> take(Job& job, std::string_view selector, OperationList::Turn* turn);
  Result<ModulePtr> open_for(Job& job, const std::filesystem::path& file, bool transient, OperationList::Turn* turn);
  Result<ModulePtr> active_version_of(const package::Manifest& manifest) const;
  Status refuse_from_inside(const Job& job, const Module& module) const;
  Status check_fit(const package::Manifest& module, const Module* leaving, std::string* remark) const;
  Status admit_leave(Job& job, const ModulePtr& module, bool force, Claim* claim);
  Status admit(Job& job, const ModulePtr& module, const ModulePtr& out, bool goes_live, Claim* claim);

  // operations.cpp
  void remove(const ModulePtr& module);
  Status start_new(Job& job, const ModulePtr& module, const ModulePtr& out, Incoming& incoming,
                   const std::function<Status()>& keep);
  Status keep(const ModulePtr& module, Result<Ledger::Brought> brought);
  State kept_state(bool goes_live, const ModulePtr& active) const;
  Status activate(Job& job, const ModulePtr& module, bool goes_live, const ModulePtr& active, const ModulePtr& out);
  void tell_if_none_is_active(const Module& gone, std::string* remark) const;

  const Options options_;
  const std::vector<std::filesystem::path> foreign_ = loader::foreign_libraries();  ///< of the host program
  Home home_;
  Core core_;
  std::unique_ptr<service::Registry> registry_;
  event::Journal event_journal_;
  std::unique_ptr<event::Dispatcher> dispatcher_;
  std::unique_ptr<Announcer> announcer_;
  Resources resources_{[this](const std::string& text) { log(ARK_LOG_INFO, "container", text); }};
  std::unique_ptr<health::Checks> checks_;
  OperationList operation_list_;
  Ledger ledger_;
  ModuleSet modules_;
  mutable std::mutex plan_mutex_;  // nothing is added to the modules, taken from them, or promised to others, but with it
  std::atomic<uint32_t> next_generation_{1};
  std::mutex reaping_;

  std::mutex compatible_mutex_;
  std::map<std::pair<uint64_t, uint64_t>, Status>
      compatible_;  // guarded by compatible_mutex_; by digests of importer and exporter

  std::atomic<bool> abandoned_{false};  // the owner has gone: no callback of its options is called any more

  mutable std::mutex life_mutex_;
  mutable std::condition_variable life_changed_;
  Life life_ = Life::kCreated;  // guarded by life_mutex_, as all below
  bool start_cancelled_ = false;
  std::vector<Step> start_report_;

  loader::LentPool lent_;  // for constructors and destructors
  std::unique_ptr<Runner> runner_;
  loader::LentThread
      events_;  // for handlers and notices; at the end, so that it ends early: the notice it runs uses what stands above
  std::unique_ptr<Requests> requests_;  // ends before that: it posts notices
  Reaper reaper_;
};

}  // namespace ark::container::lifecycle
