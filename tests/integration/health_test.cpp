// What modules say of their health, and replacements that wait for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "support/scripts.hpp"
#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Code;
using ark::container::Container;
using ark::container::HealthInfo;
using ark::container::InstallOptions;
using ark::container::State;
using ark::test::scripted;
using std::chrono::milliseconds;
using testing::Field;
using testing::Contains;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Long enough that a machine under load answers in time.
constexpr milliseconds kLimit{2'000};

class Health : public testing::Test {
 protected:
  Health() {
    options_.home = temp_ / "home";
    options_.limits.health = kLimit;
    options_.limits.drain = milliseconds(300);
  }
  void start() {
    auto created = Container::create(options_);
    ASSERT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
    ASSERT_TRUE(container_->start().status.ok());
  }
  void install(const fs::path& package) {
    const auto done = container_->install(package, {});
    ASSERT_TRUE(done.status.ok()) << done.status.text();
  }
  /// "down: as it was told"
  std::string health(const std::string& selector) const {
    const auto info = container_->health(selector);
    EXPECT_TRUE(info.ok()) << info.status().text();
    return std::string(health_name(info->health)) + (info->text.empty() ? "" : ": " + info->text);
  }
  State state(const std::string& name, const std::string& version) const {
    for (const auto& module : container_->modules()) {
      if (module.name == name && module.version == version) return module.state;
    }
    return State::kUnloaded;
  }
  std::vector<std::string> packages() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(container_->home() / "modules"))
      names.push_back(file.path().filename());
    return names;
  }

  ark::test::TempDir temp_;
  ark::test::Scripts scripts_;
  ark::container::Options options_;
  std::unique_ptr<Container> container_;
};

TEST_F(Health, IsWhatTheModuleSays) {
  start();
  install(scripted("one"));
  EXPECT_EQ(health("scripted-one"), "up");
  scripts_.tell("one-1.0.0", "health", "degraded");
  EXPECT_EQ(health("scripted-one"), "degraded: as it was told");
  scripts_.tell("one-1.0.0", "health", "down");
  EXPECT_EQ(health("scripted-one"), "down: as it was told");
  scripts_.tell("one-1.0.0", "health", "throw");
  EXPECT_EQ(health("scripted-one"), "down: its health check failed: std::runtime_error: as it was told");
  EXPECT_EQ(container_->health("nobody").status().code(), Code::kNotFound);
}

TEST_F(Health, OfAllIsTheWorstOfThoseThatShallRun) {
  start();
  install(ark::test::fixture("plain"));
  install(scripted("one"));
  install(scripted("two"));
  install(scripted("three"));
  install(scripted("three", "1.1.0"));
  scripts_.tell("one-1.0.0", "health", "degraded");
  scripts_.tell("three-1.1.0", "health", "down");
  ASSERT_TRUE(container_->stop_module("scripted-two").status.ok());
  const auto all = container_->health();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].name + " " + std::string(health_name(all[0].health)), "plain up") << "it has nothing to be asked";
  EXPECT_EQ(all[2].name + ": " + all[2].text, "scripted-three: ") << "1.0.0, which is active";
  EXPECT_EQ(all[3].name + ": " + all[3].text, "scripted-three: as it was told") << "1.1.0, which is not";
  EXPECT_EQ(all[4].name + ": " + all[4].text, "scripted-two: it is STOPPED");
  EXPECT_EQ(worst_of(all), ark::container::Health::kDegraded);
}

TEST_F(Health, CheckThatHangsIsDownAndHoldsNobodyUp) {
  options_.limits.health = milliseconds(50);
  start();
  install(scripted("one"));
  scripts_.tell("one-1.0.0", "health", "wait");
  EXPECT_EQ(health("scripted-one"), "down: its health check did not return within 50 ms");
  EXPECT_EQ(health("scripted-one"), "down: its health check has not returned from an earlier question");
  install(scripted("two"));
  EXPECT_TRUE(container_->replace(scripted("two", "1.1.0"), {}).status.ok());
  EXPECT_THAT(container_->stop_module("scripted-one").status.text(),
              HasSubstr("QUARANTINED: a health check of scripted-one 1.0.0 has not returned"));
  scripts_.go("one-1.0.0");
}

TEST_F(Health, LimitMayBeSetForOneModule) {
  options_.policies["scripted-one"].health = milliseconds(20);
  start();
  install(scripted("one"));
  scripts_.tell("one-1.0.0", "health", "wait");
  EXPECT_EQ(health("scripted-one"), "down: its health check did not return within 20 ms");
  scripts_.go("one-1.0.0");
}

TEST_F(Health, CheckThatCallsExitIsDown) {
  start();
  install(scripted("one"));
  scripts_.tell("one-1.0.0", "health", "exit");
  EXPECT_THAT(health("scripted-one"), HasSubstr("down: its health check called exit(3) in scripted-one 1.0.0"));
}

class Replacement : public Health {
 protected:
  void begin() {
    start();
    install(scripted("one"));
  }
  void expect_old_goes_on() {
    EXPECT_EQ(state("scripted-one", "1.0.0"), State::kActivated);
    EXPECT_EQ(state("scripted-one", "1.1.0"), State::kUnloaded);
    EXPECT_THAT(packages(), testing::ElementsAre("scripted-one-1.0.0.ark"));
    EXPECT_THAT(scripts_.log(), Not(testing::Contains("one-1.0.0 destroyed")));
    EXPECT_EQ(scripts_.log().back(), "one-1.1.0 destroyed");
  }
};

TEST_F(Replacement, WaitsUntilTheNewVersionIsUp) {
  begin();
  scripts_.tell("one-1.1.0", "health", "down-3");
  const auto replaced = container_->replace(scripted("one", "1.1.0"), {});
  ASSERT_TRUE(replaced.status.ok()) << replaced.status.text();
  const auto log = scripts_.log();
  EXPECT_EQ(std::count(log.begin(), log.end(), "one-1.1.0 asked"), 4);
  EXPECT_EQ(state("scripted-one", "1.1.0"), State::kActivated);
}

TEST_F(Replacement, BacksOutIfTheNewVersionDoesNotComeUp) {
  options_.limits.health_wait = milliseconds(30);
  begin();
  scripts_.tell("one-1.1.0", "health", "down");
  const auto replaced = container_->replace(scripted("one", "1.1.0"), {});
  EXPECT_EQ(replaced.status.code(), Code::kDeadlineExceeded);
  EXPECT_EQ(replaced.status.text(),
            "scripted-one 1.0.0 goes on: scripted-one 1.1.0 is down: as it was told (after 30 ms, limits.health_wait)");
  EXPECT_EQ(replaced.steps.back().name, "wait until healthy") << "nothing durable, no switch";
  expect_old_goes_on();
}

TEST_F(Replacement, AsksOnceIfItShallNotWait) {
  options_.limits.health_wait = milliseconds(0);
  begin();
  scripts_.tell("one-1.1.0", "health", "down-1");
  EXPECT_FALSE(container_->replace(scripted("one", "1.1.0"), {}).status.ok());
  expect_old_goes_on();
  EXPECT_TRUE(container_->replace(scripted("one", "1.1.0"), {}).status.ok()) << "it is up now";
}

TEST_F(Replacement, TakesADegradedVersion) {
  begin();
  scripts_.tell("one-1.1.0", "health", "degraded");
  const auto replaced = container_->replace(scripted("one", "1.1.0"), {});
  ASSERT_TRUE(replaced.status.ok()) << replaced.status.text();
  EXPECT_THAT(replaced.steps, Contains(AllOf(Field(&ark::container::Step::name, "wait until healthy"),
                                             Field(&ark::container::Step::outcome, "degraded: as it was told"))));
}

TEST_F(Replacement, ByTheSameVersionBacksOutToo) {
  options_.limits.health_wait = milliseconds(0);
  begin();
  scripts_.tell("one-1.0.0", "health", "down");
  EXPECT_FALSE(container_->replace(scripted("one"), {}).status.ok());
  EXPECT_EQ(state("scripted-one", "1.0.0"), State::kActivated);
  EXPECT_THAT(packages(), testing::ElementsAre("scripted-one-1.0.0.ark"));
}

TEST_F(Replacement, ByAnInstallationThatSwitchesBacksOutToo) {
  options_.policies["scripted-one"].health_wait = milliseconds(0);
  begin();
  scripts_.tell("one-1.1.0", "health", "down");
  EXPECT_THAT(container_->install(scripted("one", "1.1.0"), {true, false}).status.text(),
              HasSubstr("scripted-one 1.1.0 is down: as it was told"));
  expect_old_goes_on();
  EXPECT_TRUE(container_->install(scripted("one", "1.1.0"), {}).status.ok()) << "it does not take over: nobody asks";
}

TEST_F(Replacement, ThatWaitsEndsWhenTheContainerStops) {
  options_.limits.health_wait = std::chrono::hours(1);
  begin();
  scripts_.tell("one-1.1.0", "health", "down");
  auto replaced =
      std::async(std::launch::async, [&] { return container_->replace(scripted("one", "1.1.0"), {}).status; });
  ASSERT_TRUE(scripts_.await("one-1.1.0 asked"));
  EXPECT_TRUE(container_->stop().status.ok());
  EXPECT_THAT(replaced.get().text(), HasSubstr("the container is stopping"));
}

}  // namespace
