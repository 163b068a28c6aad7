// A wall clock that jumps: nothing but what is shown to people may depend on it.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <atomic>

#include "serving_container.hpp"

namespace {

/// Seconds by which each look at the wall clock differs from the one before, to and fro; 0: it runs as it should.
std::atomic<int> jump{0};
std::atomic<uint64_t> looks{0};

}  // namespace

/// Stands before the C library's.
extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* time) {
  static const auto real = reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
  const int result = real(clock, time);
  if (clock == CLOCK_REALTIME && jump != 0) time->tv_sec += (looks++ % 2 ? 1 : -1) * jump;
  return result;
}

namespace {

using ark::container::State;
using ark::test::fixture;
using testing::HasSubstr;

TEST(ClockThatJumps, ChangesNoDeadlineAndNoOrder) {
  jump = 86'400;
  {
    ark::test::ServingContainer container;
    EXPECT_GT(looks, 0u) << "it is this clock that is looked at";
    EXPECT_THAT(container.install(fixture("constructor-hangs")).status.text(), HasSubstr("did not return within 400 ms"));
    ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
    ASSERT_TRUE(container->replace(fixture("plain-1.1"), {}).status.ok());
    EXPECT_EQ(container.info("plain")->version, "1.1.0");
    ASSERT_TRUE(container->uninstall("plain", false).status.ok());
    const auto operations = container->operations();
    for (size_t i = 1; i < operations.size(); ++i) EXPECT_LT(operations[i - 1].id, operations[i].id);
    for (const auto& operation : operations) {
      for (const auto& step : operation.steps) {
        EXPECT_GE(step.took_ms, 0) << step.name;
        EXPECT_LT(step.took_ms, 60'000) << step.name;
      }
    }
    container.expect_still_serves();
  }
  jump = 0;
}

}  // namespace
