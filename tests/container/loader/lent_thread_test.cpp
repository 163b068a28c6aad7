#include "loader/lent_thread.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "loader/exception_text.hpp"

namespace {
std::atomic<bool> no_more_threads{false};
}

extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                                                     void* (*run)(void*), void* argument) noexcept {
  if (no_more_threads) return EAGAIN;
  static const auto next = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return next(thread, attributes, run, argument);
}

namespace ark::container::loader {
namespace {

using std::chrono::milliseconds;
[[noreturn]] void fail(const char* what) { throw std::runtime_error(what); }

constexpr milliseconds kLong{10'000}, kShort{20};

TEST(LentThread, RunsOnOneThreadThatIsNotTheAskingOne) {
  LentThread lent;
  std::thread::id first, second;
  EXPECT_TRUE(lent.run([&] { first = std::this_thread::get_id(); }, kLong).ok());
  EXPECT_TRUE(lent.run([&] { second = std::this_thread::get_id(); }, kLong).ok());
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST(LentThread, KnowsWhetherItIsTheCallingThread) {
  LentThread lent;
  bool inside = false;
  (void)lent.run([&] { inside = LentThread::here(); }, kLong);
  EXPECT_TRUE(inside);
  EXPECT_FALSE(LentThread::here());
}

TEST(LentThread, HangingCodeCostsItsThreadAndNotTheNextCall) {
  auto release = std::make_shared<std::atomic<bool>>(false);
  LentThread lent;
  auto outcome = lent.run(
      [release] {
        while (!*release) std::this_thread::yield();
      },
      kShort);
  EXPECT_EQ(outcome.end, End::kTimedOut);
  EXPECT_TRUE(outcome.stuck());
  EXPECT_EQ(outcome.text(kShort), "did not return within 20 ms");
  bool ran = false;
  EXPECT_TRUE(lent.run([&] { ran = true; }, kLong).ok());
  EXPECT_TRUE(ran);
  *release = true;
}

TEST(LentThread, EachPieceOfWorkHasTheWholeDeadline) {
  LentThread lent;
  const auto outcome = lent.run(
      [] {
        const auto until = std::chrono::steady_clock::now() + milliseconds(1500);
        while (std::chrono::steady_clock::now() < until) ASSERT_TRUE(LentThread::next_piece());
      },
      milliseconds(1000));
  EXPECT_TRUE(outcome.ok());
}

TEST(LentThread, WorkThatWasGivenUpIsToldWhenItComesToItsNextPiece) {
  struct Seen {
    std::atomic<bool> released{false}, over{false}, wanted{true};
  };
  const auto seen = std::make_shared<Seen>();
  LentThread lent;
  const auto outcome = lent.run(
      [seen] {
        while (!seen->released) std::this_thread::yield();
        seen->wanted = LentThread::next_piece();
        seen->over = true;
      },
      kShort);
  EXPECT_EQ(outcome.end, End::kTimedOut);
  seen->released = true;
  while (!seen->over) std::this_thread::yield();
  EXPECT_FALSE(seen->wanted);
}

TEST(LentThread, CodeThatEndsItsThreadIsToldApart) {
  LentThread lent;
  auto outcome = lent.run([] { call_module([] { pthread_exit(nullptr); }); }, kLong);
  EXPECT_EQ(outcome.end, End::kEnded);
  EXPECT_FALSE(outcome.stuck());
  EXPECT_TRUE(lent.run([] {}, kLong).ok());
}

TEST(LentThread, CancellationReachesModuleCodeOnly) {
  LentThread lent;
  auto outcome = lent.run(
      [] {
        call_module([] {
          pthread_cancel(pthread_self());
          pthread_testcancel();
        });
      },
      kLong);
  EXPECT_EQ(outcome.end, End::kEnded);
  // Cancelled, but never reached a cancellation point: the next code must not meet it.
  EXPECT_TRUE(lent.run([] { call_module([] { pthread_cancel(pthread_self()); }); }, kLong).ok());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(lent.run([] { call_module([] { pthread_testcancel(); }); }, kLong).ok());
}

TEST(LentThread, ExitParksTheThread) {
  LentThread lent;
  auto outcome = lent.run([] { call_module([] { LentThread::park_exited(3, "orders 1.0.0"); }); }, kLong);
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.text(kLong), "called exit(3) in orders 1.0.0");
  EXPECT_TRUE(lent.run([] {}, kLong).ok());
  LentThread::park_exited(4, "orders 1.0.0");  // not lent: returns
}

TEST(LentThread, AnExceptionThroughNoexceptParksTheThread) {
  install_terminate_handler();
  LentThread lent;
  auto outcome = lent.run([] { call_module([]() noexcept { fail("from noexcept"); }); }, kLong);
  EXPECT_EQ(outcome.end, End::kTerminated);
  EXPECT_EQ(outcome.text(kLong), "ended in std::terminate: std::runtime_error: from noexcept left a function that is noexcept");
  EXPECT_TRUE(lent.run([] {}, kLong).ok());
}

TEST(LentThread, PostedWorkRunsInOrderBeforeWhatIsAskedForLater) {
  LentThread lent;
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) lent.post([&order, i] { order.push_back(i); }, kLong, {});
  EXPECT_TRUE(lent.run([&order] { order.push_back(5); }, kLong).ok());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(LentThread, PostedWorkThatHangsIsGivenUpAndReported) {
  auto release = std::make_shared<std::atomic<bool>>(false);
  LentThread lent;
  std::atomic<bool> reported{false};
  lent.post(
      [release] {
        while (!*release) std::this_thread::yield();
      },
      kShort, [&](const Outcome& outcome) { reported = outcome.end == End::kTimedOut; });
  bool ran = false;
  EXPECT_TRUE(lent.run([&] { ran = true; }, kLong).ok());
  EXPECT_TRUE(ran);
  EXPECT_TRUE(reported);
  *release = true;
}

TEST(LentThread, WhatStandsBehindPostedWorkThatHangsRunsThoughNobodyAsksForMore) {
  auto release = std::make_shared<std::atomic<bool>>(false);
  std::promise<void> ran, reported;
  {
    LentThread lent;
    for (const auto limit : {kLong, kShort}) {  // the watch is awake, and looks later than the second one is due
      lent.post([] {}, limit, {});
    }
    lent.post(
        [release] {
          while (!*release) std::this_thread::yield();
        },
        kShort, [&](const Outcome&) { reported.set_value(); });
    lent.post([&] { ran.set_value(); }, kLong, {});
    EXPECT_EQ(ran.get_future().wait_for(kLong), std::future_status::ready);
    EXPECT_EQ(reported.get_future().wait_for(kLong), std::future_status::ready);
  }
  *release = true;
}

TEST(LentThread, WhatStandsBehindPostedWorkThatExitsRunsAtOnce) {
  std::promise<void> ran;
  LentThread lent;
  lent.post([] { call_module([] { LentThread::park_exited(3, "orders 1.0.0"); }); }, std::chrono::hours(1), {});
  lent.post([&] { ran.set_value(); }, kLong, {});
  EXPECT_EQ(ran.get_future().wait_for(kLong), std::future_status::ready);
}

TEST(LentThread, WhereThereCanBeNoMoreThreadsWhoAsksIsToldAndPostedWorkWaits) {
  std::promise<void> ran;
  LentThread lent;
  no_more_threads = true;
  const auto outcome = lent.run([] {}, kLong);
  lent.post([&] { ran.set_value(); }, kLong, {});
  no_more_threads = false;
  EXPECT_EQ(outcome.end, End::kNotBegun);
  EXPECT_FALSE(outcome.stuck());
  EXPECT_THAT(outcome.text(kLong), testing::StartsWith("could not be given a thread: Resource temporarily unavailable"));
  EXPECT_TRUE(lent.run([] {}, kLong).ok());
  EXPECT_EQ(ran.get_future().wait_for(kLong), std::future_status::ready);
}

TEST(LentThread, PostedWorkThatLosesItsThreadWhereThereIsNoOtherGoesOnOnceThereIs) {
  std::promise<void> lost, ran;
  LentThread lent;
  lent.post(
      [] {
        no_more_threads = true;
        call_module([] { LentThread::park_exited(3, "orders 1.0.0"); });
      },
      kLong, [&](const Outcome&) { lost.set_value(); });
  lent.post([&] { ran.set_value(); }, kLong, {});
  EXPECT_EQ(lost.get_future().wait_for(kLong), std::future_status::ready);
  no_more_threads = false;
  EXPECT_EQ(ran.get_future().wait_for(kLong), std::future_status::ready);
}

TEST(LentThread, ItsEndDropsWhatStandsBehindCodeThatIsStuck) {
  auto go = std::make_shared<std::atomic<bool>>(false), ran = std::make_shared<std::atomic<bool>>(false);
  {
    LentThread lent;
    lent.post(
        [go] {
          while (!*go) std::this_thread::yield();
          call_module([] { LentThread::park_exited(3, "orders 1.0.0"); });
        },
        kLong, {});
    lent.post([ran] { *ran = true; }, kLong, {});
    *go = true;
  }
  EXPECT_FALSE(*ran);
}

TEST(LentThread, ServesManyAskersAtOnce) {
  LentThread lent;
  int sum = 0;  // only the lent thread touches it
  std::vector<std::thread> askers;
  for (int i = 0; i < 8; ++i) {
    askers.emplace_back([&] {
      for (int k = 0; k < 200; ++k) EXPECT_TRUE(lent.run([&] { ++sum; }, kLong).ok());
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(sum, 1600);
}

}  // namespace
}  // namespace ark::container::loader
