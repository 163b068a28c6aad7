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
      testing::ExitedWithCode(1), "second signal");
}

}  // namespace
}  // namespace ark::container::app
