// How a module is asked for its health.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ark/sdk/context.hpp>

#include <optional>
#include <stdexcept>

#include "fake/fake_host.hpp"

namespace {

using ark::Health;
using testing::ElementsAre;

class HealthOf : public testing::Test {
 protected:
  /// "1 slow", or with the code of a check that failed: "2 MODULE_FAILED std::runtime_error: no disk".
  std::string ask() {
    ark_status_t said{};
    const auto level = host_.checker.check(host_.checker.self, &said);
    return std::to_string(level) + (said.code == ARK_STATUS_MODULE_FAILED ? " MODULE_FAILED" : "") +
           (*said.text ? " " : "") + said.text;
  }
  ark::test::FakeHost host_;
  ark::Context context_{host_.table(), host_.generation()};
};

TEST_F(HealthOf, AModuleIsWhatItsCallbackReturns) {
  auto health = Health::up();
  const auto check = context_.health([&] { return health; });
  EXPECT_EQ(ask(), "0");
  health = Health::degraded("slow");
  EXPECT_EQ(ask(), "1 slow");
  health = Health::down("no disk");
  EXPECT_EQ(ask(), "2 no disk");
}

TEST_F(HealthOf, ACallbackThatThrowsHasFailed) {
  const auto check = context_.health([]() -> Health { throw std::runtime_error("no disk"); });
  EXPECT_EQ(ask(), "2 MODULE_FAILED std::runtime_error: no disk");
}

TEST_F(HealthOf, ALongSentenceIsCutAtACharacter) {
  std::string why(1017, 'x');
  why += "\xE2\x82\xAC";  // of three bytes, one too many
  const auto check = context_.health([&] { return Health::down(why); });
  EXPECT_EQ(ask(), "2 " + std::string(1017, 'x'));
}

TEST_F(HealthOf, TheCheckGoesWithItsHandle) {
  {
    auto check = context_.health([] { return Health::up(); });
    auto moved = std::move(check);
    EXPECT_THAT(host_.requests, ElementsAre("add check"));
    moved = context_.health([] { return Health::up(); });
    EXPECT_THAT(host_.requests, ElementsAre("add check", "add check", "remove check"));
  }
  EXPECT_THAT(host_.requests, ElementsAre("add check", "add check", "remove check", "remove check"));
}

TEST_F(HealthOf, ACallbackMayDropItsOwnCheck) {
  std::optional<ark::HealthCheck> check;
  check = context_.health([&check, word = std::string("a text that is not small enough to be kept in place")] {
    check.reset();
    return Health::degraded(word);
  });
  EXPECT_EQ(ask(), "1 a text that is not small enough to be kept in place");
}

TEST_F(HealthOf, ARefusalIsThrown) {
  host_.refusal.code = ARK_STATUS_STOPPING;
  try {
    (void)context_.health([] { return Health::up(); });
    FAIL();
  } catch (const ark::Error& e) {
    EXPECT_EQ(e.code(), ark::Error::kStopping);
  }
  host_.has_extensions = false;
  try {
    (void)context_.health([] { return Health::up(); });
    FAIL();
  } catch (const ark::Error& e) {
    EXPECT_EQ(e.code(), ark::Error::kUnsupported);
    EXPECT_STREQ(e.what(), "this container has no ark.health/1; use a newer one");
  }
}

}  // namespace
