#include "app/signals.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace ark::container::app {
namespace {

constexpr auto kNone = std::chrono::milliseconds(0), kEndless = std::chrono::milliseconds(3'600'000);

/// To this process, and taken by its Signals.
void send_first(int number, const Signals& signals) {
  kill(getpid(), number);
  while (!signals.signalled()) std::this_thread::yield();
}

// Each in a process of its own: a signal ends it.

TEST(SignalsDeathTest, AWakingIsNoFirstSignal) {
  EXPECT_EXIT(
      {
        Signals signals;
        signals.wake();
        signals.wait();
        if (signals.signalled()) _exit(3);
        send_first(SIGTERM, signals);
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, ASecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        Signals signals(kNone);
        send_first(SIGINT, signals);
        signals.wait();
        kill(getpid(), SIGTERM);
        for (;;) pause();
      },
      testing::ExitedWithCode(128 + SIGTERM), "a second signal, SIGTERM: ends at once\n");
}

TEST(SignalsDeathTest, TheSameSignalOnceMoreIsNoSecondOne) {
  EXPECT_EXIT(
      {
        Signals signals(kEndless);
        send_first(SIGTERM, signals);
        for (int i = 0; i < 2; ++i) {  // who takes another one has outlived the one before
          kill(getpid(), SIGTERM);
          for (sigset_t pending; sigpending(&pending) == 0 && sigismember(&pending, SIGTERM) == 1;) std::this_thread::yield();
        }
        _exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, ASecondSignalTellsWhatItEnds) {
  EXPECT_EXIT(
      {
        Signals signals(kNone);
        signals.on_second([] { return std::string("orders 1.0.0 (STOPPING)"); });
        send_first(SIGTERM, signals);
        if (signals.name() != "SIGTERM") _exit(3);
        kill(getpid(), SIGINT);
        for (;;) pause();
      },
      testing::ExitedWithCode(128 + SIGINT), "ends at once; still there: orders 1.0.0 \\(STOPPING\\)\n");
}

TEST(SignalsDeathTest, WhoCannotTellWhatItEndsIsNotWaitedFor) {
  EXPECT_EXIT(
      {
        Signals signals(kNone);
        signals.on_second([]() -> std::string {
          for (;;) pause();
        });
        send_first(SIGTERM, signals);
        kill(getpid(), SIGTERM);
        for (;;) pause();
      },
      testing::ExitedWithCode(128 + SIGTERM), "the container does not answer\n");
}

}  // namespace
}  // namespace ark::container::app
