#include "thread/known_threads.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <thread>

#include "pinning.hpp"

namespace ark::container::thread {
namespace {

int owner_a, owner_b;
std::vector<int>* log;  // only one thread writes at a time
template <int N>
void note(void*) {
  log->push_back(N);
}

size_t known_count() {
  size_t count = 0;
  each([&](Known&) { ++count; });
  return count;
}

TEST(KnownThreads, TheRecordLiesAtTheSameOffsetInEveryThread) {
  const auto offset = record_offset();
  std::thread([&] {
    EXPECT_EQ(record_offset(), offset);
    EXPECT_EQ(reinterpret_cast<char*>(here().record), static_cast<char*>(__builtin_thread_pointer()) + offset);
  }).join();
}

TEST(KnownThreads, AThreadIsKnownFromItsFirstPinToItsEnd) {
  const size_t before = known_count();
  std::thread([&] {
    EXPECT_EQ(if_known(), nullptr);
    ark_entry_t* slot = nullptr;
    { TestPin pin(&slot); }
    EXPECT_NE(if_known(), nullptr);
    EXPECT_EQ(known_count(), before + 1);
  }).join();
  EXPECT_EQ(known_count(), before);
}

TEST(KnownThreads, FarewellsRunNewestFirstWhenTheThreadEnds) {
  std::vector<int> ran;
  log = &ran;
  std::thread([] {
    add_farewell({&owner_a, note<1>, nullptr});
    add_farewell({&owner_a, note<2>, nullptr});
  }).join();
  EXPECT_EQ(ran, (std::vector<int>{2, 1}));
}

TEST(KnownThreads, FarewellsOfOneOwnerRunEarlyAndOnlyOnce) {
  std::vector<int> ran;
  log = &ran;
  std::atomic<bool> left{false}, end{false};
  std::thread thread([&] {
    add_farewell({&owner_a, note<1>, nullptr});
    add_farewell({&owner_b, note<2>, nullptr});
    add_farewell({&owner_a, note<3>, nullptr});
    left = true;
    while (!end) std::this_thread::yield();
  });
  while (!left) std::this_thread::yield();
  run_farewells_of(&owner_a);
  EXPECT_EQ(ran, (std::vector<int>{3, 1}));
  EXPECT_EQ(running_farewells_of(&owner_a), 0);
  end = true;
  thread.join();
  EXPECT_EQ(ran, (std::vector<int>{3, 1, 2}));
}

TEST(KnownThreads, FarewellsRunWhenTheThreadIsEndedFromWithin) {
  std::vector<int> ran;
  log = &ran;
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        add_farewell({&owner_a, note<7>, nullptr});
        pthread_exit(nullptr);
      },
      nullptr);
  pthread_join(thread, nullptr);
  EXPECT_EQ(ran, std::vector<int>{7});
}

TEST(KnownThreads, DescribesAThreadByNumberAndName) {
  std::thread([] {
    pthread_setname_np(pthread_self(), "descriptive");
    EXPECT_EQ(describe(current_tid()), "thread " + std::to_string(current_tid()) + " (descriptive)");
  }).join();
}

}  // namespace
}  // namespace ark::container::thread
