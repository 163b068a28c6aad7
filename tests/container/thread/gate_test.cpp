#include "thread/gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ark::container::thread {
namespace {

TEST(Gate, ClosingWaitsForTheThreadInside) {
  Gate gate;
  std::atomic<bool> inside{false}, leave{false}, left{false};
  std::thread running([&] {
    ASSERT_TRUE(gate.enter());
    inside = true;
    while (!leave) std::this_thread::yield();
    left = true;
    gate.leave();
  });
  while (!inside) std::this_thread::yield();
  EXPECT_FALSE(gate.close(std::chrono::steady_clock::now() + std::chrono::milliseconds(5)));
  leave = true;
  EXPECT_TRUE(gate.close());
  EXPECT_TRUE(left);
  EXPECT_FALSE(gate.enter());
  running.join();
}

TEST(Gate, ClosingFromInsideDoesNotDeadlock) {
  Gate gate;
  ASSERT_TRUE(gate.enter());
  EXPECT_TRUE(gate.close());
  gate.leave();
  EXPECT_TRUE(gate.closed());
  EXPECT_FALSE(gate.enter());
}

TEST(Gate, LetsOneThreadInAtATime) {
  Gate gate;
  ASSERT_TRUE(gate.enter());
  EXPECT_FALSE(gate.enter());
  gate.leave();
  EXPECT_TRUE(gate.enter());
  gate.leave();
}

TEST(Gate, NothingRunsOnceCloseHasReturned) {
  for (int round = 0; round < 200; ++round) {
    Gate gate;
    std::atomic<bool> closed{false}, end{false};
    std::atomic<int> late{0};
    std::thread running([&] {
      while (!end) {
        if (!gate.enter()) continue;
        if (closed) ++late;
        gate.leave();
      }
    });
    std::this_thread::yield();
    gate.close();
    closed = true;
    std::this_thread::yield();
    end = true;
    running.join();
    EXPECT_EQ(late, 0);
  }
}

}  // namespace
}  // namespace ark::container::thread
