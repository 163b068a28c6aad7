// A handler that takes long is named while it runs, and again when it returns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "serving_container.hpp"

namespace {

using ark::container::Container;
using ark::test::fixture;
using testing::MatchesRegex;

class Log {
 public:
  void write(const std::string& line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(line);
    changed_.notify_all();
  }
  /// The first line with `words`; waits for it.
  std::string await(const std::string& words) {
    std::unique_lock lock(mutex_);
    std::string found;
    changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      for (const auto& line : lines_) {
        if (line.find(words) != std::string::npos) found = line;
      }
      return !found.empty();
    });
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;  // guarded by mutex_
};

TEST(HandlerThatTakesLong, IsNamedInTheLogAfterOneSecondAndWithItsTimeWhenItReturns) {
  ark::test::TempDir temp;
  Log log;
  ark::container::Options options;
  options.home = temp.path() / "home";
  options.log = [&](int, std::string_view source, std::string_view text) {
    log.write(std::string(source) + ": " + std::string(text));
  };
  auto created = Container::create(std::move(options));
  ASSERT_TRUE(created.ok()) << created.status().text();
  auto container = std::move(*created);
  ASSERT_TRUE(container->start().status.ok());
  std::thread operation([&] { EXPECT_TRUE(container->install(fixture("handler-hangs"), {false, true}).status.ok()); });
  EXPECT_THAT(
      log.await("has been running"),
      MatchesRegex("handler-hangs 1.0.0: its handler of ContainerStarted has been running for [0-9]+\\.[0-9] s"));
  ark::test::write_file(container->home() / "data/handler-hangs/end", "now");
  operation.join();
  EXPECT_THAT(log.await("has returned"),
              MatchesRegex("handler-hangs 1.0.0: its handler of ContainerStarted has returned after [0-9]+\\.[0-9] s"));
  EXPECT_TRUE(container->stop().status.ok());
}

}  // namespace
