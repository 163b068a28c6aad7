#include "thread/closer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "pinning.hpp"

namespace ark::container::thread {
namespace {

using std::chrono::steady_clock;
constexpr auto kForever = Deadline::max();

struct Target {
  std::atomic<bool> alive{true};
};

ark_entry_t entry_of(void* target) { return {target, nullptr, nullptr, 0, 0}; }

TEST(Closer, ReturnsAtOnceWhenNobodyIsInside) {
  auto entry = entry_of(nullptr);
  EXPECT_EQ(wait_unpinned({&entry}, steady_clock::now()), Drained::kYes);
}

TEST(Closer, WaitsForAThreadInsideAndNamesIt) {
  auto entry = entry_of(nullptr);
  ark_entry_t* slot = &entry;
  std::atomic<int> tid{0};
  std::atomic<bool> leave{false};
  std::thread inside([&] {
    TestPin pin(&slot);
    tid = current_tid();
    while (!leave) std::this_thread::yield();
  });
  while (tid == 0) std::this_thread::yield();
  __atomic_store_n(&slot, nullptr, __ATOMIC_RELEASE);
  EXPECT_EQ(wait_unpinned({&entry}, steady_clock::now() + std::chrono::milliseconds(5)), Drained::kLate);
  EXPECT_EQ(threads_inside({&entry}), std::vector<int>{tid});
  leave = true;
  EXPECT_EQ(wait_unpinned({&entry}, kForever), Drained::kYes);
  inside.join();
}

TEST(Closer, SaysThatWaitingForOneselfWouldDeadlock) {
  auto entry = entry_of(nullptr);
  ark_entry_t* slot = &entry;
  TestPin pin(&slot);
  EXPECT_TRUE(inside_here({&entry}));
  EXPECT_EQ(wait_unpinned({&entry}, kForever), Drained::kWouldDeadlock);
}

TEST(Closer, SeesPinsBeyondTheCellsOfTheRecord) {
  std::vector<ark_entry_t> entries(3 * ARK_RECORD_CELLS, entry_of(nullptr));
  std::vector<std::unique_ptr<TestPin>> pins;
  const auto go_to = [&](size_t depth) {
    while (pins.size() > depth) pins.pop_back();
    while (pins.size() < depth) {
      ark_entry_t* slot = &entries[pins.size()];
      pins.push_back(std::make_unique<TestPin>(&slot));
    }
    for (size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(inside_here({&entries[i]}), i < depth) << "pin " << i << " at depth " << depth;
  };
  constexpr size_t kBlock = ARK_RECORD_CELLS;
  for (size_t depth : {kBlock, kBlock + 1, 3 * kBlock, 2 * kBlock, kBlock + 1, kBlock - 1, 2 * kBlock + 1, size_t{0}, 3 * kBlock, size_t{0}}) go_to(depth);
}

TEST(Closer, NobodyReadsAnEntryAfterItWasFreed) {
  // Replaces and frees the target of a slot under threads that read it. A closer that did not wait would be a use after free.
  ark_entry_t* slot = new ark_entry_t(entry_of(new Target));
  std::atomic<bool> end{false};
  std::atomic<long> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!end) {
        TestPin pin(&slot);
        EXPECT_TRUE(static_cast<Target*>(pin.entry()->target)->alive);
        ++reads;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const long before = reads;
    auto* next = new ark_entry_t(entry_of(new Target));
    auto* old = __atomic_exchange_n(&slot, next, __ATOMIC_ACQ_REL);
    ASSERT_EQ(wait_unpinned({old}, kForever), Drained::kYes);
    static_cast<Target*>(old->target)->alive = false;
    delete static_cast<Target*>(old->target);
    delete old;
    while (reads == before) std::this_thread::yield();
  }
  end = true;
  for (auto& reader : readers) reader.join();
  delete static_cast<Target*>(slot->target);
  delete slot;
}

}  // namespace
}  // namespace ark::container::thread
