// The container as a whole: its making, its start and its end, and what others see of it.
#include <ark/abi/version.h>

#include <algorithm>

#include "crash/handler.hpp"
#include "lifecycle/container_impl.hpp"
#include "lifecycle/host_table.hpp"
#include "loader/exception_text.hpp"
#include "package/layout.hpp"
#include "thread/known_threads.hpp"

namespace ark::container {

Result<std::unique_ptr<Container>> Container::create(Options options) {
  auto home = lifecycle::Home::take(options.home, options.kept_stages);
  if (!home.ok()) return home.status();
  loader::install_terminate_handler();
  if (options.crash_reports) crash::install(home->path() / "logs");
  return std::unique_ptr<Container>(new lifecycle::ContainerImpl(std::move(options), std::move(*home)));
}

namespace lifecycle {

ContainerImpl::ContainerImpl(Options options, Home home) : options_(std::move(options)), home_(std::move(home)) {
  core_.data = home_.data();
  core_.log_level = options_.log_level;
  core_.log = [this](int level, const std::string& source, const std::string& text) { log(level, source, text); };
  core_.exit_request = [this](int status, const std::string& who) {
    log(ARK_LOG_ERROR, "container", who + " called exit(" + std::to_string(status) + "): the container stops");
    if (options_.on_exit_request && !abandoned_) options_.on_exit_request(status, who);
  };
  auto post_work = [this](const std::string& label, std::function<void()> work) { post(label, std::move(work)); };
  auto run_work = [this](const std::function<void()>& work) {
    const auto outcome = lent_.run([work] { loader::call_module(work); }, options_.limits.handler);
    if (!outcome.ok()) log(ARK_LOG_ERROR, "container", "a carrier, or the destruction of a proxy, " + outcome.text(options_.limits.handler));
  };
  registry_ = std::make_unique<service::Registry>(service::Registry::Environment{
      &kHostTable, [this](const ark_contract_t& importer, const ark_contract_t& exporter) { return compatible(importer, exporter); },
      post_work, run_work, core_.log});
  dispatcher_ = std::make_unique<event::Dispatcher>(event::Dispatcher::Environment{post_work, core_.log});
  core_.registry = registry_.get();
  core_.dispatcher = dispatcher_.get();
  runner_ = std::make_unique<Runner>(core_, lent_, options_.limits);
}

void ContainerImpl::operator delete(ContainerImpl* container, std::destroying_delete_t) {
  if (container->ready()) (void)container->stop();
  bool is_left;
  {
    std::lock_guard lock(container->state_mutex_);
    is_left = !container->remains_.empty();
  }
  if (is_left) {
    container->abandoned_ = true;
    container->home_.unlock();
    return;
  }
  container->~ContainerImpl();
  ::operator delete(container);
}

void ContainerImpl::log(int level, const std::string& source, const std::string& text) const {
  if (options_.log && level >= options_.log_level && !abandoned_) options_.log(level, source, text);
}

/// Digests decide nearly always; two layouts are compared once.
Status ContainerImpl::compatible(const ark_contract_t& importer, const ark_contract_t& exporter) {
  if (&importer == &exporter) return {};
  const std::pair digests(package::layout_digest(importer), package::layout_digest(exporter));
  if (digests.first == digests.second) return {};
  std::lock_guard lock(compatible_mutex_);
  auto [found, first] = compatible_.try_emplace(digests);
  if (first) found->second = package::compare_layouts(package::layout_of(importer), package::layout_of(exporter));
  return found->second;
}

void ContainerImpl::post(const std::string& label, std::function<void()> work) {
  lent_.post([work = std::move(work)] { loader::call_module(work); }, options_.limits.handler,
             [this, label](const loader::Outcome& outcome) {
               log(ARK_LOG_ERROR, label, "a notice or handler of it " + outcome.text(options_.limits.handler) + "; its thread is lost");
             });
}

// ---- operations in general -----------------------------------------------------------------------------------------------

Status ContainerImpl::may_operate(Life required) const {
  if (loader::LentThread::here()) {
    return Status(Code::kWouldDeadlock,
                  "an operation cannot be asked for from a constructor, destructor, event handler or notice: it would wait for the thread "
                  "that waits for it; ask from a thread of your own");
  }
  std::lock_guard lock(state_mutex_);
  if (life_ == required) return {};
  switch (life_) {
    case Life::kCreated:
    case Life::kStarting:
      return Status(Code::kUnavailable, "the container is still starting; wait until it is ready");
    case Life::kReady:
      return Status(Code::kFailedPrecondition, "the container has been started already");
    default:
      return Status(Code::kStopping, "the container is stopping");
  }
}

Operation ContainerImpl::operate(Life required, const Work& work) {
  Operation operation;
  operation.status = may_operate(required);
  if (!operation.status.ok()) return operation;
  std::lock_guard lock(operation_mutex_);
  operation.status = may_operate(required);  // it may have changed while this one waited for its turn
  if (!operation.status.ok()) return operation;
  operation.id = next_operation_++;
  Steps steps;
  ModulePtr module;
  operation.status = work(steps, module);
  reap();
  operation.steps = steps.take();
  if (module) {
    std::lock_guard state_lock(state_mutex_);
    operation.module = info_of(*module, *registry_);
  }
  return operation;
}

void ContainerImpl::set_life(Life life) {
  std::lock_guard lock(state_mutex_);
  life_ = life;
  life_changed_.notify_all();
}

bool ContainerImpl::ready() const {
  std::lock_guard lock(state_mutex_);
  return life_ == Life::kReady;
}

bool ContainerImpl::wait_ready(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(state_mutex_);
  life_changed_.wait_for(lock, timeout, [this] { return life_ != Life::kCreated && life_ != Life::kStarting; });
  return life_ == Life::kReady;
}

// ---- start and stop --------------------------------------------------------------------------------------------------------

Operation ContainerImpl::start() {
  return operate(Life::kCreated, [this](Steps& steps, ModulePtr&) {
    set_life(Life::kStarting);
    tell_of_crashes();
    std::vector<ModulePtr> modules;
    Status status = prepare(steps, &modules);
    if (status.ok()) status = start_kind(Kind::kPlugin, modules, steps);
    if (status.ok()) status = start_kind(Kind::kBiz, modules, steps);
    if (status.ok()) {
      status = steps.run("fire ContainerStarted", [&](std::string&) {
        fire("ContainerStarted", nullptr);
        return Status();
      });
      if (auto saved = state_->save(remembered({})); !saved.ok()) log(ARK_LOG_WARN, "container", saved.text());  // less what is not there any more
    } else {
      set_life(Life::kStopping);
      (void)steps.run("roll back", [&](std::string&) { return stop_all(steps); });
    }
    {
      std::lock_guard lock(state_mutex_);
      start_report_ = steps.all();
    }
    set_life(status.ok() ? Life::kReady : Life::kStopped);
    return status;
  });
}

/// Ends what an operation of a process that was killed had begun.
Status ContainerImpl::read_state() {
  auto state = open_state(home_.path());
  if (!state.ok()) return state.status();
  state_.emplace(std::move(*state));
  return state_->left_over().empty() ? Status() : home_.remove(home_.modules() / state_->left_over());
}

/// Everything that is wrong with any package, or between them, is said at once, before any code runs.
Status ContainerImpl::prepare(Steps& steps, std::vector<ModulePtr>* modules) {
  std::vector<std::string> problems;
  (void)steps.run("open packages", [&](std::string& remark) {
    Packages packages;
    if (auto read = read_state(); !read.ok()) packages.problems.push_back(read.text());
    open_packages(home_.modules(), options_.modules, &packages);
    problems = std::move(packages.problems);
    for (const auto& module : packages.modules) {
      if (auto staged = stage(*module); !staged.ok()) problems.push_back(staged.text());
    }
    *modules = std::move(packages.modules);
    remark = std::to_string(modules->size()) + " modules";
    return status_of(problems);
  });
  (void)steps.run("resolve", [&](std::string& remark) {
    const auto misfits = fit_together(modules, state_ ? state_->now() : Remembered());
    problems.insert(problems.end(), misfits.begin(), misfits.end());
    remark = labels_of(*modules);
    return status_of(misfits);
  });
  if (!problems.empty()) return status_of(problems);
  std::lock_guard lock(state_mutex_);
  modules_ = *modules;
  return {};
}

Status ContainerImpl::start_kind(Kind kind, const std::vector<ModulePtr>& modules, Steps& steps) {
  auto chosen = chosen_of(modules, state_->now());
  for (const auto& module : modules) {
    if (module->manifest->kind != kind) continue;
    if (state_->now().stopped.count(key_of(*module->manifest))) {
      set_state(*module, State::kStopped);
      continue;
    }
    const std::string name = "start " + std::string(kind_name(kind)) + " " + module->label;
    auto status = steps.run(name, [&](std::string& remark) {
      auto up = bring_up(module);
      if (!up.ok()) return up;
      const auto* active = chosen[module->manifest->name];
      if (active == module.get()) {
        go_live(module, nullptr);
      } else {
        remark = "deactivated" + (active ? ": " + active->label + " is active" : ", as it was");
        registry_->withhold(module->instance->generation->services);
      }
      announce(module);
      return Status();
    });
    if (!status.ok()) return status;
  }
  return {};
}

Operation ContainerImpl::stop() {
  auto operation = operate(Life::kReady, [this](Steps& steps, ModulePtr&) {
    set_life(Life::kStopping);
    auto status = stop_all(steps);
    set_life(Life::kStopped);
    return status;
  });
  bool is_clean;
  {
    std::lock_guard lock(state_mutex_);
    is_clean = operation.status.ok() && remains_.empty();
  }
  if (is_clean) home_.discard_stage();
  return operation;
}

/// In reverse of the order in which a start would have them now: a module that replaced another was started after those that use it.
Status ContainerImpl::stop_all(Steps& steps) {
  auto stopping = started_;
  Manifests manifests;
  for (const auto& module : stopping) manifests.push_back(module->manifest.get());
  if (auto order = start_order(manifests); order.ok()) {
    for (size_t i = 0; i < order->size(); ++i) stopping[i] = started_[(*order)[i]];
  }
  Status first_failure;
  for (auto module = stopping.rbegin(); module != stopping.rend(); ++module) {
    auto status = steps.run("stop " + (*module)->label, [&](std::string&) { return bring_down(*module); });
    if (first_failure.ok()) first_failure = status;
  }
  return first_failure;
}

// ---- what others see -------------------------------------------------------------------------------------------------------

std::vector<ModuleInfo> ContainerImpl::modules() const {
  std::lock_guard lock(state_mutex_);
  std::vector<ModuleInfo> all;
  for (const auto& module : modules_) all.push_back(info_of(*module, *registry_));
  std::sort(all.begin(), all.end(), [](const ModuleInfo& a, const ModuleInfo& b) {
    return std::tie(a.kind, a.name, a.version, a.generation) < std::tie(b.kind, b.name, b.version, b.generation);
  });
  for (const auto& rest : remains_) all.push_back(rest.info);
  return all;
}

std::vector<ServiceInfo> ContainerImpl::services() const { return registry_->services(); }

std::vector<Step> ContainerImpl::start_report() const {
  std::lock_guard lock(state_mutex_);
  return start_report_;
}

Result<WhyInfo> ContainerImpl::why(std::string_view selector) const {
  WhyInfo info;
  std::shared_ptr<Instance> instance;
  auto module = find(selector);
  {
    std::lock_guard lock(state_mutex_);
    if (module.ok()) {
      info.module = info_of(**module, *registry_);
      instance = (*module)->instance;
    }
    for (const auto& rest : remains_) {
      const bool meant = selector == rest.info.name || selector == rest.info.name + ":" + rest.info.version;
      if (!meant || (module.ok() && instance)) continue;
      info.module = rest.info;
      instance = rest.instance;
    }
  }
  if (!module.ok() && !instance) return module.status();
  if (!instance) return info;
  auto& generation = *instance->generation;
  info.users = registry_->users_of(generation.services);
  for (int tid : registry_->threads_inside(generation.services)) info.inside.push_back(thread::describe(tid) + " is in a call to it");
  info.owns = generation.ownership.report();
  for (auto& text : dispatcher_->subscriptions_of(generation.events)) info.owns.push_back(std::move(text));
  return info;
}

}  // namespace lifecycle
}  // namespace ark::container
