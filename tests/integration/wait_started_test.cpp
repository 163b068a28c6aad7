// Waiting for the start of the container, by the host program and by modules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fixture/remote.hpp>
#include <future>

#include "serving_container.hpp"

namespace {

using std::chrono_literals::operator""s;
using ark::test::fixture;
using testing::StartsWith;

constexpr const char* kWouldDeadlock = "thrown: 9 ";

class WaitStarted : public testing::Test {
 protected:
  void create(const std::string& remote_does) {
    ark::container::Options options;
    options.home = temp_ / "home";
    options.modules = {fixture("remote")};
    std::filesystem::create_directories(temp_ / "home/data/remote");
    ark::test::write_file(temp_ / "home/data/remote/do", remote_does);
    auto created = ark::container::Container::create(std::move(options));
    ASSERT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
    host_ = std::make_unique<ark::test::HostContext>(*container_, "test");
  }
  std::string told() {
    return (*host_)->reference<fixture::Remote>(ark::Filter().unique_id("remote"))->told();
  }
  void TearDown() override {
    host_.reset();
    EXPECT_TRUE(container_->stop().status.ok());
  }

  ark::test::TempDir temp_;
  std::unique_ptr<ark::container::Container> container_;
  std::unique_ptr<ark::test::HostContext> host_;
};

TEST_F(WaitStarted, EndsWithTheStart) {
  create("");
  EXPECT_FALSE((*host_)->wait_started(0s));
  auto waiting = std::async(std::launch::async, [this] { return (*host_)->wait_started(60s); });
  ASSERT_TRUE(container_->start().status.ok());
  EXPECT_TRUE(waiting.get());
  EXPECT_TRUE((*host_)->wait_started(0s));
}

TEST_F(WaitStarted, IsRefusedWhereTheStartWouldWaitForIt) {
  create("constructor wait_started 0\nconstructor wait_started 60000\nhandler wait_started 60000\n");
  ASSERT_TRUE(container_->start().status.ok());
  EXPECT_EQ(told(), "not started");
  EXPECT_THAT(told(), StartsWith(kWouldDeadlock));
  EXPECT_THAT(told(), StartsWith(kWouldDeadlock)) << "AfterBizStartup comes before ContainerStarted";
}

TEST_F(WaitStarted, NeedNotBeRefusedAfterIt) {
  create("constructor wait_started 60000\n");
  ASSERT_TRUE(container_->start().status.ok());
  EXPECT_THAT(told(), StartsWith(kWouldDeadlock));
  ASSERT_TRUE(container_->replace(fixture("remote"), {false, true}).status.ok());
  EXPECT_EQ(told(), "started");
}

}  // namespace
