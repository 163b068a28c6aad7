// A module that throws, hangs, exits or leaks where it should not: the container says so, keeps what it must, and goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "serving_container.hpp"

namespace {

using ark::container::Code;
using ark::container::State;
using ark::test::fixture;
using ark::test::ServingContainer;
using testing::ElementsAre;
using testing::HasSubstr;

// ---- the way up --------------------------------------------------------------------------------------------------------------

struct BadStart {
  const char* module;
  const char* message;
  bool stays_mapped;  // a thread of it is stuck inside
};

class ModuleThatDoesNotStart : public testing::TestWithParam<BadStart> {};

TEST_P(ModuleThatDoesNotStart, IsReportedAndTheContainerStillServes) {
  const auto& bad = GetParam();
  ServingContainer container;
  const auto installed = container.install(fixture(bad.module));
  EXPECT_EQ(installed.status.code(), Code::kModuleFailed);
  EXPECT_THAT(installed.status.text(), HasSubstr(std::string(bad.module) + " 1.0.0"));
  EXPECT_THAT(installed.status.text(), HasSubstr(bad.message));
  const auto left = container.info(bad.module);
  if (bad.stays_mapped) {
    ASSERT_TRUE(left);
    EXPECT_EQ(left->state, State::kQuarantined);
    EXPECT_THAT(left->reasons, ElementsAre(HasSubstr(bad.message)));
    EXPECT_GT(container.mappings(bad.module), 0u);
  } else {
    EXPECT_FALSE(left) << "a failed install leaves nothing";
    EXPECT_EQ(container.mappings(bad.module), 0u);
  }
  container.expect_still_serves();
}

INSTANTIATE_TEST_SUITE_P(
    BadInput, ModuleThatDoesNotStart,
    testing::Values(BadStart{"constructor-throws", "its constructor failed: std::runtime_error: on purpose", false},
                    BadStart{"constructor-throws-int", "its constructor failed: int", false},
                    BadStart{"constructor-throws-private", "Private", false},
                    BadStart{"constructor-hangs", "its constructor did not return within 400 ms", true},
                    BadStart{"constructor-exits", "its constructor called exit(3)", true},
                    BadStart{"constructor-ends-thread", "its constructor ended the thread it was given", false},
                    BadStart{"constructor-is-cancelled", "its constructor ended the thread it was given", false},
                    BadStart{"static-throws", "a static constructor threw std::runtime_error: on purpose", false},
                    BadStart{"static-throws-int", "a static constructor threw int", false},
                    BadStart{"static-throws-private", "a static constructor threw", false},
                    BadStart{"static-hangs", "a static constructor did not return within 400 ms", true},
                    BadStart{"static-exits", "a static constructor called exit(3)", true},
                    BadStart{"static-ends-thread", "a static constructor ended the thread it was given", false},
                    BadStart{"static-is-cancelled", "a static constructor ended the thread it was given", false},
                    BadStart{"undeclared-reference", "IMPORTS \"com.acme.fixture.Echo@1.0\"", false},
                    BadStart{"undeclared-publication", "EXPORTS \"com.acme.fixture.Echo@1.0\"", false}),
    [](const auto& info) {
      std::string name = info.param.module;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

// ---- the way down ------------------------------------------------------------------------------------------------------------

class ModuleThatDoesNotStop : public testing::TestWithParam<BadStart> {};

TEST_P(ModuleThatDoesNotStop, IsReportedAndTheContainerStillServes) {
  const auto& bad = GetParam();
  ServingContainer container;
  const auto installed = container.install(fixture(bad.module));
  ASSERT_TRUE(installed.status.ok()) << installed.status.text();
  const auto gone = container->uninstall(bad.module, false);
  EXPECT_EQ(gone.status.code(), Code::kModuleFailed);
  EXPECT_THAT(gone.status.text(), HasSubstr(bad.message));
  const auto left = container.info(bad.module);
  if (bad.stays_mapped) {
    ASSERT_TRUE(left);
    EXPECT_EQ(left->state, State::kQuarantined);
    EXPECT_THAT(left->reasons, ElementsAre(HasSubstr(bad.message)));
  } else {
    EXPECT_FALSE(left);
    EXPECT_EQ(container.mappings(bad.module), 0u);
  }
  container.expect_still_serves();
}

INSTANTIATE_TEST_SUITE_P(BadInput, ModuleThatDoesNotStop,
                         testing::Values(BadStart{"destructor-may-throw", "its destructor failed: std::runtime_error: on purpose", false},
                                         BadStart{"destructor-throws", "its destructor ended in std::terminate: std::runtime_error: on purpose", true},
                                         BadStart{"destructor-throws-int", "its destructor ended in std::terminate: int", true},
                                         BadStart{"destructor-throws-private", "its destructor ended in std::terminate", true},
                                         BadStart{"destructor-hangs", "its destructor did not return within 400 ms", true},
                                         BadStart{"destructor-exits", "its destructor called exit(3)", true},
                                         BadStart{"destructor-ends-thread", "its destructor ended in std::terminate", true},
                                         BadStart{"destructor-is-cancelled", "its destructor ended in std::terminate", true}),
                         [](const auto& info) {
                           std::string name = info.param.module;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// ---- what it leaves behind ---------------------------------------------------------------------------------------------------

struct Leak {
  const char* module;
  const char* reason;
};

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
  container.expect_still_serves();
}

INSTANTIATE_TEST_SUITE_P(BadInput, ModuleThatLeaks,
                         testing::Values(Leak{"leaks-thread", "(odd-leaked), started by leaks-thread 1.0.0, is alive"},
                                         Leak{"leaks-key", "thread-specific key"}, Leak{"leaks-signal", "signal SIGUSR2 is still handled by"}),
                         [](const auto& info) {
                           std::string name = info.param.module;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ModuleThatLeaksAThread, IsUnmappedByALaterOperationOnceTheThreadHasEnded) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("leaks-thread-for-a-while")).status.ok());
  EXPECT_FALSE(container->uninstall("leaks-thread-for-a-while", false).status.ok());
  ASSERT_EQ(container.info("leaks-thread-for-a-while")->state, State::kQuarantined);
  std::ofstream(container.home() / "data/leaks-thread-for-a-while/end") << "now";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (container.info("leaks-thread-for-a-while") && std::chrono::steady_clock::now() < deadline) container.expect_still_serves();
  EXPECT_FALSE(container.info("leaks-thread-for-a-while"));
  EXPECT_EQ(container.mappings("leaks-thread-for-a-while"), 0u);
}

TEST(ModuleThatLeaksAReference, IsUnmappedAndTheReferenceEmptied) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("leaks-reference")).status.ok());
  EXPECT_TRUE(container->uninstall("leaks-reference", false).status.ok());
  EXPECT_EQ(container.mappings("leaks-reference"), 0u);
  EXPECT_TRUE(container.logged("leaks-reference 1.0.0: 1 references of it were never given back"));
  container.expect_still_serves();  // the next publications do not touch what pointed into it
}

// ---- exit, fork, handlers ----------------------------------------------------------------------------------------------------

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
  std::string status;
  std::ifstream(container.home() / "data/forks/child") >> status;
  EXPECT_EQ(status, "5");
  container.expect_still_serves();
}

TEST(ModuleThatCallsOnExit, IsToldThatItCannot) {
  ServingContainer container;
  EXPECT_TRUE(container.install(fixture("on-exit")).status.ok());
  EXPECT_TRUE(container.logged("on-exit 1.0.0: on_exit is refused"));
  container.expect_still_serves();
}

TEST(ModuleInstalledAfterTheStart, HearsContainerStartedOnceAfterItsConstructorAndThoughAHandlerThrewAnInt) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("handlers")).status.ok());
  std::string times;
  std::ifstream(container.home() / "data/handlers/started") >> times;
  EXPECT_EQ(times, "1");
  EXPECT_TRUE(container.logged("handlers 1.0.0: its handler of ContainerStarted failed: int"));
  container.expect_still_serves();
  times.clear();
  std::ifstream(container.home() / "data/handlers/started") >> times;
  EXPECT_EQ(times, "1") << "nothing that happens later fires it again";
}

TEST(ModuleWhoseHandlerHangs, IsReportedAndTheNextOneIsServedByAnotherThread) {
  ServingContainer container;
  ASSERT_TRUE(container.install(fixture("handler-hangs")).status.ok());
  EXPECT_TRUE(container.logged("handler-hangs 1.0.0: its handler of ContainerStarted did not return within 400 ms"));
  container.expect_still_serves();
  EXPECT_FALSE(container->uninstall("handler-hangs", false).status.ok());
  EXPECT_EQ(container.info("handler-hangs")->state, State::kQuarantined);
}

// ---- what a provider throws into its caller ------------------------------------------------------------------------------------

class ThrowingProvider : public testing::Test {
 protected:
  ThrowingProvider() {
    const auto installed = container_.install(fixture("thrower"));
    EXPECT_TRUE(installed.status.ok()) << installed.status.text();
  }
  ark::ServiceError error_of(const std::string& what) {
    try {
      thrower_->fail(what);
    } catch (const ark::ServiceError& e) {
      return e;
    }
    ADD_FAILURE() << what << " threw no ServiceError";
    return {ARK_CALL_OK, "", ""};
  }
  void TearDown() override {
    EXPECT_EQ(std::uncaught_exceptions(), 0);
    EXPECT_TRUE(container_->uninstall("thrower", false).status.ok());
    EXPECT_EQ(container_.mappings("thrower"), 0u);
    container_.expect_still_serves();
  }
  ServingContainer container_;
  ark::Reference<fixture::Thrower> thrower_ = container_.context().reference<fixture::Thrower>();
};

TEST_F(ThrowingProvider, AListedErrorArrivesAsTheCallersOwnType) {
  try {
    thrower_->fail("listed");
    FAIL() << "nothing was thrown";
  } catch (const fixture::Refused& e) {
    EXPECT_EQ(e.why, "on purpose");
    EXPECT_EQ(e.number, 7);
  }
}

TEST_F(ThrowingProvider, AnythingElseArrivesAsAServiceErrorWithTypeAndText) {
  EXPECT_EQ(error_of("standard").type(), "std::out_of_range");
  EXPECT_EQ(error_of("standard").text(), "too far");
  EXPECT_THAT(error_of("private").type(), HasSubstr("Secret"));
  EXPECT_EQ(error_of("private").text(), "of this module");
  EXPECT_EQ(error_of("int").type(), "int");
  EXPECT_EQ(error_of("text").kind(), ARK_CALL_FAILED);
}

TEST_F(ThrowingProvider, MayEndTheCallersThreadAndStillBeUnloaded) {
  bool returned = false;
  std::thread caller([&] {
    try {
      thrower_->fail("pthread_exit");
    } catch (const std::exception&) {
    }
    returned = true;
  });
  caller.join();
  EXPECT_FALSE(returned);
}

}  // namespace
