// A callback that has been cancelled is not running and never will again, whoever cancelled it and from where.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/ledger.hpp"
#include "support/host_client.hpp"

namespace {

using Callback = ark::Callback<ledger::Listener>;
using Lent = ark::Lent<ledger::Listener>;

/// False once nobody answers any more.
bool call(const Callback& callback, int64_t number) {
  try {
    callback->on_entry({}, number);
    return true;
  } catch (const ark::ServiceUnavailable&) {
    return false;
  }
}

/// Stays inside its first call until somebody has begun to cancel it, which it sees by finding nobody at its own
/// callback.
class Staying final : public ledger::Listener {
 public:
  Callback self;
  std::atomic<bool> cancel_returned{false}, returned_early{false};

  void on_entry(const ledger::Line&, int64_t number) override {
    if (number < 0) return;  // its own question
    {
      std::lock_guard lock(mutex_);
      inside_ = true;
    }
    changed_.notify_all();
    while (call(self, -1)) std::this_thread::yield();
    returned_early = cancel_returned.load();
    std::lock_guard lock(mutex_);
    inside_ = false;
  }
  void await_inside() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return inside_; });
  }
  bool inside() {
    std::lock_guard lock(mutex_);
    return inside_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool inside_ = false;  // guarded by mutex_
};

class CallbackTest : public testing::Test {
 protected:
  ark::test::HostedContainer container_;
  ark::Context& ctx_ = container_.context();
};

TEST_F(CallbackTest, IsWaitedForByACancellationOnAnotherThread) {
  Staying staying;
  auto lent = ctx_.lend<ledger::Listener>(staying);
  staying.self = lent.get();
  std::thread caller([&] { call(staying.self, 1); });
  staying.await_inside();
  lent.cancel();
  staying.cancel_returned = true;
  EXPECT_FALSE(staying.inside()) << "cancel() returned while the callback was running";
  caller.join();
  EXPECT_FALSE(staying.returned_early);
  EXPECT_FALSE(call(staying.self, 2)) << "the callback ran after its cancellation";
}

TEST_F(CallbackTest, IsWaitedForByTheEndOfTheObjectThatLentIt) {
  Staying staying;
  std::thread caller;
  {
    auto lent = ctx_.lend<ledger::Listener>(staying);
    staying.self = lent.get();
    caller = std::thread([callback = lent.get()] { call(callback, 1); });
    staying.await_inside();
  }
  EXPECT_FALSE(staying.inside()) << "the destructor returned while the callback was running";
  caller.join();
  EXPECT_FALSE(call(staying.self, 2));
}

class CancellingItself final : public ledger::Listener {
 public:
  Lent* lent = nullptr;
  int calls = 0;
  void on_entry(const ledger::Line&, int64_t) override {
    ++calls;
    lent->cancel();
  }
};

TEST_F(CallbackTest, MayCancelItselfFromInsideAndIsNotCalledAgain) {
  CancellingItself listener;
  auto lent = ctx_.lend<ledger::Listener>(listener);
  listener.lent = &lent;
  const auto callback = lent.get();
  EXPECT_TRUE(call(callback, 1)) << "the call that cancelled it ends as usual";
  EXPECT_FALSE(call(callback, 2));
  EXPECT_EQ(listener.calls, 1);
}

/// Two threads cancel: one from inside, which cannot wait for itself, and one from outside, which waits for both.
TEST_F(CallbackTest, CancelledFromInsideAndOutsideAtOnceIsWaitedForOutside) {
  class Both final : public ledger::Listener {
   public:
    Lent* lent = nullptr;
    std::atomic<bool> inside{false}, outside_began{false};
    void on_entry(const ledger::Line&, int64_t) override {
      inside = true;
      while (!outside_began) std::this_thread::yield();
      lent->cancel();
      inside = false;
    }
  } both;
  auto lent = ctx_.lend<ledger::Listener>(both);
  both.lent = &lent;
  std::thread caller([callback = lent.get()] { call(callback, 1); });
  while (!both.inside) std::this_thread::yield();
  both.outside_began = true;
  lent.cancel();
  EXPECT_FALSE(both.inside);
  caller.join();
}

/// The listener's memory goes right after the cancellation: a call that came later would be seen by a sanitizer, and by
/// the mark.
TEST_F(CallbackTest, NeverRunsAfterItsCancellationWhateverTheMoment) {
  constexpr int kRounds = 200, kCallers = 4;
  class Marked final : public ledger::Listener {
   public:
    std::atomic<int64_t> calls{0};
    std::atomic<bool> gone{false}, called_when_gone{false};
    void on_entry(const ledger::Line&, int64_t) override {
      if (gone) called_when_gone = true;
      ++calls;
      if (gone) called_when_gone = true;
    }
  };
  for (int round = 0; round < kRounds; ++round) {
    auto listener = std::make_unique<Marked>();
    auto lent = ctx_.lend<ledger::Listener>(*listener);
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([callback = lent.get()] {
        while (call(callback, 1)) {
        }
      });
    }
    while (listener->calls < round % 20) std::this_thread::yield();
    lent.cancel();
    listener->gone = true;
    ASSERT_FALSE(listener->called_when_gone);
    listener.reset();
    for (auto& caller : callers) caller.join();
  }
}

}  // namespace
