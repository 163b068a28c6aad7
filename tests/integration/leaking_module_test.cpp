// What modules leave behind when they stop: each keeps its code mapped, says so by name, and is gone once the cause has
// gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "serving_container.hpp"

namespace {

using ark::container::State;
using ark::test::fixture;
using ark::test::ServingContainer;
using ark::test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

struct Leak {
  const char* module;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Leak& leak) { return out << leak.module; }

class ModuleThatLeaks : public testing::TestWithParam<Leak> {};

TEST_P(ModuleThatLeaks, IsQuarantinedWithTheNameOfWhatHoldsIt) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture(GetParam().module)).status.ok());
  const auto gone = container->uninstall(GetParam().module, false);
  EXPECT_THAT(gone.status.text(), HasSubstr(GetParam().reason));
  const auto left = container.info(GetParam().module);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->state, State::kQuarantined);
  EXPECT_THAT(left->reasons, ElementsAre(HasSubstr(GetParam().reason)));
  const auto why = container->why(GetParam().module);
  ASSERT_TRUE(why.ok()) << why.status().text();
  EXPECT_THAT(why->module.reasons, ElementsAre(HasSubstr(GetParam().reason)));
  EXPECT_GT(container.mappings(GetParam().module), 0u);
  container.expect_nobody_waits();
}

INSTANTIATE_TEST_SUITE_P(BadInput, ModuleThatLeaks,
                         testing::Values(Leak{"leaks-thread", "(odd-leaked), started by leaks-thread 1.0.0, is alive"},
                                         Leak{"leaks-key", "thread-specific key"},
                                         Leak{"leaks-signal", "signal SIGUSR2 is still handled by"}),
                         [](const auto& info) { return ark::test::test_name(info.param.module); });

TEST(ModuleThatLeaksAThread, IsUnmappedOnceTheThreadHasEndedThoughNobodyAsks) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("leaks-thread-for-a-while")).status.ok());
  EXPECT_FALSE(container->uninstall("leaks-thread-for-a-while", false).status.ok());
  ASSERT_EQ(container.info("leaks-thread-for-a-while")->state, State::kQuarantined);
  write_file(container.home() / "data/leaks-thread-for-a-while/end", "now");
  while (container.info("leaks-thread-for-a-while")) std::this_thread::yield();
  EXPECT_EQ(container.mappings("leaks-thread-for-a-while"), 0u);
}

TEST(ModuleThatLeaksASignalHandler, IsUnmappedOnceSomebodyHandlesTheSignalOtherwise) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("leaks-signal")).status.ok());
  EXPECT_FALSE(container->uninstall("leaks-signal", false).status.ok());
  ASSERT_EQ(container.info("leaks-signal")->state, State::kQuarantined);
  signal(SIGUSR2, SIG_DFL);
  container.expect_unmapped_soon("leaks-signal");
}

TEST(ModuleWithACallInside, IsQuarantinedWithTheCallersThreadAndUnmappedOnceTheCallHasReturned) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("thrower")).status.ok());
  const auto end = container.temp() / "end";
  auto thrower = container.context().reference<fixture::Thrower>();
  std::atomic<bool> returned{false};
  std::thread caller([&] {
    pthread_setname_np(pthread_self(), "slow-caller");
    thrower->fail(end.string());
    returned = true;
  });
  const auto is_inside = [&] {
    const auto why = container->why("thrower");
    return why.ok() && !why->inside.empty();
  };
  while (!is_inside()) std::this_thread::yield();
  EXPECT_THAT(container->why("thrower")->inside, ElementsAre(HasSubstr("(slow-caller) is in a call to it")));
  EXPECT_FALSE(container->uninstall("thrower", false).status.ok());
  ASSERT_TRUE(container.info("thrower"));
  EXPECT_EQ(container.info("thrower")->state, State::kQuarantined);
  EXPECT_THAT(container.info("thrower")->reasons,
              ElementsAre(HasSubstr("(slow-caller) is inside a call to thrower 1.0.0")));
  EXPECT_FALSE(thrower.available()) << "nobody else gets in";
  container.expect_nobody_waits();
  EXPECT_FALSE(returned);
  write_file(end, "");
  caller.join();
  EXPECT_TRUE(returned);
  container.expect_unmapped_soon("thrower");
}

TEST(ModuleThatLeaksAReference, IsUnmappedAndTheReferenceEmptied) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("leaks-reference")).status.ok());
  EXPECT_TRUE(container->uninstall("leaks-reference", false).status.ok());
  EXPECT_EQ(container.mappings("leaks-reference"), 0u);
  EXPECT_TRUE(container.logged("leaks-reference 1.0.0: 1 references of it were never given back"));
  container.expect_still_serves();  // the next publications do not touch what pointed into it
}

}  // namespace
