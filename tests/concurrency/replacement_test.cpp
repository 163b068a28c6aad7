// Modules are replaced a thousand times while sixteen threads call them all the time.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "ledger/driver.hpp"
#include "ledger/ledger.hpp"
#include "support/host_client.hpp"
#include "support/process_facts.hpp"

namespace {

using ark::test::HostedContainer;
using ark::test::ProcessFacts;
using std::chrono_literals::operator""s;
using testing::Each;
using testing::Ge;

constexpr int32_t kThreads = 16;
constexpr auto kRoundLimit = 60s;  // only so that a failure ends

/// ARK_TEST_REPLACEMENTS, else 1,000, or 100 where a sanitizer makes each ten times as long.
int replacements() {
  const char* asked = std::getenv("ARK_TEST_REPLACEMENTS");
  return asked ? std::atoi(asked) : ark::test::is_sanitized() ? 100 : 1000;
}

class UnderLoad : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    container_.install(JSON_CARRIER);
    container_.install(LEDGER_PROVIDER_1_0_0);
    container_.install(LEDGER_DRIVER);
  }

  /// Replaces by each package in turn; between any two replacements every thread completes a call.
  void replace(const std::vector<std::filesystem::path>& packages, int times) {
    driver_->flood(kThreads, GetParam());
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(driver_->await_round(kRoundLimit)) << "not every thread could call before replacement " << i;
      const auto done = container_->replace(packages[static_cast<size_t>(i) % packages.size()], {false, true});
      ASSERT_TRUE(done.status.ok()) << "replacement " << i << ": " << done.status.text();
    }
    ASSERT_TRUE(driver_->await_round(kRoundLimit)) << "not every thread could call after the last replacement";
    tally_ = driver_->settle();
    EXPECT_EQ(tally_.failures, 0) << "the first: " << tally_.first_failure;
    EXPECT_THAT(tally_.calls, Each(Ge(times)));
    EXPECT_EQ(container_.mapped_generations(), container_.expected_generations())
        << "code of a replaced generation is mapped";
  }

  void replace_many(const std::vector<std::filesystem::path>& packages) {
    const int times = replacements();
    replace(packages, std::max(10, times * 7 / 10));  // what is kept for later, 1,024 events of services among it, is there after these
    if (HasFatalFailure()) return;
    const auto before = ProcessFacts::now();
    replace(packages, times);
    if (HasFatalFailure()) return;
    expect_flat(before, ProcessFacts::now());
  }

  /// The limits are above what threads' caches and the C library's own tables come to, and below one small object for
  /// each of a thousand.
  void expect_flat(const ProcessFacts& before, const ProcessFacts& after) {
    EXPECT_EQ(after.threads, before.threads);
    EXPECT_EQ(after.descriptors, before.descriptors);
    RecordProperty("heap_bytes_more", std::to_string(after.heap_bytes - before.heap_bytes));
    RecordProperty("resident_bytes_more", std::to_string(after.resident_bytes - before.resident_bytes));
    RecordProperty("mappings_more", std::to_string(after.mappings - before.mappings));
    if (ark::test::is_sanitized()) return;
    EXPECT_LE(after.mappings, before.mappings + 8);
    EXPECT_LE(after.heap_bytes, before.heap_bytes + 24 * 1024);
    EXPECT_LE(after.resident_bytes, before.resident_bytes + 1024 * 1024);
  }

  HostedContainer container_;
  ark::Reference<ledger::Driver> driver_ = container_.context().reference<ledger::Driver>();
  ledger::Tally tally_{};
};

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

using ReplacementOfTheProvider = UnderLoad;

TEST_P(ReplacementOfTheProvider, FailsNoCallLeavesNothingMappedAndGrowsNothing) {
  replace_many({LEDGER_PROVIDER_1_1_0, LEDGER_PROVIDER_1_0_0});
  EXPECT_GT(tally_.generations, 1) << "the calls have not met several generations";
}

INSTANTIATE_TEST_SUITE_P(, ReplacementOfTheProvider, testing::Values("native", "acme.json", "acme.json-thread"),
                         name_of);

using ReplacementOfTheCarrier = UnderLoad;

TEST_P(ReplacementOfTheCarrier, FailsNoCallLeavesNothingMappedAndGrowsNothing) { replace_many({JSON_CARRIER}); }

INSTANTIATE_TEST_SUITE_P(, ReplacementOfTheCarrier, testing::Values("acme.json", "acme.json-thread"), name_of);

}  // namespace
