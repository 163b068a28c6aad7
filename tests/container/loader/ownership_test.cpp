#include "loader/ownership.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "loader/lent_thread.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::loader {
namespace {

using std::chrono::steady_clock;
constexpr auto kSoon = std::chrono::milliseconds(5);
constexpr auto kLong = std::chrono::seconds(10);
bool nothing(const void*) { return false; }
bool everything(const void*) { return true; }
void ignore_request(int, const std::string&) {}
void destroy(void*) {}

TEST(Ownership, CountsAThreadUntilItHasEnded) {
  Ownership owned("orders 1.0.0", ignore_request);
  std::atomic<bool> end{false};
  pthread_t thread;
  ASSERT_EQ(owned.create_thread(
                &thread, nullptr,
                [](void* p) -> void* {
                  while (!*static_cast<std::atomic<bool>*>(p)) std::this_thread::yield();
                  return p;
                },
                &end),
            0);
  EXPECT_FALSE(owned.wait_threads(steady_clock::now() + kSoon));
  const auto hazards = owned.hazards(nothing);
  ASSERT_EQ(hazards.size(), 1u);
  EXPECT_NE(hazards[0].find("started by orders 1.0.0"), std::string::npos);
  end = true;
  void* result;
  pthread_join(thread, &result);
  EXPECT_EQ(result, &end);
  EXPECT_TRUE(owned.wait_threads(steady_clock::now() + kLong));
  EXPECT_TRUE(owned.hazards(nothing).empty());
}

/// The destructor of a thread_local variable that another thread runs as it ends.
struct Farewell {
  std::atomic<bool> runs{false}, end{false}, over{false};
  static void run(void* object) {
    auto& farewell = *static_cast<Farewell*>(object);
    farewell.runs = true;
    while (!farewell.end) std::this_thread::yield();
    farewell.over = true;
  }
};

TEST(Ownership, SettlesWhenDestructorsOfItThatOtherThreadsRunAreOver) {
  Ownership owned("orders 1.0.0", ignore_request);
  Farewell farewell;
  std::thread ending([&] {
    owned.at_thread_exit(Farewell::run, &farewell);
    thread::run_own_farewells();
  });
  while (!farewell.runs) std::this_thread::yield();
  owned.settle(steady_clock::now() + kSoon);
  EXPECT_EQ(owned.hazards(nothing).size(), 1u) << "it waits no longer than it is told to";
  std::thread releasing([&] { farewell.end = true; });
  owned.settle(steady_clock::now() + kLong);
  EXPECT_TRUE(farewell.over);
  EXPECT_TRUE(owned.hazards(nothing).empty());
  releasing.join();
  ending.join();
}

TEST(Ownership, CountsAThreadThatEndsItself) {
  Ownership owned("orders 1.0.0", ignore_request);
  pthread_t thread;
  ASSERT_EQ(owned.create_thread(&thread, nullptr, [](void*) -> void* { pthread_exit(nullptr); }, nullptr), 0);
  pthread_join(thread, nullptr);
  EXPECT_TRUE(owned.wait_threads(steady_clock::now() + kLong));
}

TEST(Ownership, AThreadThatCouldNotBeCreatedIsNotCounted) {
  Ownership owned("orders 1.0.0", ignore_request);
  pthread_attr_t impossible;
  pthread_attr_init(&impossible);
  pthread_attr_setstacksize(&impossible, size_t{1} << 46);
  pthread_t thread;
  EXPECT_NE(owned.create_thread(&thread, &impossible, [](void* p) { return p; }, nullptr), 0);
  EXPECT_TRUE(owned.wait_threads(steady_clock::now()));
  pthread_attr_destroy(&impossible);
}

TEST(Ownership, ThreadExitDestructorsRunBeforeTheThreadCountsAsEnded) {
  static Ownership* current;
  static std::atomic<int> alive_while_destroying{-1};
  Ownership owned("orders 1.0.0", ignore_request);
  current = &owned;
  pthread_t thread;
  ASSERT_EQ(owned.create_thread(
                &thread, nullptr,
                [](void*) -> void* {
                  current->at_thread_exit([](void*) { alive_while_destroying = !current->wait_threads(steady_clock::now()); }, nullptr);
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
  EXPECT_EQ(alive_while_destroying, 1);
}

TEST(Ownership, NamesAKeyWithADestructor) {
  Ownership owned("orders 1.0.0", ignore_request);
  pthread_key_t with, without;
  ASSERT_EQ(owned.create_key(&with, destroy), 0);
  ASSERT_EQ(owned.create_key(&without, nullptr), 0);
  const auto hazards = owned.hazards(nothing);
  ASSERT_EQ(hazards.size(), 1u);
  EXPECT_NE(hazards[0].find("thread-specific key " + std::to_string(with)), std::string::npos);
  EXPECT_EQ(owned.delete_key(with), 0);
  EXPECT_TRUE(owned.hazards(nothing).empty());
  owned.release_keys();
  EXPECT_TRUE(owned.report().empty());
}

TEST(Ownership, NamesASignalHandlerUntilItIsRestored) {
  Ownership owned("orders 1.0.0", ignore_request);
  struct sigaction mine {}, before;
  mine.sa_handler = [](int) {};
  ASSERT_EQ(owned.set_signal_action(SIGUSR2, &mine, &before), 0);
  const auto hazards = owned.hazards(everything);
  ASSERT_EQ(hazards.size(), 1u);
  EXPECT_NE(hazards[0].find("SIGUSR2"), std::string::npos);
  ASSERT_EQ(owned.set_signal_action(SIGUSR2, &before, nullptr), 0);
  ASSERT_EQ(owned.set_signal_action(SIGRTMIN + 1, &mine, &before), 0);
  EXPECT_NE(owned.hazards(everything).back().find("SIGRTMIN+1"), std::string::npos) << "a signal without a name";
  ASSERT_EQ(owned.set_signal_action(SIGRTMIN + 1, &before, nullptr), 0);
  EXPECT_TRUE(owned.hazards([&](const void* p) { return p == reinterpret_cast<const void*>(mine.sa_handler); }).empty());
}

TEST(Ownership, ExitOnAThreadOfItsOwnAsksForAShutdownAndParks) {
  static std::atomic<int> asked{-1};
  static std::string who;
  auto* owned = new Ownership("orders 1.0.0", [](int status, const std::string& by) {  // its thread never ends
    who = by;
    asked = status;
  });
  pthread_t thread;
  ASSERT_EQ(owned->create_thread(&thread, nullptr, [](void* p) -> void* { static_cast<Ownership*>(p)->exit(7, false); }, owned), 0);
  while (asked < 0) std::this_thread::yield();
  EXPECT_EQ(asked, 7);
  EXPECT_EQ(who.find("orders 1.0.0 on thread "), 0u);
  EXPECT_FALSE(owned->wait_threads(steady_clock::now() + kSoon));
}

TEST(Ownership, ExitOnTheLentThreadNamesTheModuleThatCalledIt) {
  auto* audit = new Ownership("audit 1.0.0", ignore_request);  // its thread never ends
  LentThread lent;
  const auto outcome = lent.run([audit] { call_module([audit] { audit->exit(3, false); }); }, kLong);
  EXPECT_EQ(outcome.text(kLong), "called exit(3) in audit 1.0.0");
}

TEST(Ownership, ExitAfterTheContainersProcessWasForkedIsStillTheModules) {
  const pid_t child = fork();
  if (child == 0) {
    Ownership owned("orders 1.0.0", [](int, const std::string&) { _exit(42); });
    owned.exit(5, true);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(Ownership, ExitInAForkedChildIsTheRealOne) {
  Ownership owned("orders 1.0.0", ignore_request);
  const pid_t child = fork();
  if (child == 0) owned.exit(5, true);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 5);
}

}  // namespace
}  // namespace ark::container::loader
