#include "event/slow_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

namespace ark::container::event {
namespace {

using testing::MatchesRegex;

class Lines {
 public:
  void add(const std::string& line) {
    std::lock_guard lock(mutex_);
    all_.push_back(line);
    changed_.notify_all();
  }
  std::vector<std::string> await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;  // guarded by mutex_
};

const std::string kOrders = "orders 1.0.0", kEvent = "AfterBizStartup";

TEST(SlowWatch, NamesAHandlerOnceWhileItRunsAndItsTimeWhenItReturns) {
  Lines lines;
  SlowWatch watch([&](int, const std::string& label, const std::string& text) { lines.add(label + ": " + text); },
                  std::chrono::milliseconds(20));
  {
    SlowWatch::Lane lane(watch);
    lane.begin(kOrders, kEvent);
    lane.end();
    lane.begin(kOrders, kEvent);
    EXPECT_THAT(lines.await(1).at(0),
                MatchesRegex("orders 1.0.0: its handler of AfterBizStartup has been running for [0-9]+.[0-9] s"));
    const auto looked_again = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
    while (std::chrono::steady_clock::now() < looked_again) std::this_thread::yield();
    EXPECT_EQ(lines.await(1).size(), 1u);
    lane.end();
    lane.begin(kOrders, kEvent);
    lane.end();
  }
  EXPECT_EQ(lines.await(2).size(), 2u);
  EXPECT_THAT(lines.await(2).at(1),
              MatchesRegex("orders 1.0.0: its handler of AfterBizStartup has returned after [0-9]+.[0-9] s"));
}

TEST(SlowWatch, IsWokenByALaneAfterItHasSlept) {
  Lines lines;
  SlowWatch watch([&](int, const std::string& label, const std::string& text) { lines.add(text); },
                  std::chrono::milliseconds(5));
  for (size_t round = 1; round <= 3; ++round) {
    SlowWatch::Lane lane(watch);
    lane.begin(kOrders, kEvent);
    EXPECT_EQ(lines.await(2 * round - 1).size(), 2 * round - 1);
    lane.end();
    const auto asleep = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    while (std::chrono::steady_clock::now() < asleep) std::this_thread::yield();
  }
}

TEST(SlowWatch, LooksAtTheHandlerAfterOneThatItHasReported) {
  Lines lines;
  SlowWatch watch([&](int, const std::string& label, const std::string& text) { lines.add(text); },
                  std::chrono::milliseconds(5));
  SlowWatch::Lane lane(watch);
  for (size_t round = 1; round <= 3; ++round) {
    lane.begin(kOrders, kEvent);
    EXPECT_EQ(lines.await(2 * round - 1).size(), 2 * round - 1);
    const auto asleep = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    while (std::chrono::steady_clock::now() < asleep) std::this_thread::yield();
    lane.end();
  }
}

}  // namespace
}  // namespace ark::container::event
