#include "thread/barrier.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ark::container::thread {
namespace {

/// Dekker's pattern, whose one side has only a compiler fence: without a barrier on all threads both sides may read 0.
void neither_side_misses_the_other(void (*barrier)()) {
  std::atomic<int> light{0}, heavy{0}, round{0}, answered{0};
  std::atomic<int> light_saw{0};
  constexpr int kRounds = 2000;
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      while (round.load() != i) {
      }
      light.store(i, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
      light_saw.store(heavy.load(std::memory_order_relaxed), std::memory_order_relaxed);
      answered.store(i);
    }
  });
  int missed = 0;
  for (int i = 1; i <= kRounds; ++i) {
    round.store(i);
    heavy.store(i, std::memory_order_relaxed);
    barrier();
    const int heavy_saw = light.load(std::memory_order_relaxed);
    while (answered.load() != i) {
    }
    if (heavy_saw != i && light_saw.load() != i) ++missed;
  }
  other.join();
  EXPECT_EQ(missed, 0);
}

TEST(Barrier, ByMembarrierOrdersThreadsThatDoNotFence) {
  ASSERT_TRUE(barrier_by_membarrier());
  neither_side_misses_the_other([] { barrier_by_membarrier(); });
}

TEST(Barrier, ByPageProtectionOrdersThreadsThatDoNotFence) { neither_side_misses_the_other(barrier_by_page_protection); }

}  // namespace
}  // namespace ark::container::thread
