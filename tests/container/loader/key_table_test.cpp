#include "loader/key_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace ark::container::loader {
namespace {

int owner, other;
std::atomic<int> destroyed{0};
void count(void*) { ++destroyed; }

TEST(KeyTable, CallsTheDestructorAtTheEndOfAThread) {
  destroyed = 0;
  pthread_key_t key;
  ASSERT_EQ(create_key(&owner, &key, count), 0);
  std::thread([&] { pthread_setspecific(key, &owner); }).join();
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(delete_key(key), 0);
}

TEST(KeyTable, CallsNothingOnceTheKeyIsDeleted) {
  destroyed = 0;
  pthread_key_t key;
  ASSERT_EQ(create_key(&owner, &key, count), 0);
  std::atomic<bool> set{false}, end{false};
  std::thread thread([&] {
    pthread_setspecific(key, &owner);
    set = true;
    while (!end) std::this_thread::yield();
  });
  while (!set) std::this_thread::yield();
  EXPECT_EQ(delete_key(key), 0);
  end = true;
  thread.join();
  EXPECT_EQ(destroyed, 0);
}

TEST(KeyTable, ADestructorMayDeleteItsOwnKey) {
  static pthread_key_t key;
  static int error, running;
  error = -1;
  ASSERT_EQ(create_key(&owner, &key,
                       [](void*) {
                         error = delete_key(key);
                         running = running_key_destructors_of(&owner);
                       }),
            0);
  std::thread([] { pthread_setspecific(key, &owner); }).join();
  EXPECT_EQ(error, 0);
  EXPECT_EQ(running, 1) << "its code may not be unmapped yet";
  EXPECT_EQ(running_key_destructors_of(&owner), 0);
  EXPECT_TRUE(keys_of(&owner).empty());
}

TEST(KeyTable, TwoDestructorsThatDeleteTheirKeyDoNotWaitForEachOther) {
  static pthread_key_t key;
  static std::atomic<int> inside, deleted, refused;
  inside = deleted = refused = 0;
  ASSERT_EQ(create_key(&owner, &key,
                       [](void*) {
                         ++inside;
                         while (inside < 2) std::this_thread::yield();
                         ++(delete_key(key) == 0 ? deleted : refused);
                       }),
            0);
  const auto set = [] { pthread_setspecific(key, &owner); };
  std::thread first(set), second(set);
  first.join();
  second.join();
  EXPECT_EQ(deleted, 1);
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(keys_of(&owner).empty());
}

TEST(KeyTable, ListsTheKeysOfOneOwner) {
  pthread_key_t mine, plain, theirs;
  ASSERT_EQ(create_key(&owner, &mine, count), 0);
  ASSERT_EQ(create_key(&owner, &plain, nullptr), 0);
  ASSERT_EQ(create_key(&other, &theirs, count), 0);
  EXPECT_EQ(keys_of(&owner).size(), 2u);
  EXPECT_EQ(keys_of(&other).size(), 1u);
  for (auto key : {mine, plain, theirs}) EXPECT_EQ(delete_key(key), 0);
  EXPECT_TRUE(keys_of(&owner).empty());
}

TEST(KeyTable, RunsOutWithTheErrorOfTheWrappedFunction) {
  std::vector<pthread_key_t> keys;
  pthread_key_t key;
  int error;
  while ((error = create_key(&owner, &key, nullptr)) == 0) keys.push_back(key);
  EXPECT_EQ(error, EAGAIN);
  EXPECT_GT(keys.size(), 900u);
  for (auto one : keys) EXPECT_EQ(delete_key(one), 0);
}

}  // namespace
}  // namespace ark::container::loader
