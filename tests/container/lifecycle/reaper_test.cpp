#include "lifecycle/reaper.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <thread>

namespace ark::container::lifecycle {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kShort{1}, kEndless{3'600'000};

TEST(Reaper, LooksAgainUntilNothingIsLeft) {
  std::atomic<int> looks{0};
  Reaper reaper([&] { return ++looks < 5; }, kShort, kShort);
  reaper.look_soon();
  while (looks < 5) std::this_thread::yield();
  reaper.look_soon();
  while (looks < 6) std::this_thread::yield();
  reaper.end();
  EXPECT_EQ(looks, 6) << "it sleeps while nothing is left";
}

TEST(Reaper, LooksAtOnceWhenAskedHoweverLongItHasLooked) {
  std::atomic<int> looks{0};
  Reaper reaper([&] { return ++looks > 0; }, kEndless, kEndless);
  for (int i = 1; i <= 3; ++i) {
    reaper.look_soon();
    while (looks < i) std::this_thread::yield();
  }
}

TEST(Reaper, ALookThatEndsForWantOfMemoryIsNotTheLast) {
  std::atomic<int> looks{0};
  Reaper reaper([&] { return ++looks == 1 ? throw std::bad_alloc() : false; }, kShort, kShort);
  reaper.look_soon();
  while (looks < 2) std::this_thread::yield();
}

TEST(Reaper, EndsWhileItWaitsAndLooksNoMore) {
  std::atomic<int> looks{0};
  Reaper reaper([&] { return ++looks > 0; }, kEndless, kEndless);
  reaper.look_soon();
  while (looks < 1) std::this_thread::yield();
  reaper.end();
  reaper.look_soon();
  EXPECT_EQ(looks, 1);
}

}  // namespace
}  // namespace ark::container::lifecycle
