// Events that modules fire themselves: their values, their layouts, and how long they live.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ark/sdk.hpp>

#include <deque>

#include "event/dispatcher.hpp"

namespace acme {

struct StockLow {
  std::string sku;
  int32_t left = 0;
};
struct StockLowOfTomorrow {
  std::string sku;
  int32_t left = 0;
  bool urgent = false;
};
struct NamedAsTheContainers {
  int32_t x = 0;
};

}  // namespace acme

ARK_EVENT(acme::StockLow, "com.acme.StockLow", sku, left)
ARK_EVENT(acme::StockLowOfTomorrow, "com.acme.StockLow", sku, left, urgent)
ARK_EVENT(acme::NamedAsTheContainers, "AfterBizStop", x)

namespace ark::container::event {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Posted work is kept until the test lets it run: the lifecycle thread is busy.
class ModuleEventTest : public testing::Test {
 protected:
  struct Module : Client {
    Module(Dispatcher& d, const std::string& n, const std::string& v) {
      dispatcher = &d;
      name = n;
      version = v;
      label = n + " " + v;
      (void)d.activate(*this);
    }
  };

  template <class E>
  Result<ark_subscription_t*> listen(Client& client, const char* module = nullptr) {
    return dispatcher_.subscribe(
        client, {sizeof(ark_handler_t), 100, detail::Type<E>::value.id, module, &heard_,
                 [](void* self, const ark_event_t* event, ark_status_t*) {
                   const auto& stock = *static_cast<const E*>(event->value);
                   static_cast<std::vector<std::string>*>(self)->push_back(
                       std::string(event->module) + ": " + stock.sku + " " + std::to_string(stock.left));
                 },
                 &detail::Type<E>::value});
  }
  template <class E>
  Result<int64_t> fire(Client& sender, E event) {
    return dispatcher_.fire(
        sender, detail::Type<E>::value, &event,
        [](void* value) -> void* { return ++alive, new E(std::move(*static_cast<E*>(value))); },
        [](void* taken) { --alive, delete static_cast<E*>(taken); });
  }
  void run_posted() {
    for (; !posted_.empty(); posted_.pop_front()) posted_.front()();
  }
  static constexpr auto kNow = std::chrono::steady_clock::time_point::min();

  inline static int alive = 0;
  std::vector<std::string> heard_, recorded_;
  std::deque<std::function<void()>> posted_;
  Dispatcher dispatcher_{
      {[this](const std::string&, std::function<void()> work) { posted_.push_back(std::move(work)); },
       [](int, const std::string&, const std::string& text) { ADD_FAILURE() << text; },
       [this](const Event& event) { recorded_.push_back(event.name + " of " + event.module); }}};
  Module orders_{dispatcher_, "orders", "1.0.0"}, audit_{dispatcher_, "audit", "1.0.0"};
};

TEST_F(ModuleEventTest, ReachesWhoeverListensAndTheValueGoesWithTheLastHandler) {
  ASSERT_TRUE(listen<acme::StockLow>(audit_).ok());
  ASSERT_TRUE(listen<acme::StockLow>(orders_).ok());
  EXPECT_EQ(*fire(orders_, acme::StockLow{"4711", 3}), 2);
  EXPECT_TRUE(heard_.empty()) << "the one who fires does not wait";
  EXPECT_EQ(alive, 1);
  run_posted();
  EXPECT_THAT(heard_, ElementsAre("orders: 4711 3", "orders: 4711 3"));
  EXPECT_EQ(alive, 0);
  EXPECT_THAT(recorded_, ElementsAre("com.acme.StockLow of orders"));
}

TEST_F(ModuleEventTest, IsNotEvenMovedIfNobodyListens) {
  EXPECT_EQ(*fire(orders_, acme::StockLow{"4711", 3}), 0);
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(posted_.empty());
}

TEST_F(ModuleEventTest, MayBeAskedForFromOneSenderOnly) {
  ASSERT_TRUE(listen<acme::StockLow>(audit_, "orders").ok());
  EXPECT_EQ(*fire(audit_, acme::StockLow{"1", 1}), 0);
  EXPECT_EQ(*fire(orders_, acme::StockLow{"2", 2}), 1);
  run_posted();
  EXPECT_THAT(heard_, ElementsAre("orders: 2 2"));
}

TEST_F(ModuleEventTest, OfAnotherLayoutIsRefusedByItsFirstDifferenceWhoeverComesSecond) {
  ASSERT_TRUE(listen<acme::StockLow>(audit_).ok());
  const auto fired = fire(orders_, acme::StockLowOfTomorrow{"4711", 3, true});
  EXPECT_EQ(fired.status().code(), Code::kIncompatible);
  EXPECT_THAT(fired.status().text(),
              HasSubstr("com.acme.StockLow.urgent: only orders 1.0.0's struct has it; build both with one header"));
  const auto listened = listen<acme::StockLowOfTomorrow>(orders_);
  EXPECT_EQ(listened.status().code(), Code::kIncompatible);
  EXPECT_TRUE(posted_.empty());
}

TEST_F(ModuleEventTest, AnotherVersionOfTheSameModuleMayHaveAnotherLayoutAndIsNotGivenTheOldOne) {
  ASSERT_TRUE(listen<acme::StockLow>(orders_).ok());
  Module next(dispatcher_, "orders", "1.1.0");
  ASSERT_TRUE(listen<acme::StockLowOfTomorrow>(next).ok());
  EXPECT_EQ(*fire(orders_, acme::StockLow{"1", 1}), 1);
  EXPECT_EQ(*fire(next, acme::StockLowOfTomorrow{"2", 2, true}), 1);
  run_posted();
  EXPECT_THAT(heard_, ElementsAre("orders: 1 1", "orders: 2 2"));
  EXPECT_TRUE(dispatcher_.close(orders_, kNow));
  EXPECT_TRUE(listen<acme::StockLowOfTomorrow>(audit_).ok()) << "the old layout went with the old version";
}

TEST_F(ModuleEventTest, KeepsItsModuleUntilTheLastHandlerHasHadIt) {
  ASSERT_TRUE(listen<acme::StockLow>(audit_).ok());
  EXPECT_EQ(*fire(orders_, acme::StockLow{"4711", 3}), 1);
  EXPECT_FALSE(dispatcher_.close(orders_, kNow));
  EXPECT_THAT(dispatcher_.holding(orders_), ElementsAre("an event that orders 1.0.0 fired is still with its handlers"));
  EXPECT_EQ(fire(orders_, acme::StockLow{"4711", 2}).status().code(), Code::kStopping);
  run_posted();
  EXPECT_TRUE(dispatcher_.close(orders_, kNow));
  EXPECT_THAT(heard_, ElementsAre("orders: 4711 3"));
}

TEST_F(ModuleEventTest, IsNotGivenToAHandlerThatWentMeanwhile) {
  auto* subscription = *listen<acme::StockLow>(audit_);
  EXPECT_EQ(*fire(orders_, acme::StockLow{"4711", 3}), 1);
  dispatcher_.unsubscribe(subscription);
  run_posted();
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(alive, 0);
}

TEST_F(ModuleEventTest, FiredFasterThanHeardIsRefusedOnceTooManyWait) {
  ASSERT_TRUE(listen<acme::StockLow>(audit_).ok());
  for (int i = 0; i < 4096; ++i) ASSERT_TRUE(fire(orders_, acme::StockLow{"4711", i}).ok());
  EXPECT_EQ(fire(orders_, acme::StockLow{"4711", 0}).status().code(), Code::kResourceExhausted);
  run_posted();
  EXPECT_TRUE(fire(orders_, acme::StockLow{"4711", 0}).ok());
  run_posted();
  EXPECT_EQ(alive, 0);
}

TEST_F(ModuleEventTest, CannotHaveANameOfTheContainers) {
  EXPECT_EQ(listen<acme::StockLow>(audit_, nullptr).ok(), true);
  EXPECT_THAT(fire(orders_, acme::NamedAsTheContainers{1}).status().text(),
              HasSubstr("AfterBizStop is the container's own event"));
  ark_handler_t handler{
      sizeof handler, 100, "AfterBizStop", nullptr, nullptr, nullptr, &detail::Type<acme::NamedAsTheContainers>::value};
  EXPECT_THAT(dispatcher_.subscribe(audit_, handler).status().text(),
              HasSubstr("AfterBizStop is the container's own event"));
}

TEST_F(ModuleEventTest, ThatNobodyHasFiredIsSaidOfItsHandler) {
  ASSERT_TRUE(listen<acme::StockLow>(audit_).ok());
  EXPECT_THAT(dispatcher_.subscriptions_of(audit_),
              ElementsAre("a handler of com.acme.StockLow, which nobody has fired yet"));
  ASSERT_TRUE(fire(orders_, acme::StockLow{"1", 1}).ok());
  EXPECT_THAT(dispatcher_.subscriptions_of(audit_), ElementsAre("a handler of com.acme.StockLow"));
  run_posted();
}

}  // namespace
}  // namespace ark::container::event
