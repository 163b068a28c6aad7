// The container as a whole: its making, its start and its end, and what others see of it.
#include <ark/abi/version.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <system_error>
#include <thread>
#include <tuple>

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

namespace {

/// An operation that takes longer says what it is at, each time.
constexpr auto kPatience = std::chrono::seconds(3);

/// What holds code is often about to end: a thread that was told to, a call that takes long.
constexpr auto kFirstLook = std::chrono::milliseconds(100), kLongestPause = std::chrono::milliseconds(30'000);

size_t threads_of(const Options& options) {
  return std::max(1U, options.start_threads ? options.start_threads : std::thread::hardware_concurrency());
}

}  // namespace

ContainerImpl::ContainerImpl(Options options, Home home)
    : options_(std::move(options)),
      home_(std::move(home)),
      operation_list_([this](const std::string& text) { log(ARK_LOG_WARN, "container", text); }, kPatience),
      ledger_(home_, options_.several_active),
      modules_([this](const Module& module, const StateChange& from, const StateChange& to) {
        announcer_->state_changed(module, from, to);
      }),
      lent_(threads_of(options_)),
      reaper_([this] { return reap(); }, kFirstLook, kLongestPause) {
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
    if (!outcome.ok())
      log(ARK_LOG_ERROR, "container",
          "a carrier, or the destruction of a proxy, " + outcome.text(options_.limits.handler));
  };
  registry_ = std::make_unique<service::Registry>(service::Registry::Environment{
      &kHostTable,
      [this](const ark_contract_t& importer, const ark_contract_t& exporter) { return compatible(importer, exporter); },
      post_work, run_work, core_.log,
      [this](const service::Info& service, bool published) { announcer_->service_changed(service, published); }});
  dispatcher_ = std::make_unique<event::Dispatcher>(event::Dispatcher::Environment{
      post_work, core_.log,
      [this](const event::Event& event) {
        event_journal_.add(event::Journal::From::kModules, event.name, event.module, event.version, {});
      }});
  announcer_ = std::make_unique<Announcer>(*dispatcher_, event_journal_, events_, options_.limits.handler, core_.log);
  checks_ = std::make_unique<health::Checks>([this](std::function<void()> code, std::chrono::milliseconds limit) {
    const auto outcome = lent_.run([code = std::move(code)] { loader::call_module(code); }, limit);
    return outcome.ok() ? std::string() : outcome.text(limit);
  });
  core_.registry = registry_.get();
  core_.dispatcher = dispatcher_.get();
  core_.resources = &resources_;
  core_.checks = checks_.get();
  requests_ = std::make_unique<Requests>(Requests::Environment{*this, post_work});
  core_.requests = requests_.get();
  runner_ = std::make_unique<Runner>(core_, lent_, threads_of(options_));
}

void ContainerImpl::operator delete(ContainerImpl* container, std::destroying_delete_t) {
  if (container->ready()) (void)container->stop();
  container->set_life(Life::kStopped);  // nobody waits for a start any more
  if (!container->modules_.remains().empty()) {
    container->reaper_.end();
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
  events_.post([work = std::move(work)] { loader::call_module(work); }, options_.limits.handler,
               [this, label](const loader::Outcome& outcome) {
                 log(ARK_LOG_ERROR, label,
                     "a notice or handler of it " + outcome.text(options_.limits.handler) + "; its thread is lost");
               });
}

Limits ContainerImpl::limits_of(const std::string& name) const {
  auto limits = options_.limits;
  const auto own = options_.policies.find(name);
  if (own == options_.policies.end()) return limits;
  limits.start = own->second.start.value_or(limits.start);
  limits.drain = own->second.drain.value_or(limits.drain);
  limits.stop = own->second.stop.value_or(limits.stop);
  limits.health = own->second.health.value_or(limits.health);
  limits.health_wait = own->second.health_wait.value_or(limits.health_wait);
  return limits;
}

StartPolicy ContainerImpl::policy_of(const std::string& name) const {
  auto policy = options_.start_policy;
  const auto own = options_.policies.find(name);
  if (own == options_.policies.end()) return policy;
  policy.skip = own->second.skip.value_or(policy.skip);
  policy.retries = own->second.retries.value_or(policy.retries);
  policy.backoff = own->second.backoff.value_or(policy.backoff);
  return policy;
}

// ---- operations in general ----

/// The life mutex is held.
Status ContainerImpl::may_operate(Life required) const {
  if (loader::LentThread::here()) {
    return Status(Code::kWouldDeadlock,
                  "an operation cannot be asked for from a constructor, destructor, event handler or notice: it would "
                  "wait for the thread "
                  "that waits for it; ask from a thread of your own");
  }
  if (life_ == required) return {};
  switch (life_) {
    case Life::kCreated:
    case Life::kStarting:
      return Status(Code::kUnavailable, "the container is still starting; wait until it is ready");
    case Life::kReady:
      return Status(Code::kFailedPrecondition, "the container has been started already");
    case Life::kStopped:
      return Status(Code::kStopping, "the container has stopped; make another one");
    default:
      return Status(Code::kStopping, "the container is stopping");
  }
}

Operation ContainerImpl::operate(LifeChange life, std::string verb, std::string subject, const By& by,
                                 const Work& work) {
  Job job;
  {
    std::lock_guard lock(life_mutex_);
    if (auto refused = may_operate(life.before); !refused.ok()) {
      Operation operation;
      operation.verb = std::move(verb);
      operation.subject = std::move(subject);
      operation.requester = by.name;
      operation.status = std::move(refused);
      return operation;
    }
    job.task = operation_list_.begin(std::move(verb), std::move(subject), by.name);
    job.by = by;
    if (life.during != life.before) change_life(life.during);
  }
  struct End {  // whatever happens: a stop waits for it
    ContainerImpl& container;
    const Job& job;
    Operation operation{};
    ~End() { container.operation_list_.end(job.task, std::move(operation)); }
  } end{*this, job};
  auto status = perform(life, job, work);
  auto operation = operation_of(*job.task);
  operation.status = std::move(status);
  if (job.about) {
    const auto locked = modules_.lock();
    operation.module = info_of(*job.about, *registry_);
  }
  end.operation = operation;
  if (life.during == life.before) log_end(operation, job.task->steps.now_ms());
  return operation;
}

void ContainerImpl::log_end(const Operation& operation, double took_ms) const {
  char time[32];
  std::snprintf(time, sizeof time, "%.1f ms", took_ms);
  const auto text = "#" + std::to_string(operation.id) + " " + operation.verb + " " + operation.subject + " (" +
                    operation.requester + "), " + time;
  if (operation.status.ok())
    log(ARK_LOG_INFO, "container", text + ": done");
  else
    log(ARK_LOG_ERROR, "container", text + ": " + operation.status.text());
}

/// What `work` says, or what kept it from saying it: memory or threads of the process have come to their end.
Status ContainerImpl::perform(LifeChange life, Job& job, const Work& work) {
  Status status;
  try {
    status = work(job);
    if (!modules_.remains().empty()) reaper_.look_soon();
    return status;
  } catch (const std::system_error& e) {
    status = Status(Code::kResourceExhausted, e.what());
  } catch (const std::bad_alloc& e) {
    status = Status(Code::kResourceExhausted, e.what());
  }
  if (life.during != life.before) set_life(Life::kStopped);
  return status.within(job.task->text());
}

/// The life mutex is held.
void ContainerImpl::change_life(Life life) {
  life_ = life;
  life_changed_.notify_all();
}

void ContainerImpl::set_life(Life life) {
  std::lock_guard lock(life_mutex_);
  change_life(life);
}

bool ContainerImpl::ready() const {
  std::lock_guard lock(life_mutex_);
  return life_ == Life::kReady;
}

bool ContainerImpl::wait_ready(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(life_mutex_);
  life_changed_.wait_for(lock, timeout, [this] { return life_ != Life::kCreated && life_ != Life::kStarting; });
  return life_ == Life::kReady;
}

// ---- what others see ----

std::vector<ModuleInfo> ContainerImpl::modules() const {
  std::vector<ModuleInfo> all;
  modules_.visit([&](const Module& module) { all.push_back(info_of(module, *registry_)); });
  std::sort(all.begin(), all.end(), [](const ModuleInfo& a, const ModuleInfo& b) {
    return std::tie(a.kind, a.name, a.version, a.generation) < std::tie(b.kind, b.name, b.version, b.generation);
  });
  for (const auto& rest : modules_.remains()) all.push_back(rest.info);
  return all;
}

std::vector<Step> ContainerImpl::start_report() const {
  std::lock_guard lock(life_mutex_);
  return start_report_;
}

Result<WhyInfo> ContainerImpl::why(std::string_view selector) const {
  WhyInfo info;
  std::shared_ptr<Instance> instance;
  auto module = modules_.find(selector);
  if (module.ok()) {
    const auto locked = modules_.lock();
    info.module = info_of(**module, *registry_);
    info.history.assign((*module)->history.begin(), (*module)->history.end());
    instance = (*module)->instance;
  }
  for (const auto& rest : modules_.remains()) {
    const bool meant = selector == rest.info.name || selector == rest.info.name + ":" + rest.info.version;
    if (!meant || (module.ok() && instance)) continue;
    instance = rest.instance;
    if (!module.ok()) {
      info.module = rest.info;
      continue;
    }
    for (const auto& reason : rest.info.reasons) {  // of the code that it had before
      info.module.reasons.push_back("code of it is " + std::string(state_name(rest.info.state)) + ": " + reason);
    }
  }
  if (!module.ok() && !instance) return module.status();
  if (!instance) return info;
  auto& generation = *instance->generation;
  info.users = registry_->users_of(generation.services);
  for (int tid : registry_->threads_inside(generation.services))
    info.inside.push_back(thread::describe(tid) + " is in a call to it");
  info.owns = generation.ownership.report();
  for (auto& text : dispatcher_->subscriptions_of(generation.events)) info.owns.push_back(std::move(text));
  return info;
}

}  // namespace lifecycle
}  // namespace ark::container
