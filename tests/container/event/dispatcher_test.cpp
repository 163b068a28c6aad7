#include "event/dispatcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

namespace ark::container::event {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Posted work runs at once: the test's thread plays the lifecycle thread.
class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() {
    for (auto* client : {&orders_, &audit_}) client->dispatcher = &dispatcher_;
    orders_.label = "orders 1.0.0";
    audit_.label = "audit 1.0.0";
  }

  struct Handler {
    std::vector<std::string>* ran;
    std::string name;
    const char* fails = nullptr;
  };
  ark_handler_t handler(Handler& h, const char* event, int priority = 100, const char* module = nullptr) {
    return {sizeof(ark_handler_t), priority, event, module, &h, [](void* self, const ark_event_t* event, ark_status_t* status) {
              auto& h = *static_cast<Handler*>(self);
              h.ran->push_back(h.name + (*event->module ? std::string(" ") + event->module : ""));
              if (!h.fails) return;
              status->code = ARK_STATUS_MODULE_FAILED;
              std::strcpy(status->text, h.fails);
            }};
  }
  void fire(const Event& event) {
    for (auto& subscription : dispatcher_.handlers_of(event)) dispatcher_.deliver(subscription, event);
  }
  void activate(Client& client) {
    for (auto& [subscription, event] : dispatcher_.activate(client)) dispatcher_.deliver(subscription, event);
  }

  std::vector<std::string> ran_, logged_;
  Dispatcher dispatcher_{{[](const std::string&, std::function<void()> work) { work(); },
                          [this](int, const std::string& label, const std::string& text) { logged_.push_back(label + ": " + text); }}};
  Client orders_, audit_;
  const Event started_{"ContainerStarted", "", "", 0};
};

TEST_F(DispatcherTest, RunsHandlersByPriorityThenByOrderOfRegistration) {
  Handler a{&ran_, "a"}, b{&ran_, "b"}, c{&ran_, "c"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(a, "AfterBizStartup", 200)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(b, "AfterBizStartup", 100)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(c, "AfterBizStartup", 100)).ok());
  activate(audit_);
  activate(orders_);
  fire({"AfterBizStartup", "x", "1.0.0", 0});
  EXPECT_THAT(ran_, ElementsAre("b x", "c x", "a x"));
}

TEST_F(DispatcherTest, AFailingHandlerIsReportedAndTheNextStillRuns) {
  Handler a{&ran_, "a", "int"}, b{&ran_, "b"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(a, "ContainerStarted")).ok());
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(b, "ContainerStarted")).ok());
  activate(orders_);
  activate(audit_);
  fire(started_);
  EXPECT_THAT(ran_, ElementsAre("a", "b"));
  EXPECT_THAT(logged_, ElementsAre("orders 1.0.0: its handler of ContainerStarted failed: int"));
}

TEST_F(DispatcherTest, AStickyEventReachesLateHandlersOnceEach) {
  Handler early{&ran_, "early"}, late{&ran_, "late"}, later{&ran_, "later"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(early, "ContainerStarted")).ok());
  activate(orders_);
  fire(started_);
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(late, "ContainerStarted")).ok());
  EXPECT_THAT(ran_, ElementsAre("early"));  // audit is not constructed yet
  activate(audit_);
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(later, "ContainerStarted")).ok());
  EXPECT_THAT(ran_, ElementsAre("early", "late", "later"));
  activate(audit_);
  fire(started_);
  EXPECT_THAT(ran_, ElementsAre("early", "late", "later"));
}

TEST_F(DispatcherTest, OtherEventsAreNotGivenToLateHandlers) {
  Handler late{&ran_, "late"};
  fire({"AfterBizStartup", "x", "1.0.0", 0});
  activate(orders_);
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(late, "AfterBizStartup")).ok());
  EXPECT_TRUE(ran_.empty());
}

TEST_F(DispatcherTest, AHandlerMayAskForOneModuleOnly) {
  Handler a{&ran_, "a"};
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(a, "AfterBizStop", 100, "orders")).ok());
  activate(audit_);
  fire({"AfterBizStop", "hello", "1.0.0", 0});
  fire({"AfterBizStop", "orders", "1.0.0", 0});
  EXPECT_THAT(ran_, ElementsAre("a orders"));
}

TEST_F(DispatcherTest, RefusesAnEventThatIsNeverFired) {
  Handler a{&ran_, "a"};
  auto refused = dispatcher_.subscribe(orders_, handler(a, "ContainerStart"));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.status().text(), HasSubstr("listens to 'ContainerStart', which this container never fires; it fires ContainerStarted"));
}

TEST_F(DispatcherTest, RefusesANewHandlerOfAModuleThatIsStopping) {
  Handler a{&ran_, "a"};
  activate(orders_);
  EXPECT_TRUE(dispatcher_.close(orders_, std::chrono::steady_clock::time_point::max()));
  EXPECT_EQ(dispatcher_.subscribe(orders_, handler(a, "ContainerStarted")).status().code(), Code::kStopping);
}

TEST_F(DispatcherTest, AHandlerMayUnsubscribeItselfWhileItRuns) {
  struct Self {
    Dispatcher* dispatcher;
    ark_subscription_t* subscription;
    int ran = 0;
  } self{&dispatcher_, nullptr};
  ark_handler_t once{sizeof(ark_handler_t), 100, "AfterBizStop", nullptr, &self, [](void* p, const ark_event_t*, ark_status_t*) {
                       auto& self = *static_cast<Self*>(p);
                       ++self.ran;
                       self.dispatcher->unsubscribe(self.subscription);
                     }};
  self.subscription = *dispatcher_.subscribe(orders_, once);
  activate(orders_);
  fire({"AfterBizStop", "x", "1", 0});
  fire({"AfterBizStop", "x", "1", 0});
  EXPECT_EQ(self.ran, 1);
}

TEST_F(DispatcherTest, UnsubscribingWaitsForAHandlerOnAnotherThread) {
  struct Slow {
    std::atomic<bool> inside{false}, leave{false}, left{false};
  } slow;
  ark_handler_t handler{sizeof(ark_handler_t), 100, "AfterBizStop", nullptr, &slow, [](void* p, const ark_event_t*, ark_status_t*) {
                          auto& slow = *static_cast<Slow*>(p);
                          slow.inside = true;
                          while (!slow.leave) std::this_thread::yield();
                          slow.left = true;
                        }};
  auto* subscription = *dispatcher_.subscribe(orders_, handler);
  activate(orders_);
  std::thread lifecycle([&] { fire({"AfterBizStop", "x", "1", 0}); });
  while (!slow.inside) std::this_thread::yield();
  EXPECT_THAT(dispatcher_.subscriptions_of(orders_), ElementsAre("a handler of AfterBizStop, running now"));
  std::thread release([&] { slow.leave = true; });
  dispatcher_.unsubscribe(subscription);
  EXPECT_TRUE(slow.left);
  lifecycle.join();
  release.join();
  slow.left = false;
  fire({"AfterBizStop", "x", "1", 0});
  EXPECT_FALSE(slow.left);
}

TEST_F(DispatcherTest, AnEventForAHandlerThatIsStuckIsNamed) {
  struct Stuck {
    std::atomic<bool> inside{false}, leave{false};
    std::atomic<int> told{0};
  } stuck;
  ark_handler_t handler{sizeof(ark_handler_t), 100, "AfterBizStop", nullptr, &stuck, [](void* p, const ark_event_t*, ark_status_t*) {
                          auto& stuck = *static_cast<Stuck*>(p);
                          ++stuck.told;
                          stuck.inside = true;
                          while (!stuck.leave) std::this_thread::yield();
                        }};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler).ok());
  activate(orders_);
  std::thread lost([&] { fire({"AfterBizStop", "hello", "1.0.0", 0}); });
  while (!stuck.inside) std::this_thread::yield();
  fire({"AfterBizStop", "greeter", "2.0.0", 0});
  EXPECT_THAT(logged_, ElementsAre("orders 1.0.0: its handler has not returned from an earlier AfterBizStop: it is not told of this one about "
                                   "greeter 2.0.0"));
  stuck.leave = true;
  lost.join();
  EXPECT_EQ(stuck.told, 1);
}

TEST_F(DispatcherTest, NothingOfAClosedClientRuns) {
  Handler a{&ran_, "a"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(a, "AfterBizStop")).ok());
  activate(orders_);
  EXPECT_TRUE(dispatcher_.close(orders_, std::chrono::steady_clock::time_point::max()));
  fire({"AfterBizStop", "x", "1", 0});
  dispatcher_.forget(orders_);
  EXPECT_TRUE(ran_.empty());
}

}  // namespace
}  // namespace ark::container::event
