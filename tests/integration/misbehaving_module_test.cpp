// A module that throws, hangs, exits or leaks where it should not: the container says so, keeps what it must, and goes
// on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "serving_container.hpp"

namespace {

using ark::container::Code;
using ark::container::State;
using ark::test::fixture;
using ark::test::ServingContainer;
using ark::test::text_of;
using ark::test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;

// ---- the way up ----

struct BadStart {
  const char* module;
  const char* message;
  bool stays_mapped;  // a thread of it is stuck inside
};
std::ostream& operator<<(std::ostream& out, const BadStart& bad) { return out << bad.module; }

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
    [](const auto& info) { return ark::test::test_name(info.param.module); });

// ---- the way down ----

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

INSTANTIATE_TEST_SUITE_P(
    BadInput, ModuleThatDoesNotStop,
    testing::Values(BadStart{"destructor-may-throw", "its destructor failed: std::runtime_error: on purpose", false},
                    BadStart{"destructor-throws",
                             "its destructor ended in std::terminate: std::runtime_error: on purpose", true},
                    BadStart{"destructor-throws-int", "its destructor ended in std::terminate: int", true},
                    BadStart{"destructor-throws-private", "its destructor ended in std::terminate", true},
                    BadStart{"destructor-hangs", "its destructor did not return within 400 ms", true},
                    BadStart{"destructor-exits", "its destructor called exit(3)", true},
                    BadStart{"destructor-ends-thread", "its destructor ended in std::terminate", true},
                    BadStart{"destructor-is-cancelled", "its destructor ended in std::terminate", true},
                    BadStart{"static-destructor-throws",
                             "a static destructor ended in std::terminate: std::runtime_error: on purpose", true},
                    BadStart{"static-destructor-throws-int", "a static destructor ended in std::terminate: int", true},
                    BadStart{"static-destructor-throws-private", "a static destructor ended in std::terminate", true},
                    BadStart{"static-destructor-hangs", "a static destructor did not return within 400 ms", true},
                    BadStart{"static-destructor-exits", "a static destructor called exit(3)", true},
                    BadStart{"static-destructor-ends-thread", "a static destructor ended in std::terminate", true},
                    BadStart{"static-destructor-is-cancelled", "a static destructor ended in std::terminate", true}),
    [](const auto& info) { return ark::test::test_name(info.param.module); });

// ---- what comes back after it was given up ----

/// Threads that containers of this process have lent to module code and that have not ended.
int lent_threads() {
  int count = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    count += text_of(thread.path() / "comm") == "ark-lifecycle\n";
  return count;
}

/// What takes longer than it may, and comes back: where it is, and what is said of it meanwhile.
struct Late {
  const char *place, *said;
};
std::ostream& operator<<(std::ostream& out, const Late& late) { return out << late.place; }

class ModuleThatComesBackTooLate : public testing::TestWithParam<Late> {};

TEST_P(ModuleThatComesBackTooLate, StaysMappedUntilThenAndNoLongerThoughNobodyAsks) {
  ServingContainer container;
  setenv("ODD_FILES", container.temp().c_str(), 1);
  const int before = lent_threads();
  const std::string name = std::string(GetParam().place) + "-is-late";
  auto done = container.install(fixture(name));
  if (done.status.ok()) done = container->uninstall(name, false);
  const std::string said = std::string(GetParam().said) + " did not return within 400 ms";
  EXPECT_THAT(done.status.text(), HasSubstr(said));
  EXPECT_TRUE(std::filesystem::exists(container.temp() / "late"));
  ASSERT_TRUE(container.info(name));
  EXPECT_EQ(container.info(name)->state, State::kQuarantined);
  EXPECT_THAT(container.info(name)->reasons, ElementsAre(HasSubstr(said)));
  container.expect_nobody_waits();
  EXPECT_GT(container.mappings(name), 0u);
  write_file(container.temp() / "go-on", "");
  while (container.info(name)) std::this_thread::yield();
  EXPECT_EQ(container.mappings(name), 0u);
  EXPECT_TRUE(container.logged(name + " 1.0.0: is UNLOADED now: what held it has gone"));
  while (lent_threads() > before) std::this_thread::yield();
  const bool had_object = std::string_view(GetParam().place) != "static";
  EXPECT_EQ(std::filesystem::exists(container.temp() / "constructed"), had_object)
      << "it counted as failed before its constructor's turn came";
  container.expect_still_serves();
}

INSTANTIATE_TEST_SUITE_P(BadInput, ModuleThatComesBackTooLate,
                         testing::Values(Late{"static", "a static constructor"}, Late{"constructor", "its constructor"},
                                         Late{"destructor", "its destructor"},
                                         Late{"static-destructor", "a static destructor"}),
                         [](const auto& info) { return ark::test::test_name(info.param.place); });

}  // namespace
