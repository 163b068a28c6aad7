#include "app/signals.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace ark::container::app {
namespace {

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
        Signals signals;
        send_first(SIGINT, signals);
        signals.wait();
        kill(getpid(), SIGTERM);
        for (;;) pause();
      },
      testing::ExitedWithCode(128 + SIGTERM), "a second signal, SIGTERM: ends at once\n");
}

TEST(SignalsDeathTest, ASecondSignalTellsWhatItEnds) {
  EXPECT_EXIT(
      {
        Signals signals;
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
        Signals signals;
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
