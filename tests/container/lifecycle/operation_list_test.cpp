#include "lifecycle/operation_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <thread>

namespace ark::container::lifecycle {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::MatchesRegex;

class OperationListTest : public testing::Test {
 protected:
  void log(const std::string& text) {
    std::lock_guard lock(mutex_);
    log_.push_back(text);
    logged_.notify_all();
  }
  std::string next_line() {
    std::unique_lock lock(mutex_);
    if (!logged_.wait_for(lock, std::chrono::seconds(10), [&] { return !log_.empty(); })) return "nothing";
    auto line = log_.front();
    log_.erase(log_.begin());
    return line;
  }

  std::mutex mutex_;
  std::condition_variable logged_;
  std::vector<std::string> log_;  // guarded by mutex_
  OperationList list_{[this](const std::string& text) { log(text); }, milliseconds(10)};
};

TEST_F(OperationListTest, SaysAgainAndAgainWhatALongOperationIsAt) {
  const auto task = list_.begin("install", "a.ark", "somebody");
  task->set_subject("orders 1.1.0");
  const auto step = task->steps.begin("start");
  const auto* pattern = R"(#1 install orders 1\.1\.0 \(somebody\) is at 'start' for [0-9]+\.[0-9] s)";
  EXPECT_THAT(next_line(), MatchesRegex(pattern));
  EXPECT_THAT(next_line(), MatchesRegex(pattern));
  task->steps.end(step, "ok");
  list_.end(task, {});
}

TEST_F(OperationListTest, NamesTheFirstOfManySteps) {
  const auto task = list_.begin("start", "the container", "somebody");
  for (int i = 0; i < 8; ++i) task->steps.begin("start biz b" + std::to_string(i));
  task->steps.end(0, "ok");
  EXPECT_THAT(progress_of(*task),
              MatchesRegex(".* is at 'start biz b1' for .*'start biz b5' for [0-9.]+ s and 2 more"));
  list_.end(task, {});
}

TEST_F(OperationListTest, GivesTurnsInTheOrderInWhichTheyWereAskedFor) {
  std::vector<int> order;
  auto first = std::make_unique<OperationList::Turn>(list_.take_turn("orders", list_.begin("install", "1", "a")));
  std::vector<std::future<void>> others;
  for (int i = 2; i <= 5; ++i) {
    const auto task = list_.begin("install", std::to_string(i), "a");
    others.push_back(std::async(std::launch::async, [&, i, task] {
      const auto turn = list_.take_turn("orders", task);
      order.push_back(i);  // one at a time
    }));
    while (task->steps.all().empty()) std::this_thread::yield();  // it stands in the queue
  }
  EXPECT_TRUE(order.empty());
  {
    const auto other = list_.take_turn("audit", list_.begin("install", "x", "a"));
  }  // another name waits for nobody
  first.reset();
  for (auto& other : others) other.get();
  EXPECT_THAT(order, ElementsAre(2, 3, 4, 5));
}

TEST_F(OperationListTest, KeepsTheLatestOperationsThatHaveEnded) {
  for (int i = 0; i < 250; ++i) {
    const auto task = list_.begin("stop", "orders", "a");
    list_.end(task, operation_of(*task));
  }
  const auto listed = list_.list();
  EXPECT_EQ(listed.size(), 200u);
  EXPECT_EQ(listed.back().id, 250u);
}

}  // namespace
}  // namespace ark::container::lifecycle
