// Destructors of thread_local objects run before the code they are in goes, on whichever thread the objects are.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "isolated/isolated.hpp"
#include "support/host_client.hpp"

namespace {

/// A thread of the host's that makes one call and lives on.
class Foreigner {
 public:
  explicit Foreigner(const std::function<void()>& work)
      : thread_([this, work] {
          work();
          std::unique_lock lock(mutex_);
          worked_ = true;
          changed_.notify_all();
          changed_.wait(lock, [this] { return end_; });
        }) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return worked_; });
  }
  ~Foreigner() {
    {
      std::lock_guard lock(mutex_);
      end_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool worked_ = false, end_ = false;  // guarded by mutex_
  std::thread thread_;
};

class ThreadLocalTest : public testing::Test {
 protected:
  /// To where the module's destructors count.
  uint64_t counter() { return reinterpret_cast<uint64_t>(&destroyed_); }

  std::atomic<int> destroyed_{0};  // outlives the container
  ark::test::HostedContainer container_;
  ark::Reference<isolated::Remembering> module_ = container_.context().reference<isolated::Remembering>();
};

TEST_F(ThreadLocalTest, ObjectsOfThreadsThatLiveOnAreDestroyedBeforeTheModuleIsUnmapped) {
  container_.install(REMEMBERING);
  EXPECT_EQ(module_->alive(), 2) << "those of the static constructor and of the constructor";
  {
    Foreigner first([&] { module_->remember(counter()); }), second([&] { module_->remember(counter()); });
    module_->remember(counter());
    EXPECT_EQ(module_->alive(), 5);
    container_.uninstall("remembering");
    EXPECT_EQ(destroyed_, 5) << "while the threads that had made them are still there";
    EXPECT_EQ(container_.mapped_generations(), std::vector<std::string>());
  }
  EXPECT_EQ(destroyed_, 5) << "again, when those threads ended";
}

TEST_F(ThreadLocalTest, ObjectsOfAThreadThatEndsAreDestroyedThen) {
  container_.install(REMEMBERING);
  std::thread([&] { module_->remember(counter()); }).join();
  EXPECT_EQ(destroyed_, 1);
  EXPECT_EQ(module_->alive(), 2);
  container_.uninstall("remembering");
  EXPECT_EQ(destroyed_, 3);
  EXPECT_EQ(container_.mapped_generations(), std::vector<std::string>());
}

/// The same thread meets one generation after the other.
TEST_F(ThreadLocalTest, ObjectsAreFreshInEachGenerationOnAThreadThatHasSeenTheOnesBefore) {
  container_.install(REMEMBERING);
  for (int round = 1; round <= 50; ++round) {
    module_->remember(counter());
    EXPECT_EQ(module_->alive(), 3);
    const auto done = container_->replace(REMEMBERING, {false, true});
    ASSERT_TRUE(done.status.ok()) << done.status.text();
    EXPECT_EQ(destroyed_, 3 * round);
    EXPECT_EQ(container_.mapped_generations(), container_.expected_generations());
  }
}

/// Threads end while the module goes: each object is destroyed once, by its thread or by the container.
TEST_F(ThreadLocalTest, ObjectsOfThreadsThatEndAtThatMomentAreDestroyedOnce) {
  for (int round = 0; round < 50; ++round) {
    destroyed_ = 0;
    container_.install(REMEMBERING);
    std::vector<std::thread> threads;
    std::atomic<int> remembered{0};
    std::atomic<bool> end{false};
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        module_->remember(counter());
        ++remembered;
        while (!end) std::this_thread::yield();
      });
    }
    while (remembered < 4) std::this_thread::yield();
    end = true;
    container_.uninstall("remembering");
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(destroyed_, 6);
    ASSERT_EQ(container_.mapped_generations(), std::vector<std::string>());
  }
}

}  // namespace
