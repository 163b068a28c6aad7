// What a module asks of the container that it drives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ark/sdk/context.hpp>

#include <optional>
#include <stdexcept>

#include "fake/fake_host.hpp"

namespace {

using ark::InstallOptions;
using ark::Outcome;
using testing::ElementsAre;

class OperationsOf : public testing::Test {
 protected:
  ark::test::FakeHost host_;
  ark::Context context_{host_.table(), host_.generation()};
  const ark::Operations operations_ = context_.operations();
};

TEST_F(OperationsOf, EveryVerbIsAskedForInBothForms) {
  const auto ignore = [](const Outcome&) {};
  operations_.install("/a.ark");
  operations_.install("/a.ark", InstallOptions().switch_to().transient());
  operations_.replace("/a.ark", InstallOptions().transient());
  operations_.switch_to("a:1.0.0");
  operations_.start("a");
  operations_.stop("a");
  operations_.uninstall("a");
  operations_.uninstall("a", ark::StopOptions().force());
  EXPECT_THAT(host_.requests,
              ElementsAre("run 0 flags=0 /a.ark", "run 0 flags=3 /a.ark", "run 1 flags=2 /a.ark", "run 2 flags=0 a:1.0.0",
                          "run 3 flags=0 a", "run 4 flags=0 a", "run 5 flags=0 a", "run 5 flags=4 a"));
  host_.requests.clear();
  operations_.install("/a.ark", InstallOptions().switch_to(), ignore).forget();
  operations_.replace("/a.ark", {}, ignore).forget();
  operations_.switch_to("a", ignore).forget();
  operations_.start("a", ignore).forget();
  operations_.stop("a", {}, ignore).forget();
  operations_.uninstall("a", ark::StopOptions().force(), ignore).forget();
  EXPECT_THAT(host_.requests, ElementsAre("begin 0 flags=1 /a.ark", "release", "begin 1 flags=0 /a.ark", "release",
                                          "begin 2 flags=0 a", "release", "begin 3 flags=0 a", "release",
                                          "begin 4 flags=0 a", "release", "begin 5 flags=4 a", "release"));
}

TEST_F(OperationsOf, AnOutcomeSaysWhatHasBecomeOfTheModule) {
  host_.outcome.module = &host_.module;
  const auto done = operations_.start("audit");
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(done.id, 7u);
  ASSERT_TRUE(done.module);
  EXPECT_EQ(done.module->name + " " + done.module->version + " " + done.module->state, "audit 1.0.0 ACTIVATED");

  host_.outcome = {sizeof(ark_outcome_t), ARK_STATUS_NOT_FOUND, 8, "there is no module audit", nullptr};
  const auto failed = operations_.start("audit");
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.code, ark::Error::kNotFound) << "an operation that fails is an outcome, no exception";
  EXPECT_EQ(failed.text, "there is no module audit");
  EXPECT_FALSE(failed.module);
}

TEST_F(OperationsOf, WhatIsRefusedIsThrown) {
  for (const bool waits : {true, false}) {
    host_.refusal.code = ARK_STATUS_WOULD_DEADLOCK;
    try {
      if (waits) operations_.stop("orders");
      if (!waits) (void)operations_.stop("orders", {}, [](const Outcome&) {});
      ADD_FAILURE() << waits;
    } catch (const ark::Error& e) {
      EXPECT_EQ(e.code(), ark::Error::kWouldDeadlock);
    }
  }
  host_.has_extensions = false;
  EXPECT_THROW((void)context_.operations(), ark::Error);
}

TEST_F(OperationsOf, ACallbackIsToldAndMayDropItsHandle) {
  std::optional<ark::PendingOperation> pending;
  std::string told;
  pending = operations_.stop("audit", {}, [&](const Outcome& outcome) {
    pending.reset();
    told = outcome.text;
  });
  host_.outcome.text = "a sentence that is not small enough to be kept in place";
  host_.on_outcome.done(host_.on_outcome.self, &host_.outcome);
  EXPECT_EQ(told, host_.outcome.text);
  EXPECT_EQ(host_.requests.back(), "release");
}

TEST_F(OperationsOf, ACallbackThatThrowsIsLogged) {
  const auto pending = operations_.stop("audit", {}, [](const Outcome&) { throw std::runtime_error("no disk"); });
  host_.on_outcome.done(host_.on_outcome.self, &host_.outcome);
  EXPECT_EQ(host_.requests.back(), "log 4 a callback of an operation failed: std::runtime_error: no disk");
}

TEST_F(OperationsOf, ModulesAreListed) {
  const auto modules = operations_.modules();
  ASSERT_EQ(modules.size(), 1u);
  EXPECT_EQ(modules[0].name + " " + modules[0].version + " " + modules[0].state, "audit 1.0.0 ACTIVATED");
  EXPECT_EQ(modules[0].kind, ARK_MODULE_BIZ);
}

}  // namespace
