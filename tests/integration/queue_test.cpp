// Operations that are asked for at the same time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <future>
#include <set>
#include <thread>

#include "remade.hpp"
#include "serving_container.hpp"
#include "support/scripts.hpp"

namespace {

namespace package = ark::container::package;
using ark::container::Code;
using ark::container::Operation;
using ark::container::State;
using ark::test::scripted;
using testing::HasSubstr;

class Operations : public testing::Test {
 protected:
  Operations() { start(); }
  void start(std::function<void(int, std::string_view, std::string_view)> log = {}) {
    ark::container::Options options;
    options.home = temp_ / "home";
    options.log = std::move(log);
    auto created = ark::container::Container::create(options);
    EXPECT_TRUE(created.ok());
    container_ = std::move(*created);
    EXPECT_TRUE(container_->start().status.ok());
  }
  std::future<Operation> install(const std::filesystem::path& package, const std::string& by = "somebody") {
    return std::async(std::launch::async, [=, this] { return container_->install(package, {}, {by}); });
  }
  /// The operation of this requester that runs, once it does.
  Operation running(const std::string& by, const std::string& step) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < until) {
      for (auto& operation : container_->operations()) {
        if (operation.running && operation.requester == by && !operation.steps.empty() &&
            operation.steps.back().name.starts_with(step))
          return operation;
      }
      std::this_thread::yield();
    }
    ADD_FAILURE() << by << " does not come to " << step;
    return {};
  }
  State state(const std::string& name, const std::string& version) {
    for (const auto& module : container_->modules()) {
      if (module.name == name && module.version == version) return module.state;
    }
    return State::kUnloaded;
  }

  ark::test::TempDir temp_;
  ark::test::Scripts scripts_;
  std::unique_ptr<ark::container::Container> container_;
};

TEST_F(Operations, OnOtherNamesAreNotHeldUpByAModuleThatHangs) {
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto one = install(scripted("one"));
  running("somebody", "start");
  EXPECT_TRUE(container_->install(scripted("two"), {}).status.ok());
  EXPECT_TRUE(container_->replace(scripted("two", "1.1.0"), {}).status.ok());
  EXPECT_TRUE(container_->stop_module("scripted-two").status.ok());
  EXPECT_TRUE(container_->start_module("scripted-two").status.ok());
  EXPECT_TRUE(container_->uninstall("scripted-two", false).status.ok());
  EXPECT_EQ(state("scripted-one", "1.0.0"), State::kStarting);
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(one.get().status.ok());
}

TEST_F(Operations, OnOneNameHaveTheirTurnAndNameEachOther) {
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto first = install(scripted("one"), "the first");
  const auto id = running("the first", "start").id;
  auto second = install(scripted("one", "1.1.0"), "the second");
  EXPECT_EQ(running("the second", "wait").steps.back().name,
            "wait for #" + std::to_string(id) + " install scripted-one 1.0.0 (the first)");
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(first.get().status.ok());
  EXPECT_TRUE(second.get().status.ok());
  EXPECT_EQ(state("scripted-one", "1.0.0"), State::kActivated);
  EXPECT_EQ(state("scripted-one", "1.1.0"), State::kDeactivated);
}

TEST_F(Operations, LeaveALineOfTheirEndInTheLog) {
  std::vector<std::string> lines;
  container_.reset();
  start([&](int level, std::string_view, std::string_view text) { lines.push_back(std::to_string(level) + " " + std::string(text)); });
  EXPECT_TRUE(container_->install(scripted("one"), {}, {"somebody"}).status.ok());
  EXPECT_FALSE(container_->install(scripted("one"), {}, {"somebody"}).status.ok());
  EXPECT_THAT(lines, testing::Contains(testing::MatchesRegex("2 #2 install scripted-one 1.0.0 \\(somebody\\), [0-9.]+ ms: done")));
  EXPECT_THAT(lines, testing::Contains(testing::MatchesRegex(
                         "4 #3 install scripted-one 1.0.0 \\(somebody\\), [0-9.]+ ms: .*is installed already; .*")));
  EXPECT_TRUE(container_->stop().status.ok());
}

TEST_F(Operations, AreAskedAboutTheOldOneWhileItsOwnVersionReplacesIt) {
  ASSERT_TRUE(container_->install(scripted("one"), {}).status.ok());
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto replacing =
      std::async(std::launch::async, [&] { return container_->replace(scripted("one"), {}, {"the first"}); });
  running("the first", "start");
  for (const auto* selector : {"scripted-one", "scripted-one:1.0.0"}) {
    const auto why = container_->why(selector);
    ASSERT_TRUE(why.ok()) << why.status().text();
    EXPECT_EQ(why->module.state, State::kActivated);
  }
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(replacing.get().status.ok());
}

TEST_F(Operations, TwoInstallationsOfOneVersionAtOnceLeaveOneOfThem) {
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto first = install(scripted("one"), "the first");
  running("the first", "start");
  auto second = install(scripted("one"), "the second");
  running("the second", "wait");
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(first.get().status.ok());
  EXPECT_EQ(second.get().status.code(), Code::kAlreadyExists);
  EXPECT_EQ(container_->modules().size(), 1u);
  EXPECT_EQ(state("scripted-one", "1.0.0"), State::kActivated);
}

TEST_F(Operations, AreListedWithIdRequesterAndOutcome) {
  ASSERT_TRUE(container_->install(scripted("one"), {}, {"me"}).status.ok());
  ASSERT_FALSE(container_->switch_to("scripted-one", {"you"}).status.ok());
  const auto listed = container_->operations();
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].verb, "start");
  EXPECT_EQ(listed[1].verb + " " + listed[1].subject + " " + listed[1].requester, "install scripted-one 1.0.0 me");
  EXPECT_TRUE(listed[1].status.ok());
  EXPECT_EQ(listed[2].verb + " " + listed[2].subject + " " + listed[2].requester, "switch scripted-one 1.0.0 you");
  EXPECT_THAT(listed[2].status.text(), HasSubstr("is active already"));
  EXPECT_LT(listed[1].id, listed[2].id);
}

/// What is being started counts as there for those who would take away what it needs.
TEST_F(Operations, DoNotTakeAwayWhatAModuleThatIsStartingNeeds) {
  ASSERT_TRUE(container_->install(ark::test::fixture("echo"), {}).status.ok());
  const auto importer = ark::test::remade(temp_.path(), "scripted-one", [](auto& m) {
    m.imports.push_back(*package::parse_import("com.acme.fixture.Echo@[1.0,2.0)"));
  });
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto one = install(importer);
  running("somebody", "start");
  EXPECT_THAT(container_->uninstall("echo", false).status.text(),
              HasSubstr("scripted-one 1.0.0 imports com.acme.fixture.Echo@[1.0,2.0)"));
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(one.get().status.ok());
}

/// What is being taken away counts as gone for those who would need it.
TEST_F(Operations, DoNotCountOnAModuleThatIsLeaving) {
  ASSERT_TRUE(container_->install(scripted("two"), {}).status.ok());
  scripts_.tell("two-1.0.0", "destructor", "wait");
  auto leaving =
      std::async(std::launch::async, [&] { return container_->uninstall("scripted-two", false, {"somebody"}); });
  running("somebody", "drain");
  const auto dependent = ark::test::remade(temp_.path(), "scripted-one", [](auto& m) {
    m.dependencies.push_back(*package::parse_dependency("scripted-two"));
  });
  EXPECT_EQ(container_->install(dependent, {}).status.code(), Code::kFailedPrecondition);
  scripts_.go("two-1.0.0");
  EXPECT_TRUE(leaving.get().status.ok());
}

TEST_F(Operations, ThatRunAreWaitedForByAStopAndNoneBeginsAfterIt) {
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto one = install(scripted("one"));
  running("somebody", "start");
  auto stop = std::async(std::launch::async, [&] { return container_->stop(); });
  while (container_->ready()) std::this_thread::yield();
  EXPECT_EQ(container_->install(scripted("two"), {}).status.code(), Code::kStopping);
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(one.get().status.ok());
  EXPECT_TRUE(stop.get().status.ok());
  EXPECT_EQ(scripts_.log().back(), "one-1.0.0 destroyed");
}

TEST_F(Operations, OfTwoStopsAtOnceOneStopsAndTheOtherIsTold) {
  for (int round = 0; round < 50; ++round) {
    if (round > 0) start();
    std::barrier together(2);
    const auto stop = [&] {
      together.arrive_and_wait();
      return container_->stop().status.code();
    };
    auto other = std::async(std::launch::async, stop);
    const std::set codes{stop(), other.get()};
    EXPECT_EQ(codes, (std::set{Code::kOk, Code::kStopping}));
    container_.reset();
  }
}

TEST_F(Operations, ThatLeaveANameWithoutActiveVersionSaySo) {
  ASSERT_TRUE(container_->install(scripted("one"), {}).status.ok());
  ASSERT_TRUE(container_->install(scripted("one", "1.1.0"), {}).status.ok());
  const auto uninstalled = container_->uninstall("scripted-one:1.0.0", false);
  ASSERT_TRUE(uninstalled.status.ok());
  EXPECT_EQ(uninstalled.steps.back().outcome,
            "no version of scripted-one is active now; switch to scripted-one 1.1.0 (DEACTIVATED)");
  ASSERT_TRUE(container_->switch_to("scripted-one:1.1.0").status.ok());
  const auto stopped = container_->stop_module("scripted-one:1.1.0");
  EXPECT_EQ(stopped.steps.back().outcome, "ok") << "it is meant, and there is no other";
}

}  // namespace
