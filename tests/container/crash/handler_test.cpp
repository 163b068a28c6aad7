// Whom a signal goes to besides the report. Each test in a process of its own, which dies of it.
#include "crash/handler.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <barrier>
#include <thread>

#include "crash/reports.hpp"
#include "loader/ownership.hpp"
#include "support/process_facts.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::crash {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

int* volatile nothing = nullptr;
void crash() { *nothing = 1; }

class HandlerDeathTest : public testing::Test {
 protected:
  HandlerDeathTest() {
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
  }
  void SetUp() override {
    if (test::is_sanitized()) GTEST_SKIP() << "the sanitizer has these signals";
  }
  std::vector<CrashReport> reports() const { return *read_reports(dir_.path()); }
  test::TempDir dir_;
};

void set_handler(int number, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(number, &action, nullptr);
}

TEST_F(HandlerDeathTest, WhoHadTheSignalBeforeGetsItWithAllThatIsKnownOfIt) {
  EXPECT_EXIT(
      {
        set_handler(SIGSEGV, [](int, siginfo_t* info, void*) { _exit(info->si_code == SEGV_MAPERR && info->si_addr == nullptr ? 42 : 1); });
        install(dir_.path());
        crash();
      },
      testing::ExitedWithCode(42), "signal: SIGSEGV");
  EXPECT_THAT(reports(), SizeIs(1));
}

TEST_F(HandlerDeathTest, WhoTakesTheSignalAfterwardsHasItAlone) {
  EXPECT_EXIT(
      {
        install(dir_.path());
        set_handler(SIGSEGV, [](int, siginfo_t*, void*) { _exit(43); });
        take_back(SIGSEGV);
        crash();
      },
      testing::ExitedWithCode(43), "");
  EXPECT_THAT(reports(), IsEmpty());
}

TEST_F(HandlerDeathTest, ASignalIsTakenBackWhenTheModuleThatHadItIsGone) {
  EXPECT_EXIT(
      {
        install(dir_.path());
        {
          loader::Ownership module("orders 1.0.0", [](int, const std::string&) {});
          struct sigaction action {};
          action.sa_handler = SIG_DFL;
          module.set_signal_action(SIGSEGV, &action, nullptr);
        }
        crash();
      },
      testing::KilledBySignal(SIGSEGV), "signal: SIGSEGV");
  EXPECT_THAT(reports(), SizeIs(1));
}

TEST_F(HandlerDeathTest, AChildThatCrashesIsItsParentsAffair) {
  EXPECT_EXIT(
      {
        install(dir_.path());
        const pid_t child = fork();
        if (child == 0) crash();
        int status = 0;
        waitpid(child, &status, 0);
        _exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? 44 : 1);
      },
      testing::ExitedWithCode(44), "");
  EXPECT_THAT(reports(), IsEmpty());
}

TEST_F(HandlerDeathTest, ThreadsThatCrashTogetherMakeOneReport) {
  EXPECT_EXIT(
      {
        install(dir_.path());
        std::barrier together(4);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
          threads.emplace_back([&] {
            together.arrive_and_wait();
            crash();
          });
        }
        for (auto& thread : threads) thread.join();
      },
      testing::KilledBySignal(SIGSEGV), "end: complete");
  EXPECT_THAT(reports(), SizeIs(1));
}

TEST_F(HandlerDeathTest, NothingIsOpenedBeforehand) {
  EXPECT_EXIT(
      {
        const auto before = test::ProcessFacts::now().descriptors;
        install(dir_.path());
        _exit(test::ProcessFacts::now().descriptors == before ? 45 : 1);
      },
      testing::ExitedWithCode(45), "");
}

}  // namespace
}  // namespace ark::container::crash
