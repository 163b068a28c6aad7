#include "health/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <future>
#include <new>
#include <thread>

namespace ark::container::health {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLimit{1'000};

/// A check that answers what it is told to, and waits inside while it is held.
struct Told {
  int32_t level = ARK_HEALTH_UP;
  const char* text = "";
  int32_t code = ARK_STATUS_OK;
  std::atomic<int> asked{0};
  std::atomic<bool> held{false};

  ark_checker_t checker() {
    return {sizeof(ark_checker_t), 0, this, [](void* self, ark_status_t* said) -> int32_t {
              auto& told = *static_cast<Told*>(self);
              ++told.asked;
              while (told.held) std::this_thread::yield();
              said->code = told.code;
              std::strcpy(said->text, told.text);
              return told.level;
            }};
  }
};

/// Code that is lent runs on the asking thread, or, when it is said to be lost, on one that nobody waits for.
class ChecksTest : public testing::Test {
 protected:
  ChecksTest() {
    client_.checks = &checks_;
    client_.label = "orders 1.0.0";
  }
  ~ChecksTest() override { checks_.forget(client_); }
  ark_health_check_t* add(Told& told) {
    auto added = checks_.add(client_, told.checker());
    EXPECT_TRUE(added.ok());
    return *added;
  }
  std::string ask() {
    const auto answer = checks_.ask(client_, kLimit);
    return std::string(health_name(answer.health)) + (answer.text.empty() ? "" : ": " + answer.text);
  }

  bool memory_ = true;
  std::string lost_;
  std::vector<std::jthread> lost_threads_;
  Checks checks_{[this](std::function<void()> code, std::chrono::milliseconds) {
    if (!memory_) throw std::bad_alloc();
    if (lost_.empty()) {
      code();
    } else {
      lost_threads_.emplace_back(std::move(code));
    }
    return lost_;
  }};
  Client client_;
};

TEST_F(ChecksTest, WhatCouldNotBeAskedForWantOfMemoryIsAskedAgain) {
  Told up;
  add(up);
  memory_ = false;
  EXPECT_EQ(ask(), "down: out of memory");
  memory_ = true;
  EXPECT_EQ(ask(), "up");
}

TEST_F(ChecksTest, AModuleWithoutAnyIsUp) { EXPECT_EQ(ask(), "up"); }

TEST_F(ChecksTest, TheWorstCountsAndAllThatSaySomethingAreHeard) {
  Told up, degraded{ARK_HEALTH_DEGRADED, "slow"}, down{ARK_HEALTH_DOWN, "no disk"};
  add(up);
  auto* worst = add(down);
  add(degraded);
  EXPECT_EQ(ask(), "down: no disk; slow");
  Checks::remove(worst);
  EXPECT_EQ(ask(), "degraded: slow");
  EXPECT_EQ(checks_.count(client_), 2u);
}

TEST_F(ChecksTest, WhatIsNoAnswerCountsAsDown) {
  Told failed{ARK_HEALTH_UP, "std::bad_alloc", ARK_STATUS_MODULE_FAILED}, odd{17};
  auto* first = add(failed);
  EXPECT_EQ(ask(), "down: its health check failed: std::bad_alloc");
  Checks::remove(first);
  add(odd);
  EXPECT_EQ(ask(), "down: its health check answered 17, which is no level");
}

TEST_F(ChecksTest, OneThatIsLostIsNotAskedAgainWhileItRuns) {
  Told told;
  told.held = true;
  add(told);
  lost_ = "did not return within 1000 ms";
  EXPECT_EQ(ask(), "down: its health check did not return within 1000 ms");
  while (told.asked == 0) std::this_thread::yield();
  lost_.clear();
  EXPECT_EQ(ask(), "down: its health check has not returned from an earlier question");
  EXPECT_FALSE(checks_.close(client_, Clock::now()));
  told.held = false;
  lost_threads_.clear();
  EXPECT_TRUE(checks_.close(client_, Clock::now()));
  EXPECT_EQ(told.asked, 1);
}

TEST_F(ChecksTest, WhoAsksAtTheSameTimeGetsTheSameAnswer) {
  Told told{ARK_HEALTH_DEGRADED, "slow"};
  add(told);
  const auto until = Clock::now() + std::chrono::seconds(60);
  do {  // until all eight have come before the answer
    told.asked = 0;
    told.held = true;
    std::atomic<int> coming{0};
    std::vector<std::future<std::string>> askers;
    for (int i = 0; i < 8; ++i) {
      askers.push_back(std::async(std::launch::async, [&] {
        ++coming;
        return ask();
      }));
    }
    while (told.asked == 0 || coming < 8) std::this_thread::yield();
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    told.held = false;
    for (auto& asker : askers) EXPECT_EQ(asker.get(), "degraded: slow");
  } while (told.asked > 1 && Clock::now() < until);
  EXPECT_EQ(told.asked, 1) << "the module has been asked once for all of them";
}

TEST_F(ChecksTest, RemovingWaitsForAQuestionAndNoneComesAfterIt) {
  for (int round = 0; round < 200; ++round) {
    auto told = std::make_unique<Told>();
    auto* check = add(*told);
    std::atomic<bool> over{false};
    std::thread asker([&] {
      while (!over) (void)ask();
    });
    Checks::remove(check);
    told.reset();  // what runs now would touch it
    over = true;
    asker.join();
  }
}

TEST_F(ChecksTest, OneMayRemoveItself) {
  struct Suicidal {
    ark_health_check_t* own = nullptr;
  } self;
  const ark_checker_t checker{sizeof checker, 0, &self, [](void* to, ark_status_t*) -> int32_t {
                                Checks::remove(static_cast<Suicidal*>(to)->own);
                                return ARK_HEALTH_UP;
                              }};
  self.own = *checks_.add(client_, checker);
  EXPECT_EQ(ask(), "up");
  EXPECT_EQ(checks_.count(client_), 0u);
}

TEST_F(ChecksTest, AModuleThatStopsIsNotAskedAndRegistersNothing) {
  Told told;
  add(told);
  EXPECT_TRUE(checks_.close(client_, Clock::now()));
  EXPECT_EQ(ask(), "down: it is stopping");
  EXPECT_EQ(told.asked, 0);
  EXPECT_EQ(checks_.add(client_, told.checker()).status().code(), Code::kStopping);
}

}  // namespace
}  // namespace ark::container::health
