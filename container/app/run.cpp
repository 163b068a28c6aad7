#include "app/run.hpp"

#include <ark/abi/version.h>
#include <unistd.h>
#include <ark/container/container.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>

#include "app/api_probe.hpp"
#include "app/sd_notify.hpp"
#include "app/signals.hpp"
#include "app/start_table.hpp"
#include "base/text.hpp"
#include "config/settings.hpp"
#include "log/log.hpp"
#include "ops/server.hpp"

namespace ark::container::app {
namespace {

namespace fs = std::filesystem;

constexpr int kFailed = 1, kWrongUsage = 2;

int complain(const Status& status, int exit_status) {
  std::fprintf(stderr, "ark-container: %s\n", status.text().c_str());
  return exit_status;
}

/// Everything that is wrong with them, a line for each.
Status read_settings(const CommandLine& line, config::Settings* settings) {
  std::string faults;
  const auto note = [&](const Status& status) {
    if (!status.ok()) base::add_to_list(&faults, "\n", status.text());
  };
  const bool named = !line.config.empty();
  const auto file = named ? line.config : line.home / "conf" / "container.json";
  std::error_code unknown;  // whether it is there: then reading it says why
  if (named || fs::exists(file, unknown) || unknown) note(settings->read(file));
  for (const auto& one : line.settings) note(settings->set(one));
  return faults.empty() ? Status() : Status(Code::kInvalidArgument, faults);
}

Limits limits_of(const config::Settings& settings) {
  return {settings.duration("limits.start"), settings.duration("limits.drain"), settings.duration("limits.stop"),
          settings.duration("limits.handler"), settings.duration("limits.health"),
          settings.duration("limits.health_wait")};
}

/// What is set for one module.
ModulePolicy policy_of(const config::Settings& settings, const std::string& module) {
  ModulePolicy policy;
  const auto read = [&](std::string_view key, auto* to, auto get) {
    if (const auto own = settings.own_key(module, key); !own.empty()) *to = (settings.*get)(own);
  };
  read("limits.start", &policy.start, &config::Settings::duration);
  read("limits.drain", &policy.drain, &config::Settings::duration);
  read("limits.stop", &policy.stop, &config::Settings::duration);
  read("limits.health", &policy.health, &config::Settings::duration);
  read("limits.health_wait", &policy.health_wait, &config::Settings::duration);
  read("start.skip_failing", &policy.skip, &config::Settings::boolean);
  read("start.retries", &policy.retries, &config::Settings::integer);
  read("start.backoff", &policy.backoff, &config::Settings::duration);
  return policy;
}

/// What the command line and the settings say.
Options options_of(const CommandLine& line, const config::Settings& settings) {
  Options options;
  options.home = line.home;
  options.modules = line.modules;
  options.limits = limits_of(settings);
  options.start_policy = {settings.boolean("start.skip_failing"), static_cast<int>(settings.integer("start.retries")),
                          settings.duration("start.backoff")};
  for (const auto& module : settings.modules()) options.policies[module] = policy_of(settings, module);
  options.several_active = settings.boolean("lifecycle.several_active");
  options.master = settings.text("lifecycle.master");
  options.start_threads = static_cast<unsigned>(settings.integer("start.threads"));
  options.kept_stages = static_cast<int>(settings.integer("stage.keep"));
  options.log_level = settings.level("log.level");
  return options;
}

/// Says everything that a start would find wrong.
int check(const CommandLine& line, const config::Settings& settings, const Status& settings_read) {
  const auto checked = Container::check(options_of(line, settings));
  std::string problems = settings_read.text();
  const auto reachable = ops::Server::check_path(fs::absolute(line.home) / settings.text("api.socket"));
  if (!reachable.ok()) base::add_to_list(&problems, "\n", reachable.text());
  if (!checked.status.ok()) base::add_to_list(&problems, "\n", checked.status.text());
  if (problems.empty()) {
    std::printf("%s", steps_table(checked.steps).c_str());
    std::printf("nothing is wrong with %s\n", line.home.c_str());
    return 0;
  }
  const auto count = std::count(problems.begin(), problems.end(), '\n') + 1;
  std::fprintf(stderr, "%s\nark-container: %td %s with %s\n", problems.c_str(), count,
               count == 1 ? "thing is wrong" : "things are wrong", line.home.c_str());
  return kFailed;
}

/// What a run consists of, in the order of its making.
class Run {
 public:
  Run(const CommandLine& line, const config::Settings& settings) : line_(line), settings_(settings) {}

  Status prepare() {
    auto options = options_of(line_, settings_);
    options.crash_reports = true;
    options.log = [this](int level, std::string_view source, std::string_view text) {
      if (log_) log_->write(level, source, text);
    };
    options.on_exit_request = [this](int status, std::string_view) {
      std::call_once(asked_, [&] { asked_status_ = status; });  // the first one counts
      signals_.wake();
    };
    auto container = Container::create(std::move(options));
    if (!container.ok()) return container.status();
    container_ = std::move(*container);
    auto log =
        log::Log::open({container_->home() / "logs" / "container.log", settings_.size("log.file.size"),
                        static_cast<int>(settings_.integer("log.file.count")), settings_.boolean("log.console")});
    if (!log.ok()) return log.status();
    log_ = std::move(*log);
    const auto socket = container_->home() / settings_.text("api.socket");
    auto server = ops::Server::start(*container_, socket);
    if (!server.ok()) return server.status();
    server_ = std::move(*server);
    say(2, "ark-container " ARK_VERSION_TEXT ", process " + std::to_string(getpid()) + ", home " +
               container_->home().string());
    say(2, "the API listens at " + socket.string());
    if (!notify_.problem().empty()) say(3, notify_.problem());
    notify_.starting([socket](std::chrono::milliseconds limit) { return api_answers(socket, limit); });
    signals_.on_first([this] {
      if (!container_->ready()) {
        say(2, signals_.name() + " came: the start ends with the modules that are starting now; a second signal ends the process at once");
      }
      container_->cancel_start();
    });
    signals_.on_second([this] { return still_there(); });
    return {};
  }

  /// Until it is asked to end. The exit status.
  int serve() {
    const auto started = container_->start();
    say(2, "start:\n" + steps_table(started.steps));
    if (started.status.code() == Code::kStopping) {
      say(2, "stopped: " + signals_.name() + " came during the start");
      return end_clean(0);
    }
    if (!started.status.ok()) return fail("the start failed: " + started.status.text());
    say(2, "ready");
    notify_.ready("ready");
    signals_.wait();
    const auto stopping = "stopping: " + (signals_.signalled() ? signals_.name() + " came" : "a module called exit");
    say(2, stopping);
    notify_.stopping(stopping);
    const auto stopped = container_->stop();
    say(2, "stop:\n" + steps_table(stopped.steps));
    if (!stopped.status.ok()) return fail("the stop was not clean: " + stopped.status.text(), asked_status_);
    say(2, "stopped");
    return end_clean(asked_status_);
  }

  /// The exit status, unless code is left.
  int end_clean(int status) {
    const auto left = labels_of({State::kZombie, State::kQuarantined});
    return left.empty() ? status : fail("the stop was not clean: code could not be unmapped: " + left, status);
  }

  /// Static destructors may not run beside threads that are stuck in module code.
  void end_process_if_code_is_left(int status) {
    signals_.on_first({});
    signals_.on_second({});
    if (!container_ || !log_) return;
    const auto left = labels_of({State::kZombie, State::kQuarantined});
    if (left.empty()) return;
    server_.reset();
    say(3, "code of modules could not be unmapped: the process ends without further destructors: " + left);
    container_.reset();
    log_->flush();
    _exit(status);
  }

 private:
  /// "orders 1.0.0 (QUARANTINED), ...": those in one of the states.
  std::string labels_of(std::initializer_list<State> states) const {
    std::string labels;
    for (const auto& module : container_->modules()) {
      if (std::find(states.begin(), states.end(), module.state) == states.end()) continue;
      base::add_to_list(&labels, ", ", module.name + " " + module.version + " (" + std::string(state_name(module.state)) + ")");
    }
    return labels;
  }

  /// What has not been stopped yet.
  std::string still_there() const {
    return labels_of({State::kStarting, State::kActivated, State::kDeactivated, State::kStopping, State::kZombie, State::kQuarantined});
  }

  /// On standard error in any case: the log is there only if it has the console. asked: what a module called exit with.
  int fail(const std::string& text, int asked = 0) {
    say(4, text);
    notify_.failed(text);
    if (!settings_.boolean("log.console")) std::fprintf(stderr, "ark-container: %s\n", text.c_str());
    return asked != 0 ? asked : kFailed;
  }

  void say(int level, const std::string& text) {
    if (level >= settings_.level("log.level")) log_->write(level, "container", text);
  }

  const CommandLine& line_;
  const config::Settings& settings_;
  SdNotify notify_;  // first: there is one thread yet
  Signals signals_;
  std::once_flag asked_;
  std::atomic<int> asked_status_{0};
  std::unique_ptr<log::Log> log_;  // after it the container: what that still has to say is written
  std::unique_ptr<Container> container_;
  std::unique_ptr<ops::Server> server_;
};

}  // namespace

int run(const CommandLine& line) {
  config::Settings settings;
  const auto settings_read = read_settings(line, &settings);
  if (line.check) return check(line, settings, settings_read);
  if (!settings_read.ok()) return complain(settings_read, kWrongUsage);
  Run run(line, settings);
  if (auto status = run.prepare(); !status.ok()) return complain(status, kFailed);
  const int status = run.serve();
  run.end_process_if_code_is_left(status);
  return status;
}

}  // namespace ark::container::app
