// What an operator should look at, told from what is on disk and from the states of the modules.
#include <signal.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "crash/reports.hpp"
#include "lifecycle/container_impl.hpp"
#include "lifecycle/state_file.hpp"

namespace ark::container {
namespace lifecycle {
namespace {

namespace fs = std::filesystem;

fs::path logs_of(const fs::path& home) { return home / "logs"; }

/// One that cannot be seen is somebody else's and lives.
bool is_alive(int process) { return process > 0 && (kill(process, 0) == 0 || errno == EPERM); }

Finding finding_of(const Run& run, const std::vector<CrashReport>& crashes) {
  const bool crashed = std::any_of(crashes.begin(), crashes.end(), [&](const CrashReport& crash) { return crash.process == run.process; });
  std::string text = "the run " + run.id + " ";
  if (crashed) {
    text += "crashed";
  } else if (run.has_left_code) {
    text += "ended with code of modules that could not be unmapped (logs/container.log names them)";
  } else {
    text += "did not end cleanly, and no crash report tells why: it was killed, by kill -9, a second signal or for want of memory, or the machine "
            "went down";
  }
  return {"run", run.id, text + "; what it had loaded is kept for its core in " + run.stage.string() + ": remove that once it has been looked at"};
}

/// running: the stage of the run that asks, or empty.
Diagnosis examine_home(const fs::path& home, const fs::path& running) {
  Diagnosis diagnosis;
  auto crashes = crash::read_reports(logs_of(home));
  if (crashes.ok()) {
    diagnosis.crashes = std::move(*crashes);
  } else {
    diagnosis.findings.push_back({"logs", logs_of(home).string(), crashes.status().text()});
  }
  for (const auto& run : Home::runs(home)) {
    const bool goes_on = running.empty() ? is_alive(run.process) && Home::last_holder(home) == run.process : run.stage == running;
    if (!goes_on) diagnosis.findings.push_back(finding_of(run, diagnosis.crashes));
  }
  const auto folder = Home::data_of(home) / ".container";
  if (const auto state = StateFile::open(folder); !state.ok()) {
    diagnosis.findings.push_back({"state", (folder / "state.json").string(), state.status().text()});
  }
  return diagnosis;
}

bool is_ill(State state) { return state == State::kBroken || state == State::kZombie || state == State::kQuarantined; }

Finding finding_of(const ModuleInfo& module) {
  const auto subject = module.name + " " + module.version;
  std::string why = module.error;
  for (const auto& reason : module.reasons) base::add_to_list(&why, "; ", reason);
  if (why.starts_with(subject + ": ")) why.erase(0, subject.size() + 2);
  return {"module", subject, subject + " is " + std::string(state_name(module.state)) + (why.empty() ? "" : ": " + why)};
}

}  // namespace

Diagnosis ContainerImpl::diagnose() const {
  auto diagnosis = examine_home(home_.path(), home_.stage());
  for (const auto& module : modules()) {
    if (is_ill(module.state)) diagnosis.findings.push_back(finding_of(module));
  }
  std::lock_guard lock(plan_mutex_);  // nobody takes a module away meanwhile
  const Offers offers(modules_.manifests_of([](const Module& m) { return m.serves(); }), modules_.idle());
  for (const auto* module : modules_.manifests_of([](const Module& m) { return m.needs_its_imports(); })) {
    const auto problems = status_of(problems_of(*module, offers));
    if (!problems.ok())
      diagnosis.findings.push_back({"import", label_of(*module), problems.text() + " (a start would fail)"});
  }
  return diagnosis;
}

void ContainerImpl::tell_of_previous_run() const {
  crash::tell_new_reports(logs_of(home_.path()), [this](const CrashReport& report) {
    log(ARK_LOG_WARN, "container", "an earlier run has crashed: " + report.text() + "; " + report.file.string() + " has the whole of it");
  });
  for (const auto& run : Home::runs(home_.path())) {
    if (run.process != home_.previous_holder() || run.stage == home_.stage()) continue;
    const auto crashes = crash::read_reports(logs_of(home_.path()));
    log(ARK_LOG_WARN, "container", finding_of(run, crashes.ok() ? *crashes : std::vector<CrashReport>()).text);
  }
}

}  // namespace lifecycle

Diagnosis Container::examine(const std::filesystem::path& home) {
  std::error_code ignored;  // then it is taken as it is
  const auto absolute = std::filesystem::absolute(home, ignored);
  return lifecycle::examine_home(absolute.empty() ? home : absolute.lexically_normal(), {});
}

}  // namespace ark::container
