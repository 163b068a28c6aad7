/// The container: loads modules, runs their lifecycle, lets them call each other, replaces and unloads them.
#pragma once

#include <ark/container/diagnosis.hpp>
#include <ark/container/status.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container {

enum class Kind { kPlugin, kBiz };

/// Of a module's object and, once that is gone, of its code.
enum class State {
  kResolved,
  kStarting,
  kActivated,
  kDeactivated,
  kStopping,
  kStopped,
  kBroken,
  kUnloaded,
  kZombie,
  kQuarantined,
};

/// Whether a module is fit for work; the greater, the worse.
enum class Health {
  kUp,
  kDegraded,  ///< it works, though not as it should
  kDown,
};

std::string_view health_name(Health health);  ///< "up" and so on
std::string_view kind_name(Kind kind);     ///< "plugin", "biz"
std::string_view state_name(State state);  ///< "ACTIVATED" and so on

/// One timed step of an operation or of the start.
struct Step {
  std::string name;     ///< "open packages", "start biz orders 1.0.0"
  double start_ms = 0;  ///< since the operation began
  double took_ms = 0;
  std::string outcome;  ///< "ok", "4 modules", or the failure's text; "running" until it is over
};

/// A state that a module had come to.
struct StateChange {
  State state = State::kResolved;
  std::chrono::system_clock::time_point time{};
  std::string cause;  ///< "#12 install orders 1.1.0 (arkctl)"
  std::string error;  ///< what failed, else ""
};

struct ModuleInfo {
  std::string name, version;
  Kind kind = Kind::kBiz;
  State state = State::kResolved;
  int priority = 100;
  std::string isolation = "symbols";
  uint32_t generation = 0;                        ///< of its code, never used again in this process
  std::vector<std::string> services;              ///< ids of what it publishes now
  double load_ms = 0, start_ms = 0;               ///< opening its file; its static constructors and constructor
  std::chrono::system_clock::time_point since{};  ///< of `state`
  std::string error;                              ///< the last failure, else ""
  std::vector<std::string> reasons;               ///< why it is a zombie or in quarantine
  bool transient = false;                         ///< not there any more at the next start
};

struct ServiceInfo {
  uint64_t number = 0;
  std::string id, version, unique_id, module;
  int priority = 100;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string> bindings;
  std::vector<std::string> users;  ///< modules whose references are bound to it
  /// The module whose service of this id, unique id and major version comes before it, else "".
  std::string shadowed_by;
};

/// What holds a module, or would keep it from being unmapped. Every line is a sentence with a name in it.
struct WhyInfo {
  ModuleInfo module;
  std::vector<std::string> users;    ///< references of others bound to its services
  std::vector<std::string> inside;   ///< threads that are in a call to it now
  std::vector<std::string> owns;     ///< threads, thread-specific keys, signal handlers, subscriptions, watches
  std::vector<StateChange> history;  ///< the latest states, oldest first
};

/// An event of the container, or one that a module fired.
struct EventInfo {
  uint64_t number = 0;  ///< 1 for the first of the run
  std::chrono::system_clock::time_point time{};
  std::string name, module,
      version;       ///< "AfterBizStartup", "orders", "1.0.0"; module "" for what concerns the container
  std::string text;  ///< what else it carries: "from STARTING, to ACTIVATED"
};

/// A part of the events of a run.
struct EventPage {
  int64_t run = 0;                ///< of the process: other numbers in another run are other events
  uint64_t last = 0;              ///< number of the newest event there is; 0: none
  uint64_t lost = 0;              ///< how many were asked for and are not kept any more
  std::vector<EventInfo> events;  ///< oldest first
};

struct HealthInfo {
  std::string name, version;
  Kind kind = Kind::kBiz;
  State state = State::kResolved;
  Health health = Health::kUp;
  std::string text;  ///< what the module says, or why it could not be asked; "" if there is nothing to say
};

/// The worst of the modules that the container shall run, ACTIVATED or BROKEN: what an operator has stopped, or keeps
/// beside the active version, does not count.
Health worst_of(const std::vector<HealthInfo>& modules);

/// What an operation did, or is doing. `module` is the module it was about, after it.
struct Operation {
  uint64_t id = 0;        ///< 0: it was refused before it began
  std::string verb;       ///< "install"
  std::string subject;    ///< "orders 1.1.0", or what was asked for: a package, a selector
  std::string requester;  ///< who asked for it
  std::chrono::system_clock::time_point began{};
  bool running = false;  ///< then `status` says nothing yet, and the last steps may be running too
  Status status;
  std::optional<ModuleInfo> module;
  std::vector<Step> steps;
};

/// Who asks for an operation, for logs and the list of operations: "arkctl, user 1000".
struct By {
  std::string name = "the host program";
  /// If a module waits for it on a thread of its own: the module's name, and the kernel's id of the thread. What would
  /// wait for that thread is refused (WOULD_DEADLOCK).
  std::string waiting_module = {};
  int waiting_thread = 0;
};

struct InstallOptions {
  bool switch_to = false;  ///< activate it although another version of the name is active
  bool transient = false;  ///< not there any more at the next start
};

struct Limits {
  std::chrono::milliseconds start{30'000};    ///< static constructors of one module; again its constructor
  std::chrono::milliseconds drain{30'000};    ///< calls in flight when a module stops
  std::chrono::milliseconds stop{30'000};     ///< its destructor; again its static destructors
  std::chrono::milliseconds handler{10'000};  ///< one event handler or notice of a watch
  std::chrono::milliseconds health{1'000};    ///< one answer of a module to how it is
  std::chrono::milliseconds health_wait{10'000};  ///< until a new version is up, before it takes over; 0: asked once
};

/// What the start of the container does about a module that does not start.
struct StartPolicy {
  bool skip = false;  ///< goes on without it, and without those that need it; else all is rolled back
  int retries = 0;    ///< further attempts before that
  std::chrono::milliseconds backoff{1'000};  ///< before the first retry; twice as long before each next one, up to 30 s
};

/// What differs for one module from the container's own.
struct ModulePolicy {
  std::optional<std::chrono::milliseconds> start, drain, stop, health, health_wait;  ///< of Limits
  std::optional<bool> skip;                                     ///< of StartPolicy, as below
  std::optional<int> retries;
  std::optional<std::chrono::milliseconds> backoff;
};

struct Options {
  std::filesystem::path home;                  ///< made if missing
  std::vector<std::filesystem::path> modules;  ///< packages besides those in home/modules; transient
  Limits limits;
  StartPolicy start_policy;
  std::map<std::string, ModulePolicy> policies;  ///< by name of the module
  bool several_active =
      false;  ///< several versions of a name may be active: install activates, references choose by version
  /// Name of the master biz, "" for none: it cannot be uninstalled, and stops after all other biz. There has to be a biz
  /// of that name, or a HostModule, when the container starts.
  std::string master;
  unsigned start_threads = 0;  ///< modules that start at the same time; 0: as many as there are processors
  int kept_stages = 3;         ///< stage folders of runs that did not end cleanly, kept for their cores
  /// Where messages go: level 0 trace to 4 error, source ("container" or a module's "name version"). Called from any
  /// thread; must not call back.
  std::function<void(int level, std::string_view source, std::string_view text)> log;
  /// This process says whose code it was when it crashes: handlers for its fatal signals, for good (docs/crashes.md).
  /// Off, since they are the host program's to have.
  bool crash_reports = false;
  int log_level = 2;  ///< least level that is passed to `log`
  /// Called from any thread whenever a module asked the process to end with this status on a thread of its own: each
  /// time, if several do.
  std::function<void(int status, std::string_view who)> on_exit_request;
};

/// Thread safety: all functions may be called from any thread but that of a module's callback where this says so.
/// Operations on one name run one after the other, in the order in which they came; those on different names at the
/// same time. A selector is NAME or NAME:VERSION; NAME alone is ambiguous when there are several versions of it, and
/// the error lists them.
class Container {
 public:
  /// Takes the home: makes its folders, its lock (FAILED_PRECONDITION names the holder's pid), and a new stage folder.
  /// Runs no module.
  static Result<std::unique_ptr<Container>> create(Options options);
  /// What a start with these options would find wrong before any code runs: opens and verifies every package and fits
  /// them together. Makes nothing and takes no lock: a container may be running on the home. The status has a line for
  /// each problem.
  static Operation check(const Options& options);
  /// What is to be seen in a home, whether a container runs on it or not: crash reports, runs that did not end cleanly,
  /// a state file that cannot be read. Makes nothing and takes no lock.
  static Diagnosis examine(const std::filesystem::path& home);
  /// Stops if still running. What modules with code left over (ZOMBIE, QUARANTINED) can still reach is kept until the
  /// process ends, but calls none of the options' functions any more; the home is free then.
  virtual ~Container() = default;

  /// Reads and checks all packages, starts plugins, then biz, fires ContainerStarted. Fails as a whole: what had
  /// started is stopped again, as by stop().
  virtual Operation start() = 0;
  /// A start that is going on, or comes, gives up before the next modules that it would start together, and rolls back.
  /// Any thread, at any time.
  virtual void cancel_start() = 0;
  /// Stops biz, then plugins, in reverse of the order in which a start would have them now: modules may have been
  /// replaced since. A failing stop does not keep the rest from stopping; the status names the first failure.
  virtual Operation stop() = 0;
  virtual bool ready() const = 0;  ///< ContainerStarted has been delivered and stop has not begun
  /// Waits for ready. False on time-out, or when the container has stopped.
  virtual bool wait_ready(std::chrono::milliseconds timeout) const = 0;

  // The verbs of docs/lifecycle.md; each returns when it is over. Errors of all: UNAVAILABLE before the container is
  // ready, STOPPING after that; WOULD_DEADLOCK from a module's callback, and from inside a call that would have to end
  // first; NOT_FOUND, INVALID_ARGUMENT for what selectors and packages do not name; FAILED_PRECONDITION, with all the
  // reasons, for what does not fit; MODULE_FAILED with what the module said.

  /// Nothing -> ACTIVATED, or DEACTIVATED beside an active version. ALREADY_EXISTS: that version is there.
  virtual Operation install(const std::filesystem::path& package, InstallOptions options, By by = {}) = 0;
  /// DEACTIVATED -> ACTIVATED, and the active version -> DEACTIVATED, in one publication.
  virtual Operation switch_to(std::string_view selector, By by = {}) = 0;
  /// Installs, waits until it is up, switches, drains and uninstalls the version that was active. That one goes on as it
  /// was if the new one does not start, is down (DEADLINE_EXCEEDED), is vetoed or cannot be made durable.
  virtual Operation replace(const std::filesystem::path& package, InstallOptions options, By by = {}) = 0;
  /// STOPPED or BROKEN -> ACTIVATED, or DEACTIVATED beside an active version.
  virtual Operation start_module(std::string_view selector, By by = {}) = 0;
  /// ACTIVATED or DEACTIVATED -> STOPPED, its code unmapped; MODULE_FAILED if that was not clean. force: although a
  /// mandatory importer has no other provider; no start succeeds with both as they are then.
  virtual Operation stop_module(std::string_view selector, bool force = false, By by = {}) = 0;
  /// Stops it and forgets its package. force: as with stop_module.
  virtual Operation uninstall(std::string_view selector, bool force, By by = {}) = 0;

  virtual std::vector<Operation> operations() const = 0;  ///< those that run, and the latest that have ended; by id

  virtual std::vector<ModuleInfo> modules()
      const = 0;  ///< plugins first, by name and version; zombies and quarantined ones at the end
  virtual std::vector<ServiceInfo> services() const = 0;  ///< by id, best first
  virtual Result<WhyInfo> why(std::string_view selector) const = 0;
  /// Asks the modules, several at once, each under limits.health: it takes so long when one hangs. What runs is up
  /// unless it says otherwise. Not from a module's callback. Plugins first, by name and version.
  virtual std::vector<HealthInfo> health() const = 0;
  virtual Result<HealthInfo> health(std::string_view selector) const = 0;
  virtual std::vector<Step> start_report() const = 0;  ///< the steps of start()
  /// As examine of its home, and the modules that are broken or could not be unmapped.
  virtual Diagnosis diagnose() const = 0;
  /// Those of the last 1,024 events whose number is above `since`; all of them if that is of another run.
  virtual EventPage events(uint64_t since) const = 0;
  virtual uint64_t last_event() const = 0;  ///< number of the newest; 0: there is none
  /// Calls `tell` once, as soon as the newest event has another number than `since`, perhaps at once; in the place of
  /// what was given before, and from any thread, with a lock held: it must neither wait nor call back. Empty: nothing
  /// is called any more, nor running, when this returns.
  virtual void on_event(uint64_t since, std::function<void()> tell) = 0;
  virtual const std::filesystem::path& home() const = 0;
};

}  // namespace ark::container
