// Handlers of events: who hears of ContainerStarted, and what one that fails does to the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serving_container.hpp"

namespace {

using ark::container::State;
using ark::test::fixture;
using ark::test::ServingContainer;
using ark::test::text_of;
using ark::test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ModuleInstalledAfterTheStart, HearsContainerStartedOnceAfterItsConstructorAndThoughAHandlerThrewAnInt) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("handlers")).status.ok());
  EXPECT_EQ(text_of(container.home() / "data/handlers/started"), "1");
  EXPECT_TRUE(container.logged("handlers 1.0.0: its handler of ContainerStarted failed: int"));
  container.expect_still_serves();
  EXPECT_EQ(text_of(container.home() / "data/handlers/started"), "1") << "nothing that happens later fires it again";
}

TEST(ModuleWhoseHandlerHangs, IsReportedKeepsNobodyWaitingAndIsUnmappedOnceItHasReturned) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("handler-hangs")).status.ok());
  EXPECT_TRUE(container.logged("handler-hangs 1.0.0: its handler of ContainerStarted did not return within 400 ms"));
  const auto data = container.home() / "data/handler-hangs";
  EXPECT_EQ(text_of(data / "next"), "1") << "another thread has run the next handler";
  EXPECT_FALSE(container->uninstall("handler-hangs", false).status.ok());
  ASSERT_TRUE(container.info("handler-hangs"));
  EXPECT_EQ(container.info("handler-hangs")->state, State::kQuarantined);
  EXPECT_THAT(container.info("handler-hangs")->reasons,
              ElementsAre("a handler of handler-hangs 1.0.0 has not returned"));
  container.expect_nobody_waits();
  write_file(data / "end", "now");
  container.expect_unmapped_soon("handler-hangs");
  EXPECT_EQ(text_of(data / "next"), "1") << "the thread that came back has not run the next handler again";
}

}  // namespace
