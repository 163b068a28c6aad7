// What was done is there again at the next start, and a process killed in the middle of it comes back as before or as after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>

#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Container;
using ark::container::Options;
using ark::container::State;
using ark::test::fixture;
using ark::test::TempDir;
using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

std::unique_ptr<Container> started(const fs::path& home) {
  Options options;
  options.home = home;
  auto container = Container::create(std::move(options));
  EXPECT_TRUE(container.ok()) << container.status().text();
  const auto start = (*container)->start();
  EXPECT_TRUE(start.status.ok()) << start.status.text();
  return std::move(*container);
}

std::vector<std::string> up(const Container& container) {
  std::vector<std::string> labels;
  for (const auto& module : container.modules()) {
    labels.push_back(module.name + " " + module.version + " " + std::string(state_name(module.state)));
  }
  return labels;
}

TEST(Durability, WhatWasInstalledIsStartedAgain) {
  TempDir temp;
  {
    auto container = started(temp.path() / "home");
    ASSERT_TRUE(container->install(fixture("echo"), {}).status.ok());
    const auto plain = container->install(fixture("plain"), {false, true});
    ASSERT_TRUE(plain.status.ok());
    EXPECT_TRUE(plain.module->transient);
    EXPECT_TRUE(container->stop().status.ok());
  }
  auto container = started(temp.path() / "home");
  EXPECT_THAT(up(*container), ElementsAre("echo 1.0.0 ACTIVATED")) << "plain was transient";
  ASSERT_TRUE(container->uninstall("echo", false).status.ok());
  EXPECT_TRUE(container->stop().status.ok());
  container.reset();
  EXPECT_THAT(up(*started(temp.path() / "home")), IsEmpty());
}

TEST(Durability, AReplacementIsWhatIsStartedAgain) {
  TempDir temp;
  {
    auto container = started(temp.path() / "home");
    ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
    const auto replaced = container->replace(fixture("plain-1.1"), {});
    ASSERT_TRUE(replaced.status.ok()) << replaced.status.text();
    EXPECT_TRUE(container->stop().status.ok());
  }
  EXPECT_THAT(up(*started(temp.path() / "home")), ElementsAre("plain 1.1.0 ACTIVATED"));
}

TEST(Durability, AFailedReplacementLeavesTheOldOneInPlace) {
  TempDir temp;
  auto container = started(temp.path() / "home");
  ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
  const auto replaced = container->replace(fixture("plain-broken"), {});
  EXPECT_FALSE(replaced.status.ok());
  EXPECT_THAT(replaced.status.text(), testing::HasSubstr("plain 1.0.0 goes on"));
  EXPECT_THAT(up(*container), ElementsAre("plain 1.0.0 ACTIVATED"));
  EXPECT_TRUE(fs::exists(temp.path() / "home/modules/plain-1.0.0.ark"));
  EXPECT_TRUE(container->stop().status.ok());
}

/// In a child, which ends with 1 if this fails.
std::unique_ptr<Container> started_in_child(const fs::path& home) {
  Options options;
  options.home = home;
  auto container = Container::create(std::move(options));
  if (!container.ok() || !(*container)->start().status.ok()) _exit(1);
  return std::move(*container);
}

/// One round of work in a child; false if an operation failed.
using Work = bool (*)(Container&);

bool install_and_uninstall(Container& container) {
  return container.install(fixture("echo"), {}).status.ok() && container.replace(fixture("echo"), {}).status.ok() &&
         container.uninstall("echo", false).status.ok();
}

bool replace_to_and_fro(Container& container) {
  if (container.modules().empty() && !container.install(fixture("plain"), {}).status.ok()) return false;
  return container.replace(fixture("plain-1.1"), {}).status.ok() && container.replace(fixture("plain"), {}).status.ok();
}

/// Forks a child that works until it is killed: in the middle of it, elsewhere in each round.
void work_and_be_killed(const fs::path& home, Work work, int round) {
  fs::remove(home / "running");
  const pid_t child = fork();
  if (child == 0) {
    auto container = started_in_child(home);
    std::ofstream(home / "running") << "yes";
    while (work(*container)) {
    }
    _exit(2);
  }
  ASSERT_GT(child, 0);
  while (!fs::exists(home / "running")) ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "the child ended by itself";
  const timespec pause{0, round * 531'000};
  nanosleep(&pause, nullptr);
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself with status " << WEXITSTATUS(status);
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(folder)) names.push_back(file.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Durability, AProcessKilledDuringAnInstallLeavesAllOfItOrNothing) {
  TempDir temp;
  const auto home = temp.path() / "home";
  for (int round = 0; round < 40; ++round) {
    ASSERT_NO_FATAL_FAILURE(work_and_be_killed(home, install_and_uninstall, round));
    auto container = started(home);
    const auto there = up(*container);
    if (!there.empty()) {
      EXPECT_THAT(there, ElementsAre("echo 1.0.0 ACTIVATED"));
      EXPECT_TRUE(container->uninstall("echo", false).status.ok());
    }
    EXPECT_THAT(files_in(home / "modules"), IsEmpty()) << "something was left behind";
    EXPECT_TRUE(container->stop().status.ok());
  }
}

TEST(Durability, AProcessKilledDuringAReplacementLeavesOneVersion) {
  TempDir temp;
  const auto home = temp.path() / "home";
  bool was_there = false;
  for (int round = 0; round < 40; ++round) {
    ASSERT_NO_FATAL_FAILURE(work_and_be_killed(home, replace_to_and_fro, round));
    auto container = started(home);
    const auto there = up(*container);
    EXPECT_THAT(there, AnyOf(IsEmpty(), ElementsAre("plain 1.0.0 ACTIVATED"), ElementsAre("plain 1.1.0 ACTIVATED")));
    EXPECT_TRUE(!was_there || !there.empty()) << "a replacement that was cut short has lost both versions";
    was_there = !there.empty();
    EXPECT_EQ(files_in(home / "modules").size(), there.size());
    EXPECT_TRUE(container->stop().status.ok());
  }
}

// ---- states ----

struct Verb {
  const char* name;
  std::function<ark::container::Operation(Container&)> run;
};

Verb install(const char* package, bool switch_to = false) {
  return {"install", [=](Container& c) { return c.install(fixture(package), {switch_to, false}); }};
}
Verb replace(const char* package) {
  return {"replace", [=](Container& c) { return c.replace(fixture(package), {}); }};
}
Verb switch_to(const char* selector) {
  return {"switch", [=](Container& c) { return c.switch_to(selector); }};
}
Verb stop(const char* selector) {
  return {"stop", [=](Container& c) { return c.stop_module(selector); }};
}
Verb start(const char* selector) {
  return {"start", [=](Container& c) { return c.start_module(selector); }};
}
Verb uninstall(const char* selector) {
  return {"uninstall", [=](Container& c) { return c.uninstall(selector, false); }};
}

/// The states that one operation after the other leads to.
std::vector<std::string> after(const fs::path& home, const std::vector<Verb>& verbs) {
  auto container = started(home);
  for (const auto& verb : verbs) {
    const auto operation = verb.run(*container);
    EXPECT_TRUE(operation.status.ok()) << verb.name << ": " << operation.status.text();
  }
  const auto states = up(*container);
  EXPECT_TRUE(container->stop().status.ok());
  return states;
}

TEST(Durability, EveryStateIsThatOfTheNextStart) {
  TempDir temp;
  const auto home = temp.path() / "home";
  for (const auto& verb :
       {install("plain"), install("plain-1.1"), switch_to("plain:1.1.0"), stop("plain:1.1.0"), install("echo"), stop("echo"), start("plain:1.1.0"),
        stop("plain:1.0.0"), start("plain:1.0.0"), switch_to("plain:1.0.0"), uninstall("plain:1.0.0"), start("echo"), switch_to("plain:1.1.0"),
        install("plain", true), uninstall("plain:1.0.0"), install("plain"), uninstall("plain:1.1.0"), uninstall("plain:1.0.0"), uninstall("echo")}) {
    const auto states = after(home, {verb});
    EXPECT_EQ(after(home, {}), states) << "after " << verb.name;
  }
  EXPECT_THAT(files_in(home / "modules"), IsEmpty());
}

TEST(Durability, APackageRemovedByHandIsForgotten) {
  TempDir temp;
  const auto home = temp.path() / "home";
  EXPECT_THAT(after(home, {install("plain"), install("plain-1.1"), install("echo"), stop("echo")}),
              ElementsAre("echo 1.0.0 STOPPED", "plain 1.0.0 ACTIVATED", "plain 1.1.0 DEACTIVATED"));
  fs::remove(home / "modules/plain-1.0.0.ark");
  fs::remove(home / "modules/echo-1.0.0.ark");
  EXPECT_THAT(after(home, {}), ElementsAre("plain 1.1.0 ACTIVATED")) << "as if nothing had been remembered of it";
  fs::copy_file(fixture("echo"), home / "modules/echo-1.0.0.ark");
  EXPECT_THAT(after(home, {}), ElementsAre("echo 1.0.0 ACTIVATED", "plain 1.1.0 ACTIVATED"));
}

TEST(Durability, APackageCopiedInByHandMayHaveAnyName) {
  TempDir temp;
  const auto home = temp.path() / "home";
  fs::create_directories(home / "modules");
  fs::copy_file(fixture("plain"), home / "modules/my.ark");
  EXPECT_THAT(after(home, {stop("plain"), start("plain"), replace("plain-1.1")}), ElementsAre("plain 1.1.0 ACTIVATED"));
  EXPECT_THAT(files_in(home / "modules"), ElementsAre("plain-1.1.0.ark"));
}

TEST(Durability, AFileOfAnotherModuleInItsPlaceEndsAReplacementAndLosesNothing) {
  TempDir temp;
  const auto home = temp.path() / "home";
  fs::create_directories(home / "modules");
  fs::copy_file(fixture("echo"), home / "modules/plain-1.1.0.ark");
  auto container = started(home);
  ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
  const auto replaced = container->replace(fixture("plain-1.1"), {});
  EXPECT_THAT(replaced.status.text(), testing::AllOf(testing::HasSubstr("plain 1.0.0 goes on"), testing::HasSubstr("rename it to echo-1.0.0.ark")));
  const std::vector<std::string> both{"echo 1.0.0 ACTIVATED", "plain 1.0.0 ACTIVATED"};
  EXPECT_EQ(up(*container), both);
  EXPECT_TRUE(container->stop().status.ok());
  container.reset();
  EXPECT_EQ(after(home, {}), both);
}

TEST(Durability, TheStateOfAnotherContainerIsForgottenSayingSo) {
  TempDir temp;
  const auto home = temp.path() / "home", other = temp.path() / "other";
  (void)after(other, {install("plain"), install("plain-1.1"), install("thrower"), stop("thrower")});
  const auto states = after(home, {install("echo"), install("plain")});
  fs::create_directories(home / "data/.container");
  fs::copy_file(other / "data/.container/state.json", home / "data/.container/state.json");
  std::vector<std::string> log;
  ark::container::Options options;
  options.home = home;
  options.log = [&](int, std::string_view, std::string_view text) { log.emplace_back(text); };
  {
    auto container = Container::create(options);
    ASSERT_TRUE(container.ok());
    ASSERT_TRUE((*container)->start().status.ok());
  }
  EXPECT_THAT(log, testing::Contains("it was remembered that thrower:1.0.0 is stopped, but its package is not there; that is forgotten now"));
  EXPECT_EQ(after(home, {}), states);
}

TEST(Durability, AHomeThatWasMovedIsTheSame) {
  TempDir temp;
  const auto states = after(temp.path() / "home", {install("plain"), install("plain-1.1"), install("echo"), stop("echo")});
  fs::rename(temp.path() / "home", temp.path() / "moved");
  EXPECT_EQ(after(temp.path() / "moved", {}), states);
}

TEST(Durability, ADamagedStateKeepsTheStartFromGuessing) {
  TempDir temp;
  const auto home = temp.path() / "home";
  after(home, {install("plain"), install("plain-1.1")});
  const auto file = home / "data/.container/state.json";
  const auto whole = ark::test::text_of(file);
  ark::test::write_file(file, whole.substr(0, whole.size() / 2));
  Options options;
  options.home = home;
  auto container = Container::create(options);
  ASSERT_TRUE(container.ok());
  const auto refused = (*container)->start();
  EXPECT_THAT(refused.status.text(), testing::HasSubstr(file.string()));
  EXPECT_THAT(Container::check(options).status.text(), testing::HasSubstr(file.string()));
  container->reset();
  EXPECT_EQ(files_in(home / "modules").size(), 2u) << "nothing was lost";
  ark::test::write_file(file, whole);
  EXPECT_THAT(after(home, {}), ElementsAre("plain 1.0.0 ACTIVATED", "plain 1.1.0 DEACTIVATED"));
}

// ---- killed before each step to the disk ----

bool changes_files(const __ptrace_syscall_info& call) {
  switch (call.entry.nr) {
    case SYS_openat: return (call.entry.args[2] & O_CREAT) != 0;
#ifdef SYS_rename
    case SYS_rename: case SYS_unlink: case SYS_mkdir: case SYS_rmdir:
#endif
    case SYS_write: case SYS_pwrite64: case SYS_sendfile: case SYS_fsync: case SYS_fdatasync: case SYS_ftruncate:
    case SYS_renameat: case SYS_renameat2: case SYS_unlinkat: case SYS_mkdirat:
      return true;
    default: return false;
  }
}

enum class Ended { kKilled, kDone, kFailed, kCannotTrace };

/// Runs the verb in a child, which is killed at the first system call for which `ends` is true.
Ended run_until(const fs::path& home, const Verb& verb, const std::function<bool(const __ptrace_syscall_info&)>& ends) {
  const pid_t child = fork();
  if (child == 0) {
    auto container = started_in_child(home);
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(3);
    raise(SIGSTOP);
    _exit(verb.run(*container).status.ok() ? 0 : 1);
  }
  int status = 0, signal = 0;
  waitpid(child, &status, __WALL);
  if (WIFSTOPPED(status)) ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  while (WIFSTOPPED(status)) {
    __ptrace_syscall_info call{};
    const bool in_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
    if (in_call && ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call) > 0 && call.op == PTRACE_SYSCALL_INFO_ENTRY && ends(call)) {
      kill(child, SIGKILL);
      waitpid(child, &status, __WALL);
      return Ended::kKilled;
    }
    signal = in_call || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
    ptrace(PTRACE_SYSCALL, child, nullptr, signal);
    waitpid(child, &status, __WALL);
  }
  if (!WIFEXITED(status)) return Ended::kFailed;
  return WEXITSTATUS(status) == 0 ? Ended::kDone : WEXITSTATUS(status) == 3 ? Ended::kCannotTrace : Ended::kFailed;
}

/// Before its `point`th change of a file (from 1), counted from the beginning of the verb.
Ended run_and_kill(const fs::path& home, const Verb& verb, int point) {
  return run_until(home, verb, [&](const auto& call) { return changes_files(call) && --point == 0; });
}

/// How often the verb waits for the disk.
int syncs_of(const fs::path& home, const Verb& verb) {
  int count = 0;
  const auto ended = run_until(home, verb, [&](const auto& call) {
    count += call.entry.nr == SYS_fsync || call.entry.nr == SYS_fdatasync;
    return false;
  });
  EXPECT_THAT(ended, AnyOf(Ended::kDone, Ended::kCannotTrace));
  return ended == Ended::kDone ? count : -1;
}

TEST(Durability, CostsAnInstallTwoSyncsAndTwoMoreIfItIsRememberedWhichVersionIsActive) {
  TempDir temp;
  const auto home = temp.path() / "home";
  const auto transient = Verb{"transient install", [](Container& c) { return c.install(fixture("plain"), {false, true}); }};
  const int none = syncs_of(home, transient);
  if (none < 0) GTEST_SKIP() << "this system does not let a process be traced";
  EXPECT_EQ(none, 0);
  EXPECT_EQ(syncs_of(home, install("plain")), 2);
  EXPECT_EQ(syncs_of(home, install("plain-1.1")), 4);
}

struct Change {
  const char* name;
  std::vector<Verb> before;
  Verb verb;
};
std::ostream& operator<<(std::ostream& out, const Change& change) { return out << change.name; }

class KilledBeforeEachChange : public testing::TestWithParam<Change> {};

TEST_P(KilledBeforeEachChange, ComesBackAsBeforeOrAsAfter) {
  TempDir temp;
  const auto home = temp.path() / "home", prepared = temp.path() / "prepared", done = temp.path() / "done";
  const auto before = after(prepared, GetParam().before);
  fs::copy(prepared, done, fs::copy_options::recursive);
  const auto wanted = after(done, {GetParam().verb});
  ASSERT_NE(before, wanted);
  int points = 0, undone = 0;
  for (auto ended = Ended::kKilled; ended == Ended::kKilled;) {
    fs::remove_all(home);
    fs::copy(prepared, home, fs::copy_options::recursive);
    ended = run_and_kill(home, GetParam().verb, points + 1);
    if (ended == Ended::kCannotTrace) GTEST_SKIP() << "this system does not let a process be traced";
    ASSERT_NE(ended, Ended::kFailed) << "at point " << points + 1;
    const auto states = after(home, {});
    if (ended == Ended::kDone) {
      EXPECT_EQ(states, wanted) << "an operation that was acknowledged is lost";
      break;
    }
    ++points;
    undone += states == before;
    EXPECT_THAT(states, AnyOf(before, wanted)) << "killed at point " << points;
    EXPECT_EQ(after(home, {}), states) << "what came back must stay";
  }
  RecordProperty("points", points);
  EXPECT_GE(points, 3);
  EXPECT_GE(undone, 1);
  std::printf("%s: %d points\n", GetParam().name, points);
}

INSTANTIATE_TEST_SUITE_P(
    Durability, KilledBeforeEachChange,
    testing::Values(Change{"first_install", {}, install("plain")}, Change{"install_beside", {install("plain")}, install("plain-1.1")},
                    Change{"install_and_switch", {install("plain-1.1")}, install("plain", true)},
                    Change{"replacement", {install("plain")}, replace("plain-1.1")},
                    Change{"replacement_by_an_older_one", {install("plain-1.1")}, replace("plain")},
                    Change{"switch", {install("plain"), install("plain-1.1")}, switch_to("plain:1.1.0")},
                    Change{"stop", {install("plain")}, stop("plain")}, Change{"start", {install("plain"), stop("plain")}, start("plain")},
                    Change{"uninstall_of_the_active_one", {install("plain"), install("plain-1.1")}, uninstall("plain:1.0.0")},
                    Change{"uninstall", {install("plain")}, uninstall("plain")}),
    [](const auto& info) { return info.param.name; });

}  // namespace
