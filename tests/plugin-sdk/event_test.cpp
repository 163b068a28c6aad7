// Events as modules see them: what the container's carry, vetoes, and events of modules' own.
#include <ark/sdk/event.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ark/sdk/context.hpp>
#include <stdexcept>

#include "fake/fake_host.hpp"

namespace acme {

struct StockLow {
  std::string sku;
  int32_t left = 0;
};

struct CannotBeCopied {
  int32_t number = 0;
  CannotBeCopied() = default;
  CannotBeCopied(const CannotBeCopied&) { throw std::runtime_error("no"); }
};

}  // namespace acme

ARK_EVENT(acme::StockLow, "com.acme.StockLow", sku, left)
ARK_EVENT(acme::CannotBeCopied, "com.acme.CannotBeCopied", number)

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Events : public testing::Test {
 protected:
  /// Gives the event to the handler that was registered last.
  ark_status_t tell(ark_event_t event) {
    event.size = sizeof event;
    ark_status_t status{};
    host_.handler.handle(host_.handler.self, &event, &status);
    return status;
  }
  static ark_event_t event(const char* name) { return {0, 0, name, "orders", "1.1.0", 0, nullptr, nullptr, nullptr}; }

  ark::test::FakeHost host_;
  ark::Context context_ = host_.context();
};

TEST_F(Events, OfTheContainerCarryWhatTheirTypesSay) {
  const ark_property_t changed[] = {
      {"from", "STARTING"}, {"to", "BROKEN"}, {"cause", "#3 install"}, {"error", "it threw"}};
  auto about = event("StateChanged");
  about.property_count = 4;
  about.properties = changed;
  std::string seen;
  auto states = context_.on<ark::StateChanged>([&](const auto& e) {
    seen = e.module + " " + e.version + " " + e.from + " " + e.to + " " + e.cause + " " + e.error;
  });
  tell(about);
  EXPECT_EQ(seen, "orders 1.1.0 STARTING BROKEN #3 install it threw");

  const ark_property_t switched[] = {{"deactivated", "1.0.0"}};
  about = event("AfterBizSwitch");
  about.property_count = 1;
  about.properties = switched;
  auto switches = context_.on<ark::AfterBizSwitch>([&](const auto& e) { seen = e.version + " for " + e.deactivated; });
  tell(about);
  EXPECT_EQ(seen, "1.1.0 for 1.0.0");
}

TEST_F(Events, OfAContainerThatKnowsNoPropertiesHaveEmptyOnes) {
  std::string seen = "nothing";
  auto states = context_.on<ark::StateChanged>([&](const auto& e) { seen = e.from; });
  auto old = event("StateChanged");
  old.size = offsetof(ark_event_t, properties);
  old.property_count = 7;
  ark_status_t status{};
  host_.handler.handle(host_.handler.self, &old, &status);
  EXPECT_EQ(seen, "");
}

TEST_F(Events, AreVetoedByAnExplicitActOnly) {
  static std::string vetoed;
  vetoed.clear();
  auto about = event("BeforeBizStop");
  about.veto = [](const ark_event_t* e, const char* why) { vetoed = std::string(e->module) + ": " + why; };
  bool counted = false;
  auto stops = context_.on<ark::BeforeBizStop>([&](const auto& e) { counted = e.veto("the books are open"); });
  EXPECT_EQ(tell(about).code, ARK_STATUS_OK);
  EXPECT_EQ(vetoed, "orders: the books are open");
  EXPECT_TRUE(counted);
  tell(event("BeforeBizStop"));
  EXPECT_FALSE(counted) << "the container stops: nobody can keep it from it";

  vetoed.clear();
  auto throws = context_.on<ark::BeforeBizStop>([&](const auto&) { throw std::runtime_error("no"); });
  EXPECT_EQ(tell(about).code, ARK_STATUS_MODULE_FAILED);
  EXPECT_EQ(vetoed, "");
}

TEST_F(Events, OfModulesGoFromOneToTheOtherByTheirType) {
  std::vector<std::string> heard;
  auto subscription = context_.on<acme::StockLow>(
      [&](const acme::StockLow& e) { heard.push_back(e.sku + " " + std::to_string(e.left)); },
      ark::OnOptions().module("shop"));
  EXPECT_STREQ(host_.handler.type->id, "com.acme.StockLow");
  EXPECT_EQ(context_.fire(acme::StockLow{"4711", 3}), 1u);
  EXPECT_THAT(heard, ElementsAre("4711 3"));
  EXPECT_THAT(host_.requests,
              ElementsAre("subscribe com.acme.StockLow priority=100 module=shop", "fire com.acme.StockLow"));
}

TEST_F(Events, TheStartCanBeWaitedFor) {
  EXPECT_TRUE(context_.wait_started(std::chrono::seconds(2)));
  EXPECT_FALSE(context_.wait_started(std::chrono::milliseconds(0)));
  EXPECT_THAT(host_.requests, ElementsAre("wait_started 2000", "wait_started 0"));
  host_.refusal = {ARK_STATUS_STOPPING, "shop 1.0.0 is stopping"};
  EXPECT_THROW(context_.wait_started(std::chrono::seconds(2)), ark::Error);
}

TEST_F(Events, OfModulesThatNobodyHearsAreNotCopied) { EXPECT_EQ(context_.fire(acme::CannotBeCopied{}), 0u); }

TEST_F(Events, ThatAreRefusedSayWhy) {
  host_.refusal = {ARK_STATUS_INCOMPATIBLE, "com.acme.StockLow.left: offset is 8 for audit 1.0.0, 16 for orders 1.0.0"};
  try {
    context_.fire(acme::StockLow{});
    FAIL();
  } catch (const ark::Error& error) {
    EXPECT_EQ(error.code(), ark::Error::kIncompatible);
    EXPECT_THAT(error.what(), HasSubstr("offset is 8 for audit 1.0.0"));
  }
}

TEST_F(Events, OfModulesNeedAContainerThatHasThem) {
  host_.has_extensions = false;
  EXPECT_THROW(context_.fire(acme::StockLow{}), ark::Error);
}

}  // namespace
