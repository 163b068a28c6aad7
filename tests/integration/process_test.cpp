// What a module does to its process: exit, fork, on_exit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "serving_container.hpp"

namespace {

using ark::test::fixture;
using ark::test::ServingContainer;
using testing::HasSubstr;

TEST(ModuleThatExitsOnItsOwnThread, AsksForAShutdownInsteadOfEndingTheProcess) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("exits-on-own-thread")).status.ok());
  while (!container.exit_request()) std::this_thread::yield();
  EXPECT_EQ(container.exit_request()->first, 9);
  EXPECT_THAT(container.exit_request()->second, HasSubstr("exits-on-own-thread 1.0.0 on thread "));
  EXPECT_TRUE(container.logged("called exit(9)"));
  container.expect_still_serves();
}

TEST(ModuleThatForks, EndsTheChildForReal) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("forks")).status.ok());
  EXPECT_EQ(ark::test::text_of(container.home() / "data/forks/child"), "5");
  container.expect_still_serves();
}

TEST(ModuleThatCallsOnExit, IsToldThatItCannot) {
  ServingContainer container;
  EXPECT_TRUE(container.install(fixture("on-exit")).status.ok());
  EXPECT_TRUE(container.logged("on-exit 1.0.0: on_exit is refused"));
  container.expect_still_serves();
}

}  // namespace
