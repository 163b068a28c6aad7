// What ark::Context asks of the container, and what it makes of the answers.
#include <ark/sdk/context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <type_traits>

#include "acme.hpp"
#include "fake/fake_host.hpp"

namespace {

using acme::Greeter;
using testing::ElementsAre;
using testing::HasSubstr;

class ContextOf : public testing::Test {
 protected:
  void refuse(ark_code_t code, const char* text) {
    host_.refusal.code = code;
    std::snprintf(host_.refusal.text, sizeof host_.refusal.text, "%s", text);
  }
  /// What `request` throws when the container refuses it.
  template <class Request>
  void expect_refused(Request request) {
    refuse(ARK_STATUS_STOPPING, "orders 1.0.0 is stopping");
    try {
      request();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const ark::Error& error) {
      EXPECT_EQ(error.code(), ark::Error::kStopping);
      EXPECT_STREQ(error.what(), "orders 1.0.0 is stopping");
    }
  }

  ark::test::FakeHost host_;
  ark::Context context_{host_.table(), host_.generation()};
  acme::Polite polite_;
};

TEST_F(ContextOf, AModuleKnowsItsNameVersionAndFolder) {
  EXPECT_EQ(context_.name(), "orders");
  EXPECT_EQ(context_.version(), "1.0.0");
  EXPECT_EQ(context_.data_dir(), "/var/lib/ark/orders");
  expect_refused([this] { return context_.data_dir(); });
}

TEST_F(ContextOf, PublishingOffersTheImplementationAsTheContractUntilTheEnd) {
  struct Other {
    virtual ~Other() = default;
    int64_t something = 0;
  };
  struct Second : Other, acme::Polite {
  } second;
  {
    auto published = context_.publish<Greeter>(second);
    EXPECT_EQ(host_.published, static_cast<Greeter*>(&second)) << "not the address of the whole object";
    auto moved = std::move(published);
    EXPECT_THAT(host_.requests, ElementsAre("publish com.acme.Greeter priority=100"));
  }
  EXPECT_THAT(host_.requests, ElementsAre("publish com.acme.Greeter priority=100", "withdraw"));
}

TEST_F(ContextOf, PublishingPassesOnEveryOption) {
  auto published = context_.publish<Greeter>(polite_, ark::ServiceOptions()
                                                          .priority(-5)
                                                          .unique_id("eu")
                                                          .version("1.9")
                                                          .property("region", "eu")
                                                          .property("tier", "gold")
                                                          .binding("ark.rpc.bolt", {{"port", "12200"}})
                                                          .binding("acme.json"));
  EXPECT_THAT(host_.requests,
              ElementsAre("publish com.acme.Greeter priority=-5 unique_id=eu version=1.9 region:eu tier:gold "
                          "binding=ark.rpc.bolt port:12200 binding=acme.json"));
  published.withdraw();
  published.withdraw();
  EXPECT_EQ(host_.requests.size(), 2u) << "withdrawn once";
}

TEST_F(ContextOf, AssigningAPublicationWithdrawsTheOneBefore) {
  auto published = context_.publish<Greeter>(polite_);
  published = context_.publish<Greeter>(polite_, ark::ServiceOptions().unique_id("b"));
  EXPECT_EQ(host_.requests.back(), "withdraw");
  EXPECT_EQ(host_.requests.size(), 3u);
}

TEST_F(ContextOf, AReferencePassesOnItsFilter) {
  host_.providers = {host_.slot<Greeter>(polite_)};
  auto plain = context_.reference<Greeter>();
  EXPECT_EQ(plain->greet("you"), "hello you");
  auto narrow = context_.reference<Greeter>(
      ark::Filter().versions("[1.0,2.0)").unique_id("eu").property("region", "eu").binding("acme.json", {{"k", "v"}}));
  EXPECT_THAT(host_.requests, ElementsAre("reference com.acme.Greeter",
                                          "reference com.acme.Greeter unique_id=eu versions=[1.0,2.0) "
                                          "region:eu binding=acme.json k:v"));
  EXPECT_EQ(host_.providers[0]->holders, 3);
}

TEST_F(ContextOf, ReferencesAreOneForEachProviderAndHeld) {
  acme::Polite other;
  host_.providers = {host_.slot<Greeter>(polite_), host_.slot<Greeter>(other)};
  {
    auto all = context_.references<Greeter>();
    ASSERT_EQ(all.size(), 2u);
    all[1]->greet("second");
    EXPECT_EQ(other.last(), "second");
    EXPECT_EQ(host_.providers[0]->holders, 2);
  }
  EXPECT_EQ(host_.providers[0]->holders, 1);
}

TEST_F(ContextOf, EveryRefusalIsThrownWithTheContainersSentence) {
  expect_refused([this] { (void)context_.publish<Greeter>(polite_); });
  expect_refused([this] { (void)context_.reference<Greeter>(); });
  expect_refused([this] { (void)context_.references<Greeter>(); });
  expect_refused([this] { (void)context_.watch<Greeter>([](const auto&) {}, [](const auto&) {}); });
  expect_refused([this] { (void)context_.on<ark::ContainerStarted>([](const auto&) {}); });
  expect_refused([this] { (void)context_.lend<Greeter>(polite_); });
  ark_carrier_factory_t factory{};
  factory.binding = "acme.json";
  expect_refused([&] { context_.add_carrier(factory); });
}

// ---- watches and events ----

ark_service_info_t some_service() {
  static const ark_property_t kProperties[] = {{"region", "eu"}};
  static const ark_property_t kPort[] = {{"port", "12200"}};
  static const ark_binding_t kBindings[] = {{"ark.rpc.bolt", 1, 0, kPort}};
  return {
      sizeof(ark_service_info_t), 7, 42, "com.acme.Greeter", "1.2", "eu", "stock 2.0.0", 1, 1, kProperties, kBindings};
}

TEST_F(ContextOf, AWatchIsToldOfServicesThatItMayCallAndKeep) {
  std::vector<ark::Reference<Greeter>> kept;
  std::vector<std::string> seen;
  auto watch = context_.watch<Greeter>(
      [&](const ark::Service<Greeter>& service) {
        const auto& info = service.info();
        EXPECT_EQ(info.number, 42u);
        EXPECT_EQ(info.priority, 7);
        EXPECT_EQ(info.id + " " + info.version + " " + info.unique_id, "com.acme.Greeter 1.2 eu");
        EXPECT_EQ(info.properties, (ark::Properties{{"region", "eu"}}));
        EXPECT_EQ(info.bindings.at(0).properties.at(0).second, "12200");
        seen.push_back("+" + info.module);
        kept.push_back(service.reference());
      },
      [&](const ark::ServiceInfo& info) { seen.push_back("-" + info.module); }, ark::Filter().unique_id("eu"));
  EXPECT_EQ(host_.requests.back(), "watch com.acme.Greeter unique_id=eu");
  auto* slot = host_.slot<Greeter>(polite_);
  const auto info = some_service();
  host_.watcher.added(host_.watcher.self, &info, slot);
  host_.watcher.removed(host_.watcher.self, &info);
  EXPECT_THAT(seen, ElementsAre("+stock 2.0.0", "-stock 2.0.0"));
  EXPECT_EQ(kept.at(0)->greet("you"), "hello you");
  EXPECT_EQ(slot->holders, 2);
}

TEST_F(ContextOf, AWatchHandlerThatThrowsIsLoggedAndGoesNoFurther) {
  auto watch =
      context_.watch<Greeter>([](const auto&) { throw std::runtime_error("no"); }, [](const auto&) { throw 7; });
  const auto info = some_service();
  host_.watcher.added(host_.watcher.self, &info, host_.slot<Greeter>(polite_));
  EXPECT_THAT(host_.requests.back(), HasSubstr("std::runtime_error: no"));
  host_.watcher.removed(host_.watcher.self, &info);
  EXPECT_THAT(host_.requests.back(), HasSubstr("int"));
}

TEST_F(ContextOf, AWatchMayBeDroppedByItsOwnHandler) {
  auto witness = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = witness;
  bool alive_after_the_drop = false;
  ark::Watch watch;
  watch = context_.watch<Greeter>(
      [&, witness = std::move(witness)](const auto&) {
        watch = ark::Watch();
        alive_after_the_drop = *witness == 1;
      },
      [](const auto&) {});
  const auto info = some_service();
  host_.watcher.added(host_.watcher.self, &info, host_.slot<Greeter>(polite_));
  EXPECT_EQ(host_.requests.back(), "unwatch");
  EXPECT_TRUE(alive_after_the_drop) << "the handler was destroyed while it ran";
  EXPECT_TRUE(alive.expired());
}

TEST_F(ContextOf, EventsAreAskedForByTheirNames) {
#define ARK_EXPECT_NAME(NAME, FLAGS)                                     \
  {                                                                      \
    auto subscription = context_.on<ark::NAME>([](const ark::NAME&) {}); \
    EXPECT_EQ(host_.requests.back(), "subscribe " #NAME " priority=100"); \
    EXPECT_EQ(host_.handler.type, nullptr);                              \
  }
  ARK_CONTAINER_EVENTS(ARK_EXPECT_NAME)
#undef ARK_EXPECT_NAME
}

TEST_F(ContextOf, AHandlerIsGivenTheEventUntilItsSubscriptionEnds) {
  std::string seen;
  {
    auto subscription = context_.on<ark::AfterBizStartup>(
        [&](const ark::AfterBizStartup& event) {
          seen = event.module + " " + event.version;
          EXPECT_EQ(event.time.time_since_epoch(), std::chrono::seconds(3));
        },
        ark::OnOptions().priority(10).module("audit"));
    EXPECT_EQ(host_.requests.back(), "subscribe AfterBizStartup priority=10 module=audit");
    const ark_event_t event{
        sizeof event, 0, "AfterBizStartup", "audit", "1.0.0", 3'000'000'000, nullptr, nullptr, nullptr};
    ark_status_t status{};
    host_.handler.handle(host_.handler.self, &event, &status);
    EXPECT_EQ(status.code, ARK_STATUS_OK);
    EXPECT_EQ(seen, "audit 1.0.0");
    auto moved = std::move(subscription);
  }
  EXPECT_THAT(host_.requests, ElementsAre("subscribe AfterBizStartup priority=10 module=audit", "unsubscribe"));
}

TEST_F(ContextOf, AHandlerThatThrowsAnythingEndsInAStatus) {
  const ark_event_t event{sizeof event, 0, "ContainerStarted", "", "", 0, nullptr, nullptr, nullptr};
  ark_status_t status{};
  auto first = context_.on<ark::ContainerStarted>([](const auto&) { throw 7; });
  host_.handler.handle(host_.handler.self, &event, &status);
  EXPECT_EQ(status.code, ARK_STATUS_MODULE_FAILED);
  EXPECT_STREQ(status.text, "int");
  auto second = context_.on<ark::ContainerStarted>([](const auto&) { throw std::runtime_error("no"); });
  host_.handler.handle(host_.handler.self, &event, &status);
  EXPECT_STREQ(status.text, "std::runtime_error: no");
}

// ---- the rest ----

TEST_F(ContextOf, TheLogIsWrittenWithItsLevel) {
  const auto log = context_.log();
  log.trace("a");
  log.debug("b");
  log.info("c");
  log.warn("d");
  log.error(std::string("e\0f", 3));
  EXPECT_THAT(host_.requests, ElementsAre("log 0 a", "log 1 b", "log 2 c", "log 3 d", std::string("log 4 e\0f", 9)));
  EXPECT_FALSE(log.enabled(ARK_LOG_DEBUG));
  EXPECT_TRUE(log.enabled(ARK_LOG_INFO));
}

TEST_F(ContextOf, ExtensionsAreTablesByNameOrNull) {
  EXPECT_NE(context_.get_extension("ark.known/1"), nullptr);
  EXPECT_EQ(context_.get_extension("ark.unknown/1"), nullptr);
}

TEST_F(ContextOf, ResourcesOfAContainerThatHasNoneAreUnsupported) {
  try {
    (void)context_.resource("mail/a.txt");
    ADD_FAILURE() << "there was one";
  } catch (const ark::Error& error) {
    EXPECT_EQ(error.code(), ark::Error::kUnsupported);
  }
}

TEST_F(ContextOf, ACarrierIsOfferedUnderItsBinding) {
  ark_carrier_factory_t factory{};
  factory.binding = "acme.json";
  context_.add_carrier(factory);
  EXPECT_THAT(host_.requests, ElementsAre("add_carrier acme.json"));
}

static_assert(!std::is_copy_constructible_v<ark::Context> && !std::is_move_constructible_v<ark::Context>);
static_assert(std::is_nothrow_move_constructible_v<ark::Published> && !std::is_copy_constructible_v<ark::Published>);
static_assert(std::is_nothrow_move_constructible_v<ark::Watch> && !std::is_copy_constructible_v<ark::Watch>);
static_assert(std::is_nothrow_move_constructible_v<ark::Subscription> &&
              !std::is_copy_constructible_v<ark::Subscription>);

}  // namespace
