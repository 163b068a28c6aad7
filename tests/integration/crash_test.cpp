// A module that crashes: the process dies of it, and says whose fault it was, then and at the next start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "serving_container.hpp"
#include "support/child.hpp"
#include "support/run_program.hpp"

namespace {

namespace fs = std::filesystem;
using ark::test::Child;
using ark::test::fixture;
using ark::test::Ran;
using ark::test::TempDir;
using ark::test::text_of;
using testing::AllOf;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Crashes : public testing::Test {
 protected:
  Crashes() {
    rlimit none{};
    setrlimit(RLIMIT_CORE, &none);  // children inherit it
    fs::create_directories(home_ / "modules");
    fs::copy(fixture("crashes"), home_ / "modules");
  }

  std::vector<std::string> words() const { return {ARK_CONTAINER, "--home", home_.native(), "--set", "log.console=false"}; }
  Child crashing(const char* way, const char* place) const {
    return Child(words(), {std::string("CRASH=") + way, std::string("CRASH_ON=") + place}, err_);
  }
  std::string err() const { return text_of(err_); }
  std::string log() const { return text_of(home_ / "logs" / "container.log"); }
  Ran doctor(const std::string& option = "") const {
    std::vector<std::string> words{ARKCTL, "--home", home_.native(), "doctor"};
    if (!option.empty()) words.push_back(option);
    return ark::test::run_program(words);
  }
  nlohmann::json doctor_json() const { return nlohmann::json::parse(doctor("--json").out); }

  std::vector<fs::path> reports() const {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(home_ / "logs")) {
      if (file.path().filename().string().starts_with("crash-")) found.push_back(file.path());
    }
    return found;
  }
  std::string only_report() const {
    const auto files = reports();
    EXPECT_THAT(files, SizeIs(1));
    return files.empty() ? "" : text_of(files.front());
  }
  int times_told() const {
    const auto text = log();
    const std::regex told("an earlier run has crashed: ");
    return static_cast<int>(std::distance(std::sregex_iterator(text.begin(), text.end(), told), std::sregex_iterator()));
  }

  /// Starts, does `meanwhile`, and stops.
  void run_once(const std::function<void()>& meanwhile) {
    Child container(words());
    const auto ready = ark::test::run_program({ARKCTL, "--home", home_.native(), "wait", "ready"});
    ASSERT_EQ(ready.status, 0) << ready.err;
    meanwhile();
    container.signal(SIGTERM);
    EXPECT_EQ(container.exit_status(), 0);
  }

  TempDir dir_;
  const fs::path home_ = dir_ / "home", err_ = dir_ / "err";
};

struct Way {
  const char *name, *place;
  int signal;
  const char *reason, *function, *thread;
};
std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name << " on " << way.place; }

class ModuleThatCrashes : public Crashes, public testing::WithParamInterface<Way> {};

TEST_P(ModuleThatCrashes, IsNamedByTheReportTheNextStartAndTheDoctor) {
  const auto& way = GetParam();
  const auto status = crashing(way.name, way.place).wait();
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), way.signal) << "it died of what it would have died of without a report";

  const auto report = only_report();
  EXPECT_THAT(report, AllOf(HasSubstr("\nmodule: crashes\n"), HasSubstr("\nversion: 1.0.0\n"), HasSubstr("\ngeneration: 1\n"),
                            HasSubstr("/crashes.so\n"), ContainsRegex("\noffset: 0x[0-9a-f]+\n"), ContainsRegex("\nbuild-id: [0-9a-f]+\n"),
                            HasSubstr(std::string("\nthread-name: ") + way.thread + "\n"), HasSubstr(way.reason), HasSubstr("\nend: ")));
  EXPECT_THAT(err(), HasSubstr(report)) << "standard error has all of it";

  const auto names_all = AllOf(HasSubstr("crashes 1.0.0 crashed: SIG"), HasSubstr(way.reason), ContainsRegex("crashes\\.so\\+0x[0-9a-f]+ \\("),
                               HasSubstr(std::string("crashing::") + way.function), HasSubstr(std::string("(") + way.thread + ") of process "));
  const auto down = doctor();
  EXPECT_EQ(down.status, 1);
  EXPECT_THAT(down.out, names_all);
  EXPECT_THAT(down.err, HasSubstr("no container answers"));
  run_once([&] {
    const auto up = doctor();
    EXPECT_EQ(up.status, 1);
    EXPECT_THAT(up.out, names_all);
    EXPECT_THAT(up.err, testing::IsEmpty());
    EXPECT_THAT(log(), AllOf(names_all, HasSubstr("logs/crash-")));
    EXPECT_EQ(times_told(), 1);
  });
  run_once([&] { EXPECT_EQ(times_told(), 1) << "once is enough"; });
}

INSTANTIATE_TEST_SUITE_P(
    Ways, ModuleThatCrashes,
    testing::Values(Way{"segv", "constructor", SIGSEGV, "nothing is mapped at address 0x0", "write_to_nothing()", "ark-lifecycle"},
                    Way{"segv", "thread", SIGSEGV, "nothing is mapped at address 0x0", "write_to_nothing()", "crasher"},
                    Way{"segv", "pthread", SIGSEGV, "nothing is mapped at address 0x0", "write_to_nothing()", "crasher"},
                    Way{"bus", "thread", SIGBUS, "the end of its file", "read_behind_the_end()", "crasher"},
                    Way{"fpe", "thread", SIGFPE, "an integer was divided by zero", "divide()", "crasher"},
                    Way{"ill", "thread", SIGILL, "an illegal instruction", "trap()", "crasher"},
                    Way{"abort", "thread", SIGABRT, "abort was called", "give_up()", "crasher"},
                    Way{"abort", "constructor", SIGABRT, "abort was called", "give_up()", "ark-lifecycle"},
                    Way{"throw", "thread", SIGABRT, "std::runtime_error: disk is full", "throw_it()", "crasher"},
                    Way{"throw", "pthread", SIGABRT, "std::runtime_error: disk is full", "throw_it()", "crasher"},
                    Way{"noexcept", "thread", SIGABRT, "std::runtime_error: disk is full", "throw_it()", "crasher"},
                    Way{"overflow", "thread", SIGSEGV, "the stack has overflowed", "recurse(unsigned long)", "crasher"},
                    Way{"overflow", "pthread", SIGSEGV, "the stack has overflowed", "recurse(unsigned long)", "crasher"},
                    Way{"overflow", "constructor", SIGSEGV, "the stack has overflowed", "recurse(unsigned long)", "ark-lifecycle"},
                    Way{"nowhere", "thread", SIGSEGV, "nothing is mapped at address 0x0", "call_nowhere()", "crasher"},
                    Way{"in-libc", "thread", SIGSEGV, "nothing is mapped at address 0x0", "measure_nothing()", "crasher"},
                    Way{"spoiled", "thread", SIGSEGV, "nothing is mapped at address 0x0", "spoil_the_stack()", "crasher"}),
    [](const auto& way) { return ark::test::test_name(std::string(way.param.name) + "-on-" + way.param.place); });

TEST_F(Crashes, TheLibraryThatWasCalledIsNamedTooWithWhoCalledIt) {
  (void)crashing("in-libc", "thread").wait();
  EXPECT_THAT(doctor().out, ContainsRegex(", in libc\\.so\\.6\\+0x[0-9a-f]+.*, called from crashes\\.so\\+0x"));
}

TEST_F(Crashes, AStackThatIsSpoiledIsSaidToBe) {
  (void)crashing("spoiled", "thread").wait();
  EXPECT_THAT(only_report(), Not(HasSubstr("\nend: complete\n")));
  EXPECT_THAT(doctor().out, HasSubstr("the report is not complete: the stack is damaged"));
}

TEST_F(Crashes, TheOffsetIsWhatAddr2lineTakes) {
  (void)crashing("fpe", "thread").wait();
  const auto crash = doctor_json()["crashes"][0];
  const auto found = ark::test::run_program({"addr2line", "-Cfe", crash["code_file"].get<std::string>(), crash["offset"].get<std::string>()});
  EXPECT_THAT(found.out, HasSubstr("crashing::divide()"));
}

TEST_F(Crashes, WithoutAFileStandardErrorHasTheReport) {
  Child container(words(), {}, err_);
  ASSERT_EQ(ark::test::run_program({ARKCTL, "--home", home_.native(), "wait", "ready"}).status, 0);
  fs::remove_all(home_ / "logs");
  container.signal(SIGSEGV);
  const auto status = container.wait();
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSEGV);
  EXPECT_THAT(err(), AllOf(ContainsRegex("\nnot-written: .*/logs/crash-.*: ENOENT\n"), HasSubstr("\nend: complete\n"),
                           HasSubstr("\nreason: sent by process " + std::to_string(getpid()) + "\n")));
}

TEST_F(Crashes, WhatIsNoModulesIsSaidToBe) {
  Child container(words(), {}, err_);
  ASSERT_EQ(ark::test::run_program({ARKCTL, "--home", home_.native(), "wait", "ready"}).status, 0);
  container.signal(SIGBUS);
  EXPECT_EQ(WTERMSIG(container.wait()), SIGBUS);
  EXPECT_THAT(doctor().out, HasSubstr("the process crashed, with no code of a module on its stack: SIGBUS, sent by process "));
  EXPECT_EQ(doctor_json()["crashes"][0]["module"], "");
}

TEST_F(Crashes, OnlyTheNewestReportsAreKept) {
  fs::create_directories(home_ / "logs");
  for (int i = 10; i < 40; ++i) {
    std::ofstream(home_ / "logs" / ("crash-20200101-0000" + std::to_string(i) + "-1.txt")) << "ark-crash: 1\nprocess: 1\nsignal: SIGSEGV\n";
  }
  run_once([&] { EXPECT_THAT(reports(), SizeIs(20)); });
  EXPECT_FALSE(fs::exists(home_ / "logs" / "crash-20200101-000019-1.txt"));
  EXPECT_TRUE(fs::exists(home_ / "logs" / "crash-20200101-000020-1.txt"));
  EXPECT_EQ(times_told(), 30);
}

TEST_F(Crashes, AKillLeavesNoReportButTheDoctorKnowsTheRun) {
  {
    Child container(words());
    ASSERT_EQ(ark::test::run_program({ARKCTL, "--home", home_.native(), "wait", "ready"}).status, 0);
    EXPECT_EQ(doctor().status, 0) << doctor().out;
    container.signal(SIGKILL);
    (void)container.wait();
  }
  for (int i = 0; i < 2; ++i) {
    const auto told = doctor();
    EXPECT_EQ(told.status, 1);
    EXPECT_THAT(told.out, AllOf(HasSubstr("run: the run "), HasSubstr("did not end cleanly, and no crash report tells why")));
    run_once([&] { EXPECT_THAT(doctor().out, HasSubstr("did not end cleanly, and no crash report tells why")); });
    const auto text = log();
    EXPECT_EQ(text.find("did not end cleanly"), text.rfind("did not end cleanly")) << "the start after it says so, once is enough";
    EXPECT_THAT(text, HasSubstr("did not end cleanly"));
  }
  fs::remove_all(home_ / "run" / "stage");
  EXPECT_EQ(doctor().status, 0) << "what has been looked at and removed is no finding any more";
}

TEST_F(Crashes, ARunThatFailedToStartIsNoFinding) {
  std::ofstream(home_ / "modules" / "nothing.ark") << "nothing";
  Child container(words(), {}, err_);
  EXPECT_EQ(container.exit_status(), 1);
  EXPECT_EQ(doctor().status, 0) << doctor().out;
}

}  // namespace
