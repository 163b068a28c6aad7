// The start and the stop of the container as a whole.
#include <algorithm>

#include "base/text.hpp"
#include "lifecycle/container_impl.hpp"

namespace ark::container::lifecycle {
namespace {

constexpr const char* kCancelled = "the start was cancelled";
constexpr auto kLongestBackoff = std::chrono::milliseconds(30'000);

std::string step_of(const Module& module) {
  return "start " + std::string(kind_name(module.manifest->kind)) + " " + module.label;
}

std::chrono::milliseconds backoff_of(const StartPolicy& policy, int attempt) {
  auto backoff = policy.backoff;
  for (int i = 1; i < attempt && backoff < kLongestBackoff; ++i) backoff *= 2;
  return std::min(backoff, kLongestBackoff);
}

}  // namespace

// ---- start ----

Operation ContainerImpl::start() {
  return operate({Life::kCreated, Life::kStarting}, "start", "the container", {}, [this](Job& job) {
    tell_of_previous_run();
    tell_of_foreign_libraries();
    StartPlan plan;
    auto status = prepare(job, &plan);
    for (size_t i = 0; status.ok() && i < plan.waves.size(); ++i) status = start_wave(job, plan.waves[i], &plan);
    if (status.ok()) status = finish_start(job, plan);
    if (!status.ok()) {
      set_life(Life::kStopping);
      const auto rolled_back = job.steps().run("roll back", [&](std::string&) { return stop_all(job); });
      if (!rolled_back.ok()) status = Status(Code::kModuleFailed, status.text() + "; " + rolled_back.text());
    }
    {
      std::lock_guard lock(life_mutex_);
      start_report_ = job.steps().all();
    }
    set_life(status.ok() ? Life::kReady : Life::kStopped);
    return status;
  });
}

/// Everything that is wrong with any package, or between them, is said at once, before any code runs.
Status ContainerImpl::prepare(Job& job, StartPlan* plan) {
  const Skips skips = [this](const std::string& name) { return policy_of(name).skip; };
  (void)job.steps().run("open packages", [&](std::string& remark) {
    const auto read = ledger_.open();
    if (!read.ok()) plan->problems.push_back(read.text());
    open_packages(home_.modules(), options_.modules, {}, skips, [this](Module& module) { return stage(module); }, plan);
    remark = base::counted(plan->modules.size(), "module");
    return status_of(plan->problems);
  });
  const auto before = plan->problems.size();
  (void)job.steps().run("resolve", [&](std::string& remark) {
    plan->hosts = modules_.all();  // there is nothing else yet
    fit_together(ledger_.is_open() ? ledger_.remembered() : Remembered(), options_.several_active, skips, plan);
    check_host_names(plan);
    check_master(options_.master, plan);
    remark = remark_of(*plan);
    for (const auto& text : configured_in_vain(options_.policies, *plan)) log(ARK_LOG_WARN, "container", text);
    return status_of({plan->problems.begin() + static_cast<std::ptrdiff_t>(before), plan->problems.end()});
  });
  if (!plan->problems.empty()) return status_of(plan->problems);
  for (const auto& module : plan->modules) modules_.add(module);
  for (const auto& module : plan->modules) {
    const auto left_out = plan->left_out.find(module.get());
    const bool stopped = ledger_.remembered().stopped.count(key_of(*module->manifest)) > 0;
    if (left_out == plan->left_out.end()) {
      modules_.set_state(*module, stopped ? State::kStopped : State::kResolved, job.cause());
      continue;
    }
    modules_.set_state(*module, State::kBroken, job.cause(), left_out->second);
    log(ARK_LOG_ERROR, module->label, "the start goes on without it: " + left_out->second);
  }
  return {};
}

/// Those of one wave are constructed at the same time, and go live one after the other: events have the same order at
/// each start.
Status ContainerImpl::start_wave(Job& job, const std::vector<ModulePtr>& wave, StartPlan* plan) {
  if (!pause(std::chrono::milliseconds(0))) return Status(Code::kStopping, kCancelled);
  Status failure;
  std::vector<ModulePtr> starting;
  const auto failed = [&](const ModulePtr& module, const Status& why) {
    if (policy_of(module->manifest->name).skip) {
      plan->left_out[module.get()] = why.text();
      log(ARK_LOG_ERROR, module->label, "the start goes on without it: " + why.text());
    } else if (failure.ok()) {
      failure = why;
    }
  };
  for (const auto& module : wave) {
    auto hindrance = missing_for(*module, *plan);
    if (hindrance.ok()) hindrance = announcer_->before_startup(*module);
    if (hindrance.ok()) {
      starting.push_back(module);
      continue;
    }
    job.steps().end(job.steps().begin(step_of(*module)), hindrance.text());
    modules_.set_state(*module, State::kBroken, job.cause(), hindrance.text());
    failed(module, hindrance);
  }
  if (!failure.ok()) return failure;
  const auto came_up = bring_up_wave(job, starting);
  for (size_t i = 0; i < starting.size() && failure.ok(); ++i) {
    const auto& module = starting[i];
    if (!came_up[i].ok()) {
      announcer_->startup_failed(*module, came_up[i]);
      failed(module, came_up[i]);
      continue;
    }
    if (plan->active.count(module.get())) {
      go_live(job, module, nullptr);
    } else {
      stay_inactive(module);
    }
    announcer_->after_startup(*module);
  }
  return failure;
}

/// How each of them fared, after the retries that its policy gives it.
std::vector<Status> ContainerImpl::bring_up_wave(Job& job, const std::vector<ModulePtr>& wave) {
  std::vector<Status> statuses(wave.size());
  std::vector<size_t> left(wave.size());
  for (size_t i = 0; i < wave.size(); ++i) left[i] = i;
  for (int attempt = 0; !left.empty(); ++attempt) {
    std::vector<std::shared_ptr<Ascent>> ascents;
    std::vector<std::pair<size_t, size_t>> steps;  // of the wave's module, and of its step
    for (size_t i : left) {
      const auto step = job.steps().begin(step_of(*wave[i]));
      auto ascent = prepare_ascent(job, wave[i]);
      statuses[i] = ascent.status();
      if (!ascent.ok()) {
        modules_.set_state(*wave[i], State::kBroken, job.cause(), ascent.status().text());
        job.steps().end(step, ascent.status().text());
        continue;
      }
      ascents.push_back(*ascent);
      steps.emplace_back(i, step);
    }
    runner_->bring_up(ascents);
    for (size_t k = 0; k < ascents.size(); ++k) {
      const auto [i, step] = steps[k];
      const auto& ascent = *ascents[k];
      statuses[i] = take_ascent(job, wave[i], ascent);
      job.steps().end(step, ascent.began(), ascent.load_ms() + ascent.start_ms(),
                      statuses[i].ok() ? "ok" : statuses[i].text());
    }
    std::chrono::milliseconds longest{0};
    std::erase_if(left, [&](size_t i) {
      const auto policy = policy_of(wave[i]->manifest->name);
      if (statuses[i].ok() || attempt >= policy.retries) return true;
      longest = std::max(longest, backoff_of(policy, attempt + 1));
      log(ARK_LOG_WARN, wave[i]->label,
          "is tried again, " + std::to_string(attempt + 1) + " of " + std::to_string(policy.retries) + ": " +
              statuses[i].text());
      return false;
    });
    if (left.empty() || pause(longest)) continue;
    for (size_t i : left) statuses[i] = Status(Code::kStopping, std::string(kCancelled) + "; " + statuses[i].text());
    return statuses;
  }
  return statuses;
}

/// What it needs of that which the start goes on without.
Status ContainerImpl::missing_for(const Module& module, const StartPlan& plan) const {
  if (plan.left_out.empty()) return {};
  return status_of(
      problems_of(*module.manifest, Offers(modules_.manifests_of([](const Module& m) { return m.serves(); }), modules_.idle())));
}

/// False: the start has been cancelled.
bool ContainerImpl::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(life_mutex_);
  return !life_changed_.wait_for(lock, time, [this] { return start_cancelled_; });
}

void ContainerImpl::cancel_start() {
  std::lock_guard lock(life_mutex_);
  start_cancelled_ = true;
  life_changed_.notify_all();
}

Status ContainerImpl::finish_start(Job& job, const StartPlan& plan) {
  auto status = job.steps().run("fire ContainerStarted", [&](std::string&) {
    for (const auto& host : plan.hosts) announcer_->host_started(*host);
    announcer_->all_biz_started();
    announcer_->container_started();
    return Status();
  });
  std::vector<Kept> found;
  for (const auto& module : plan.modules) {
    if (module->transient) continue;
    const bool is_active = plan.active.count(module.get()) > 0;
    const bool is_stopped = ledger_.remembered().stopped.count(key_of(*module->manifest)) > 0;
    found.push_back({module->manifest, is_stopped  ? State::kStopped
                                       : is_active ? State::kActivated
                                                   : State::kDeactivated});
  }
  const auto forgotten = ledger_.begin(found);
  if (!forgotten.ok()) log(ARK_LOG_WARN, "container", forgotten.status().text());
  for (const auto& text : forgotten.ok() ? *forgotten : std::vector<std::string>()) log(ARK_LOG_WARN, "container", text);
  return status;
}

// ---- stop ----

Operation ContainerImpl::stop() {
  auto operation = operate({Life::kReady, Life::kStopping}, "stop", "the container", {}, [this](Job& job) {
    operation_list_.wait_for_others(*job.task);
    announcer_->container_stopping();
    auto status = stop_all(job);
    announcer_->container_stopped();
    set_life(Life::kStopped);
    return status;
  });
  if (operation.status.ok() && modules_.remains().empty()) home_.discard_stage();
  return operation;
}

/// In reverse of the order in which a start would have them now: a module that replaced another was started after those
/// that use it.
Status ContainerImpl::stop_all(Job& job) {
  std::vector<ModulePtr> stopping = modules_.all();
  std::erase_if(stopping, [](const ModulePtr& module) { return !module->instance; });
  Manifests manifests;
  for (const auto& module : stopping) manifests.push_back(module->manifest.get());
  if (const auto order = start_order(manifests); order.ok()) {
    std::vector<ModulePtr> ordered;
    for (size_t i : *order) ordered.push_back(stopping[i]);
    stopping = std::move(ordered);
  }
  std::stable_partition(stopping.begin(), stopping.end(), [&](const ModulePtr& module) {
    return module->manifest->kind == Kind::kPlugin || module->manifest->name == options_.master;
  });  // the master biz is the last one to go, whoever it needs
  Status first_failure;
  for (auto module = stopping.rbegin(); module != stopping.rend(); ++module) {
    auto status = job.steps().run("stop " + (*module)->label, [&](std::string&) { return bring_down(job, *module); });
    if (first_failure.ok()) first_failure = status;
  }
  (void)reap();  // for the last time
  return first_failure;
}

}  // namespace ark::container::lifecycle
