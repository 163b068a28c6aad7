// Behaviours of SOFAArk that are not ours. Those that have a home elsewhere are tested there:
//
//   a handler that throws deprives nobody                    EventOrder.AHandlerThatThrowsDeprivesNobody...
//   that the container has started can be learned late       ModuleInstalledAfterTheStart.HearsContainerStarted...
//   every event that is declared comes                       EventOrder.OfAStart...
//   a start that failed has no stop events                   EventOrder.OfAFailedInstallation..., OfAPluginThatFails...
//   of two installations of one version one is left          Operations.TwoInstallationsOfOneVersionAtOnce...
//   both sides of a switch hear of it                        EventOrder.OfASwitchNamesBothSides...
//   an operation's outcome can be asked for                  Operations.AreListedWithIdRequesterAndOutcome
//   a master that no biz is, is said at start               Master.ThatNoBizIsKeepsTheContainerFromStarting
//   a module's own event reaches whoever names its type      ModuleEventTest.ReachesWhoeverListens..., AnotherVersionOf...
//   a name that is left without an active version says so    Operations.ThatLeaveANameWithoutActiveVersionSaySo
//   equal priorities have an order                           StartWaves.DoNotDependOnTheOrderOfThePackages
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remade.hpp"
#include "serving_container.hpp"
#include "support/scripts.hpp"
#include "support/started.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::container::Code;
using ark::container::State;
using ark::test::fixture;
using ark::test::scripted;
using testing::ElementsAre;
using testing::HasSubstr;

class NotCopied : public testing::Test {
 protected:
  void start(const std::vector<fs::path>& modules) {
    ark::container::Options options;
    options.home = temp_ / "home";
    options.modules = modules;
    options.start_policy.skip = true;
    container_ = ark::test::start_container(std::move(options));
  }
  fs::path with_priority(const std::string& name, int priority) {
    return ark::test::remade(temp_.path(), "scripted-" + name, [=](auto& m) { m.priority = priority; });
  }
  State state(const std::string& name) const {
    for (const auto& module : container_->modules()) {
      if (module.name == "scripted-" + name) return module.state;
    }
    return State::kUnloaded;
  }

  ark::test::TempDir temp_;
  ark::test::Scripts scripts_;
  std::unique_ptr<ark::container::Container> container_;
};

/// SOFAArk stops bizs in the order in which it started them, and ends at the first that fails.
TEST_F(NotCopied, AShutdownGoesInReverseAndOneFailingStopKeepsNothingFromStopping) {
  start({with_priority("one", 1), with_priority("two", 2), with_priority("three", 3)});
  scripts_.clear_log();
  scripts_.tell("three-1.0.0", "destructor", "throw");
  const auto stopped = container_->stop();
  EXPECT_THAT(stopped.status.text(), HasSubstr("scripted-three 1.0.0: its destructor failed"));
  EXPECT_THAT(scripts_.log(), ElementsAre("three-1.0.0 destroyed", "two-1.0.0 destroyed", "one-1.0.0 destroyed"));
}

/// There one biz that is broken keeps all others from being installed.
TEST_F(NotCopied, AModuleThatIsBrokenKeepsNoOtherFromAnything) {
  scripts_.tell("one-1.0.0", "constructor", "throw");
  start({scripted("one")});
  ASSERT_EQ(state("one"), State::kBroken);
  scripts_.tell("two-1.0.0", "constructor", "exit");
  EXPECT_EQ(container_->install(scripted("two"), {}).status.code(), Code::kModuleFailed);
  scripts_.tell("two-1.0.0", "constructor", "");
  EXPECT_TRUE(container_->install(scripted("two"), {}).status.ok()) << "its own name is free too";
  EXPECT_TRUE(container_->install(scripted("three"), {}).status.ok());
  EXPECT_TRUE(container_->replace(scripted("three", "1.1.0"), {}).status.ok());
  EXPECT_TRUE(container_->uninstall("scripted-one", false).status.ok());
}

/// There plugins and extensions are ordered by two rules.
TEST_F(NotCopied, TheSmallerPriorityComesFirstAmongModulesAndAmongProviders) {
  start({with_priority("three", 1), with_priority("one", 2), with_priority("two", 3), fixture("echo")});
  auto log = scripts_.log();
  EXPECT_THAT(log, ElementsAre("three-1.0.0 constructed", "one-1.0.0 constructed", "two-1.0.0 constructed"));
  struct Other final : fixture::Echo {
    std::string echo(const std::string&) override { return "other"; }
  } other;
  ark::test::HostContext host(*container_, "test");
  auto reference = host->reference<fixture::Echo>();
  const auto later = host->publish<fixture::Echo>(other, ark::ServiceOptions().unique_id("later").priority(101));
  EXPECT_EQ(reference->echo("echo"), "echo");
  const auto sooner = host->publish<fixture::Echo>(other, ark::ServiceOptions().unique_id("sooner").priority(99));
  EXPECT_EQ(reference->echo("echo"), "other");
}

/// There what plugins export is written down once, when the container starts.
TEST_F(NotCopied, WhatIsInstalledLaterIsSeenByThoseThatAreThere) {
  start({});
  ark::test::HostContext host(*container_, "test");
  auto reference = host->reference<fixture::Echo>();
  EXPECT_THROW((void)reference->echo("?"), ark::ServiceUnavailable);
  ASSERT_TRUE(container_->install(fixture("echo"), {}).status.ok());
  EXPECT_EQ(reference->echo("now"), "now");
  ASSERT_TRUE(container_->uninstall("echo", false).status.ok());
  EXPECT_THROW((void)reference->echo("?"), ark::ServiceUnavailable);
}

}  // namespace
