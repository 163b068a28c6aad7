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
    name(orders_, "orders", "1.0.0");
    name(audit_, "audit", "1.0.0");
  }
  void name(Client& client, const std::string& name, const std::string& version) {
    client.dispatcher = &dispatcher_;
    client.name = name;
    client.version = version;
    client.label = name + " " + version;
  }

  struct Handler {
    std::vector<std::string>* ran;
    std::string name;
    const char* fails = nullptr;
    const char* vetoes = nullptr;
  };
  ark_handler_t handler(Handler& h, const char* event, int priority = 100, const char* module = nullptr) {
    return {sizeof(ark_handler_t),
            priority,
            event,
            module,
            &h,
            [](void* self, const ark_event_t* event, ark_status_t* status) {
              auto& h = *static_cast<Handler*>(self);
              h.ran->push_back(h.name + (*event->module ? std::string(" ") + event->module : ""));
              if (h.vetoes && event->veto) event->veto(event, h.vetoes);
              if (!h.fails) return;
              status->code = ARK_STATUS_MODULE_FAILED;
              std::strcpy(status->text, h.fails);
            },
            nullptr};
  }
  void fire(Event event) { (void)ask(std::move(event), false); }
  Status ask(Event event, bool vetoable = true) {
    const auto id = *find_id(event.name);
    const auto firing = std::make_shared<Firing>(std::move(event), vetoable);
    const auto handlers = dispatcher_.handlers_of(id, firing);
    for (auto& subscription : *handlers) deliver(subscription, *firing);
    return firing->verdict();
  }
  void deliver(const Subscription& subscription, Firing& firing) {
    auto lane = dispatcher_.lane();
    dispatcher_.deliver(subscription, firing, lane);
  }
  void activate(Client& client) {
    for (auto& [subscription, firing] : dispatcher_.activate(client)) deliver(subscription, *firing);
  }

  std::vector<std::string> ran_, logged_, recorded_;
  Dispatcher dispatcher_{
      {[](const std::string&, std::function<void()> work) { work(); },
       [this](int, const std::string& label, const std::string& text) { logged_.push_back(label + ": " + text); },
       [this](const Event& event) { recorded_.push_back(event.name + " of " + event.module); }, std::chrono::hours(1)}};
  Client orders_, audit_;
  const Event started_{"ContainerStarted", "", "", {}};
};

TEST_F(DispatcherTest, RunsHandlersByPriorityThenByActivationThenByRegistration) {
  Handler a{&ran_, "a"}, b{&ran_, "b"}, c{&ran_, "c"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(a, "AfterBizStartup", 200)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(b, "AfterBizStartup", 100)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(c, "AfterBizStartup", 100)).ok());
  activate(audit_);  // constructors may run side by side; activation has an order
  activate(orders_);
  Handler d{&ran_, "d"}, e{&ran_, "e"};
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(d, "AfterBizStartup", 100)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(e, "AfterBizStartup", 100)).ok());
  fire({"AfterBizStartup", "x", "1.0.0", {}});
  EXPECT_THAT(ran_, ElementsAre("c x", "d x", "b x", "e x", "a x"));
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

TEST_F(DispatcherTest, AVetoNamesWhoAndWhyAndTheOthersStillRun) {
  Handler a{&ran_, "a", nullptr, "the books are open"}, b{&ran_, "b"}, c{&ran_, "c", nullptr, "not on a Friday"};
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(a, "BeforeBizStop", 1)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(b, "BeforeBizStop", 2)).ok());
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(c, "BeforeBizStop", 3)).ok());
  activate(audit_);
  activate(orders_);
  const auto verdict = ask({"BeforeBizStop", "x", "1.0.0", {}});
  EXPECT_EQ(verdict.code(), Code::kFailedPrecondition);
  EXPECT_EQ(verdict.text(),
            "audit 1.0.0 vetoed BeforeBizStop: the books are open; orders 1.0.0 vetoed BeforeBizStop: not on a Friday");
  EXPECT_THAT(ran_, ElementsAre("a x", "b x", "c x"));
}

TEST_F(DispatcherTest, AThrowingHandlerIsNoVetoAndOfAnEventThatMustNotFailNoneCounts) {
  Handler fails{&ran_, "fails", "std::runtime_error: no"}, vetoes{&ran_, "vetoes", nullptr, "no"};
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(fails, "BeforeBizStop")).ok());
  activate(audit_);
  EXPECT_TRUE(ask({"BeforeBizStop", "x", "1.0.0", {}}).ok());
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(vetoes, "BeforeBizStop")).ok());
  EXPECT_TRUE(ask({"BeforeBizStop", "x", "1.0.0", {}}, false).ok());
}

TEST_F(DispatcherTest, CarriesPropertiesToTheHandler) {
  std::string from;
  ark_handler_t handler{sizeof handler,
                        100,
                        "StateChanged",
                        nullptr,
                        &from,
                        [](void* from, const ark_event_t* event, ark_status_t*) {
                          for (uint32_t i = 0; i < event->property_count; ++i) {
                            if (std::strcmp(event->properties[i].key, "from") == 0)
                              *static_cast<std::string*>(from) = event->properties[i].value;
                          }
                        },
                        nullptr};
  EXPECT_FALSE(dispatcher_.listens(Id::kStateChanged));
  auto* subscription = *dispatcher_.subscribe(orders_, handler);
  EXPECT_FALSE(dispatcher_.listens(Id::kStateChanged)) << "it is not live yet";
  activate(orders_);
  EXPECT_TRUE(dispatcher_.listens(Id::kStateChanged));
  fire({"StateChanged", "x", "1.0.0", {{"from", "STARTING"}, {"to", "ACTIVATED"}}});
  EXPECT_EQ(from, "STARTING");
  dispatcher_.unsubscribe(subscription);
  EXPECT_FALSE(dispatcher_.listens(Id::kStateChanged));
}

TEST_F(DispatcherTest, QueuedEventsReachTheirHandlersInOrder) {
  Handler a{&ran_, "a"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(a, "ServicePublished")).ok());
  activate(orders_);
  dispatcher_.queue(Id::kServicePublished, {"ServicePublished", "x", "1.0.0", {}});
  dispatcher_.queue(Id::kServiceWithdrawn, {"ServiceWithdrawn", "x", "1.0.0", {}});
  dispatcher_.queue(Id::kServicePublished, {"ServicePublished", "y", "1.0.0", {}});
  EXPECT_THAT(ran_, ElementsAre("a x", "a y"));
}

TEST_F(DispatcherTest, AHandlerOfAModuleBuiltBeforeTypesWereThereIsOneOfTheContainersEvents) {
  Handler a{&ran_, "a"};
  auto old = handler(a, "AfterBizStop");
  old.size = offsetof(ark_handler_t, type);
  old.type = reinterpret_cast<const ark_type_t*>(1);  // beyond its end
  ASSERT_TRUE(dispatcher_.subscribe(orders_, old).ok());
  activate(orders_);
  fire({"AfterBizStop", "x", "1.0.0", {}});
  EXPECT_THAT(ran_, ElementsAre("a x"));
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

TEST_F(DispatcherTest, TheStartIsWaitedForUntilItComesOrItsModuleStops) {
  EXPECT_FALSE(*dispatcher_.wait_started(orders_, std::chrono::milliseconds(1)));
  std::thread closer([this] { (void)dispatcher_.close(orders_, std::chrono::steady_clock::time_point::max()); });
  const auto stopped = dispatcher_.wait_started(orders_, std::chrono::milliseconds::max());
  closer.join();
  EXPECT_EQ(stopped.status().code(), Code::kStopping);
  fire(started_);
  EXPECT_TRUE(*dispatcher_.wait_started(audit_, std::chrono::milliseconds(0)));
  EXPECT_TRUE(*dispatcher_.wait_started(orders_, std::chrono::milliseconds(0))) << "what has happened has, for all";
}

TEST_F(DispatcherTest, OtherEventsAreNotGivenToLateHandlers) {
  Handler late{&ran_, "late"};
  fire({"AfterBizStartup", "x", "1.0.0", {}});
  activate(orders_);
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(late, "AfterBizStartup")).ok());
  EXPECT_TRUE(ran_.empty());
}

TEST_F(DispatcherTest, AHandlerMayAskForOneModuleOnly) {
  Handler a{&ran_, "a"};
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(a, "AfterBizStop", 100, "orders")).ok());
  activate(audit_);
  fire({"AfterBizStop", "hello", "1.0.0", {}});
  fire({"AfterBizStop", "orders", "1.0.0", {}});
  EXPECT_THAT(ran_, ElementsAre("a orders"));
}

TEST_F(DispatcherTest, AStickyEventIsNotAboutOneModuleNeitherEarlyNorLate) {
  Handler early{&ran_, "early"}, late{&ran_, "late"}, later{&ran_, "later"};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler(early, "ContainerStarted", 100, "orders")).ok());
  activate(orders_);
  fire(started_);
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(late, "ContainerStarted", 100, "orders")).ok());
  activate(audit_);
  ASSERT_TRUE(dispatcher_.subscribe(audit_, handler(later, "ContainerStarted", 100, "orders")).ok());
  EXPECT_TRUE(ran_.empty());
}

TEST_F(DispatcherTest, RefusesAnEventThatIsNeverFired) {
  Handler a{&ran_, "a"};
  auto refused = dispatcher_.subscribe(orders_, handler(a, "ContainerStart"));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(
      refused.status().text(),
      HasSubstr("listens to 'ContainerStart', which this container never fires; it fires BeforePluginStartup, "));
  EXPECT_THAT(refused.status().text(), HasSubstr("ContainerStarted"));
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
  ark_handler_t once{sizeof(ark_handler_t),
                     100,
                     "AfterBizStop",
                     nullptr,
                     &self,
                     [](void* p, const ark_event_t*, ark_status_t*) {
                       auto& self = *static_cast<Self*>(p);
                       ++self.ran;
                       self.dispatcher->unsubscribe(self.subscription);
                     },
                     nullptr};
  self.subscription = *dispatcher_.subscribe(orders_, once);
  activate(orders_);
  fire({"AfterBizStop", "x", "1", {}});
  fire({"AfterBizStop", "x", "1", {}});
  EXPECT_EQ(self.ran, 1);
}

TEST_F(DispatcherTest, UnsubscribingWaitsForAHandlerOnAnotherThread) {
  struct Slow {
    std::atomic<bool> inside{false}, leave{false}, left{false};
  } slow;
  ark_handler_t handler{sizeof(ark_handler_t),
                        100,
                        "AfterBizStop",
                        nullptr,
                        &slow,
                        [](void* p, const ark_event_t*, ark_status_t*) {
                          auto& slow = *static_cast<Slow*>(p);
                          slow.inside = true;
                          while (!slow.leave) std::this_thread::yield();
                          slow.left = true;
                        },
                        nullptr};
  auto* subscription = *dispatcher_.subscribe(orders_, handler);
  activate(orders_);
  std::thread lifecycle([&] { fire({"AfterBizStop", "x", "1", {}}); });
  while (!slow.inside) std::this_thread::yield();
  EXPECT_THAT(dispatcher_.subscriptions_of(orders_), ElementsAre("a handler of AfterBizStop, running now"));
  std::thread release([&] { slow.leave = true; });
  dispatcher_.unsubscribe(subscription);
  EXPECT_TRUE(slow.left);
  lifecycle.join();
  release.join();
  slow.left = false;
  fire({"AfterBizStop", "x", "1", {}});
  EXPECT_FALSE(slow.left);
}

TEST_F(DispatcherTest, AnEventForAHandlerThatIsStuckIsNamed) {
  struct Stuck {
    std::atomic<bool> inside{false}, leave{false};
    std::atomic<int> told{0};
  } stuck;
  ark_handler_t handler{sizeof(ark_handler_t),
                        100,
                        "AfterBizStop",
                        nullptr,
                        &stuck,
                        [](void* p, const ark_event_t*, ark_status_t*) {
                          auto& stuck = *static_cast<Stuck*>(p);
                          ++stuck.told;
                          stuck.inside = true;
                          while (!stuck.leave) std::this_thread::yield();
                        },
                        nullptr};
  ASSERT_TRUE(dispatcher_.subscribe(orders_, handler).ok());
  activate(orders_);
  std::thread lost([&] { fire({"AfterBizStop", "hello", "1.0.0", {}}); });
  while (!stuck.inside) std::this_thread::yield();
  fire({"AfterBizStop", "greeter", "2.0.0", {}});
  EXPECT_THAT(
      logged_,
      ElementsAre(
          "orders 1.0.0: its handler has not returned from an earlier AfterBizStop: it is not told of this one about "
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
  fire({"AfterBizStop", "x", "1", {}});
  dispatcher_.forget(orders_);
  EXPECT_TRUE(ran_.empty());
}

}  // namespace
}  // namespace ark::container::event
