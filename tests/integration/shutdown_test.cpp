// How ark-container ends, and what it tells the service manager, with modules that make it hard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "serving_container.hpp"
#include "support/child.hpp"
#include "support/notify_socket.hpp"
#include "support/run_program.hpp"

namespace {

namespace fs = std::filesystem;
using ark::test::Child;
using ark::test::fixture;
using ark::test::NotifySocket;
using ark::test::TempDir;
using ark::test::text_of;
using testing::AllOf;
using testing::HasSubstr;

class Shutdown : public testing::Test {
 protected:
  Shutdown() { fs::create_directories(home_ / "modules"); }

  Child with(const std::string& module, const std::vector<std::string>& settings = {}, const std::string& watchdog_us = "") const {
    if (!module.empty()) fs::copy(fixture(module), home_ / "modules");
    std::vector<std::string> words{ARK_CONTAINER, "--home", home_.native(), "--set", "log.console=false"};
    for (const auto& setting : settings) words.insert(words.end(), {"--set", setting});
    std::vector<std::string> environment{"NOTIFY_SOCKET=" + (dir_ / "notify").native()};
    if (!watchdog_us.empty()) environment.push_back("WATCHDOG_USEC=" + watchdog_us);
    return Child(words, environment, err_);
  }
  ark::test::Ran arkctl(std::vector<std::string> words) const {
    words.insert(words.begin(), {ARKCTL, "--home", home_.native()});
    return ark::test::run_program(words);
  }
  std::string err() const { return text_of(err_); }

  TempDir dir_;
  const fs::path home_ = dir_ / "home", err_ = dir_ / "err";
  const NotifySocket manager_{(dir_ / "notify").native()};
};

TEST_F(Shutdown, TheManagerIsToldFromTheBeginToTheEnd) {
  auto container = with("plain", {}, "100000");
  EXPECT_EQ(manager_.next(), "STATUS=starting");
  EXPECT_EQ(manager_.next_with("READY=1"), "READY=1\nSTATUS=ready");
  EXPECT_EQ(manager_.next(), "WATCHDOG=1");
  EXPECT_EQ(manager_.next(), "WATCHDOG=1") << "its API answers";
  container.signal(SIGTERM);
  EXPECT_EQ(manager_.next_with("STOPPING=1"), "STOPPING=1\nSTATUS=stopping: SIGTERM came");
  EXPECT_EQ(container.exit_status(), 0);
  EXPECT_EQ(arkctl({"doctor"}).status, 0);
}

TEST_F(Shutdown, AStartThatTakesLongAsksForMoreTime) {
  const auto container = with("constructor-hangs", {}, "100000");
  EXPECT_EQ(manager_.next(), "STATUS=starting");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager_.next(), "EXTEND_TIMEOUT_USEC=200000");
}

TEST_F(Shutdown, ASignalEndsAStartThatWaitsToTryAgain) {
  auto container = with("constructor-throws", {"start.retries=1000", "start.backoff=1h"});
  while (!text_of(home_ / "logs/container.log").ends_with("on purpose\n")) std::this_thread::yield();
  container.signal(SIGTERM);
  EXPECT_EQ(container.exit_status(), 0);
  EXPECT_THAT(text_of(home_ / "logs/container.log"),
              AllOf(HasSubstr("SIGTERM came: the start ends with the modules that are starting now"), HasSubstr("SIGTERM came during the start")));
}

TEST_F(Shutdown, ASignalDuringAStartThatCannotBeUndoneCleanlyIsOne) {
  fs::copy(fixture("leaks-thread"), home_ / "modules");
  auto container = with("constructor-throws", {"modules.constructor-throws.start.retries=1000", "start.backoff=1h"});
  while (!text_of(home_ / "logs/container.log").ends_with("on purpose\n")) std::this_thread::yield();
  container.signal(SIGTERM);
  EXPECT_EQ(container.exit_status(), 1);
  EXPECT_THAT(err(), HasSubstr("leaks-thread 1.0.0 is QUARANTINED: "));
}

TEST_F(Shutdown, AStartThatFailsTellsWhy) {
  auto container = with("constructor-throws");
  EXPECT_EQ(container.exit_status(), 1);
  EXPECT_THAT(manager_.next_with("failed"), AllOf(HasSubstr("STATUS=the start failed: "), HasSubstr("on purpose")));
}

TEST_F(Shutdown, AStoppedContainerIsNotSaidToLive) {
  auto container = with("", {}, "100000");
  EXPECT_EQ(manager_.next_with("WATCHDOG=1"), "WATCHDOG=1");
  container.signal(SIGSTOP);
  while (manager_.next(std::chrono::milliseconds(500))) {
  }
  container.signal(SIGCONT);
  EXPECT_EQ(manager_.next(), "WATCHDOG=1");
}

TEST_F(Shutdown, ASecondSignalEndsAtOnceAndNamesWhatWasStillThere) {
  for (const auto& [number, text] : {std::pair{SIGTERM, "SIGTERM"}, std::pair{SIGINT, "SIGINT"}}) {
    fs::remove_all(home_);
    fs::create_directories(home_ / "modules");
    auto container = with("destructor-hangs");
    (void)manager_.next_with("READY=1");
    container.signal(SIGTERM);
    (void)manager_.next_with("STOPPING=1");
    while (container.running()) {  // too soon after the first it is the same
      container.signal(number);
      std::this_thread::yield();
    }
    EXPECT_EQ(container.exit_status(), 128 + number);
    EXPECT_THAT(err(), HasSubstr(std::string("a second signal, ") + text + ": ends at once; still there: destructor-hangs 1.0.0 ("));
    EXPECT_THAT(arkctl({"doctor"}).out, HasSubstr("did not end cleanly, and no crash report tells why"));
  }
}

TEST_F(Shutdown, WithAModuleWhoseStopFailsIsOne) {
  auto container = with("destructor-may-throw");
  (void)manager_.next_with("READY=1");
  container.signal(SIGTERM);
  EXPECT_EQ(container.exit_status(), 1);
  EXPECT_THAT(err(), AllOf(HasSubstr("the stop was not clean: destructor-may-throw 1.0.0: "), HasSubstr("on purpose")));
  EXPECT_EQ(arkctl({"doctor"}).status, 0) << "nothing of it is left";
}

TEST_F(Shutdown, OfAModuleThatExitsHasItsStatusThoughItHoldsUpItsOwnStop) {
  auto container = with("exits-on-joined-thread", {"limits.stop=100ms"});
  EXPECT_EQ(container.exit_status(), 9);
  EXPECT_THAT(err(), HasSubstr("the stop was not clean: exits-on-joined-thread 1.0.0: its destructor did not return"));
}

TEST_F(Shutdown, WithCodeThatCannotBeUnmappedIsOneAndTheDoctorKnowsIt) {
  auto container = with("destructor-hangs", {"limits.stop=100ms"});
  (void)manager_.next_with("READY=1");
  container.signal(SIGTERM);
  EXPECT_EQ(container.exit_status(), 1);
  EXPECT_THAT(err(), AllOf(HasSubstr("the stop was not clean: "), HasSubstr("destructor-hangs 1.0.0")));
  const auto told = arkctl({"doctor"});
  EXPECT_EQ(told.status, 1);
  EXPECT_THAT(told.out, HasSubstr("ended with code of modules that could not be unmapped"));
}

TEST_F(Shutdown, WithCodeThatStayedOfAModuleLongGoneIsOneToo) {
  auto container = with("leaks-thread");
  (void)manager_.next_with("READY=1");
  (void)arkctl({"uninstall", "leaks-thread"});
  const auto told = arkctl({"doctor"});
  EXPECT_EQ(told.status, 1);
  EXPECT_THAT(told.out, AllOf(HasSubstr("module: leaks-thread 1.0.0 is QUARANTINED: "), HasSubstr("odd-leaked")));
  container.signal(SIGTERM);
  EXPECT_EQ(container.exit_status(), 1);
  EXPECT_THAT(err(), HasSubstr("the stop was not clean: code could not be unmapped: leaks-thread 1.0.0 (QUARANTINED)"));
}

}  // namespace
