// A start with modules that fail, and what is at work at the same time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "remade.hpp"
#include "serving_container.hpp"
#include "support/scripts.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::container::Container;
using ark::container::Options;
using ark::container::State;
using ark::test::scripted;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Start : public testing::Test {
 protected:
  Start() {
    options_.home = temp_ / "home";
    options_.log = [](int, std::string_view, std::string_view) {};
    options_.start_threads = 2;
    fs::create_directories(options_.home / "modules");
  }
  void have(const fs::path& package) { fs::copy(package, options_.home / "modules"); }
  void have_all() {
    for (const char* name : {"one", "two", "three"}) have(scripted(name));
  }
  ark::container::Operation start() {
    auto created = Container::create(options_);
    EXPECT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
    return container_->start();
  }
  ark::container::ModuleInfo info(const std::string& name, const std::string& version = "1.0.0") {
    for (auto& module : container_->modules()) {
      if (module.name == "scripted-" + name && module.version == version) return module;
    }
    ADD_FAILURE() << name << " is not there";
    return {};
  }

  ark::test::TempDir temp_;
  ark::test::Scripts scripts_;
  Options options_;
  std::unique_ptr<Container> container_;
};

TEST_F(Start, WithAModuleThatFailsIsRolledBackInReverse) {
  have_all();
  have(ark::test::remade(temp_.path(), "scripted-four", [](auto& m) { m.priority = 200; }));
  scripts_.tell("four-1.0.0", "constructor", "throw");
  const auto started = start();
  EXPECT_THAT(started.status.text(),
              HasSubstr("scripted-four 1.0.0: its constructor failed: std::runtime_error: as it was told"));
  auto lines = scripts_.log();
  ASSERT_EQ(lines.size(), 6u);
  lines.erase(lines.begin(), lines.begin() + 3);
  EXPECT_THAT(lines, ElementsAre("two-1.0.0 destroyed", "three-1.0.0 destroyed", "one-1.0.0 destroyed"));
  EXPECT_FALSE(container_->ready());
}

TEST_F(Start, GoesOnWithoutAModuleThatMayBeSkippedAndWithoutWhatNeedsIt) {
  have(scripted("one"));
  have(scripted("three"));
  have(ark::test::remade(temp_.path(), "scripted-two",
                         [](auto& m) { m.dependencies.push_back(*package::parse_dependency("scripted-one")); }));
  options_.policies["scripted-one"].skip = true;
  options_.policies["scripted-two"].skip = true;
  scripts_.tell("one-1.0.0", "constructor", "throw");
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(info("one").state, State::kBroken);
  EXPECT_THAT(info("one").error, HasSubstr("as it was told"));
  EXPECT_EQ(info("two").state, State::kBroken);
  EXPECT_THAT(info("two").error, HasSubstr("scripted-two 1.0.0 depends on module scripted-one, and there is only scripted-one 1.0.0 (BROKEN)"));
  EXPECT_EQ(info("three").state, State::kActivated);
  EXPECT_THAT(scripts_.log(), ElementsAre("three-1.0.0 constructed"));

  scripts_.tell("one-1.0.0", "constructor", "");
  EXPECT_TRUE(container_->start_module("scripted-one").status.ok()) << "the cause has gone";
  EXPECT_TRUE(container_->start_module("scripted-two").status.ok());
}

TEST_F(Start, EndsIfWhatNeedsASkippedModuleMayNotBeSkipped) {
  have(scripted("one"));
  have(ark::test::remade(temp_.path(), "scripted-two",
                         [](auto& m) { m.dependencies.push_back(*package::parse_dependency("scripted-one")); }));
  options_.policies["scripted-one"].skip = true;
  scripts_.tell("one-1.0.0", "constructor", "throw");
  EXPECT_THAT(start().status.text(), HasSubstr("scripted-two 1.0.0 depends on module scripted-one"));
}

TEST_F(Start, TriesAModuleAgain) {
  have(scripted("one"));
  options_.start_policy.retries = 2;
  options_.start_policy.backoff = milliseconds(1);
  scripts_.tell("one-1.0.0", "constructor", "throw-2");
  const auto started = start();
  ASSERT_TRUE(started.status.ok()) << started.status.text();
  std::vector<std::string> outcomes;
  for (const auto& step : started.steps) {
    if (step.name == "start biz scripted-one 1.0.0") outcomes.push_back(step.outcome);
  }
  EXPECT_THAT(outcomes, ElementsAre(HasSubstr("as it was told"), HasSubstr("as it was told"), "ok"));
}

TEST_F(Start, TriesAModuleNoMoreOftenThanItWasTold) {
  have(scripted("one"));
  options_.start_policy.retries = 2;
  options_.start_policy.backoff = milliseconds(1);
  scripts_.tell("one-1.0.0", "constructor", "throw-3");
  EXPECT_FALSE(start().status.ok());
}

TEST_F(Start, ThatWaitsForARetryCanBeCancelled) {
  have(scripted("one"));
  have(ark::test::remade(temp_.path(), "scripted-two", [](auto& m) { m.priority = 200; }));
  options_.policies["scripted-two"].retries = 1000;
  options_.policies["scripted-two"].backoff = std::chrono::hours(1);
  scripts_.tell("two-1.0.0", "constructor", "throw");
  options_.log = [this](int, std::string_view, std::string_view text) {
    if (text.find("is tried again") != text.npos) container_->cancel_start();
  };
  const auto started = start();
  EXPECT_FALSE(started.status.ok());
  EXPECT_THAT(scripts_.log(), ElementsAre("one-1.0.0 constructed", "one-1.0.0 destroyed"));
}

TEST_F(Start, HasADeadlineOfItsOwnForAModule) {
  have(scripted("one"));
  options_.policies["scripted-one"].start = milliseconds(50);
  scripts_.tell("one-1.0.0", "constructor", "wait");
  EXPECT_THAT(start().status.text(), HasSubstr("scripted-one 1.0.0: its constructor did not return within 50 ms"));
  scripts_.go("one-1.0.0");
}

TEST_F(Start, ConstructsThoseOfOneWaveAtTheSameTime) {
  have_all();
  scripts_.tell("one-1.0.0", "constructor", "wait");
  auto started = std::async(std::launch::async, [&] { return start(); });
  EXPECT_TRUE(scripts_.await("two-1.0.0 constructed")) << "although one has not come up";
  EXPECT_TRUE(scripts_.await("three-1.0.0 constructed"));
  scripts_.go("one-1.0.0");
  EXPECT_TRUE(started.get().status.ok());
}

TEST_F(Start, WithAPackageThatCannotBeReadAnyMoreSkipsItAndKeepsItsPlace) {
  have(scripted("one"));
  have(scripted("one", "1.1.0"));
  have(scripted("two"));
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(info("one", "1.1.0").state, State::kActivated);
  container_.reset();
  const auto package = options_.home / "modules/scripted-one-1.1.0.ark";
  const auto whole = ark::test::text_of(package);
  ark::test::write_file(package, whole.substr(0, whole.size() / 2));

  EXPECT_THAT(start().status.text(), HasSubstr(package.native())) << "nobody has allowed to skip it";
  container_.reset();
  options_.policies["scripted-one"].skip = true;
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(info("one", "1.1.0").state, State::kBroken);
  EXPECT_THAT(info("one", "1.1.0").error, HasSubstr(package.native()));
  EXPECT_EQ(info("one").state, State::kDeactivated) << "nobody has switched to it";
  EXPECT_EQ(info("two").state, State::kActivated);
  EXPECT_THAT(container_->start_module("scripted-one:1.1.0").status.text(),
              HasSubstr("could not be read when the container started"));
  container_.reset();

  ark::test::write_file(package, whole);
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(info("one", "1.1.0").state, State::kActivated) << "it has kept its place";
}

TEST_F(Start, ActivatesSeveralVersionsIfThatIsAllowed) {
  have(scripted("one"));
  have(scripted("one", "1.1.0"));
  options_.several_active = true;
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(info("one").state, State::kActivated);
  EXPECT_EQ(info("one", "1.1.0").state, State::kActivated);
  ASSERT_TRUE(container_->uninstall("scripted-one:1.1.0", false).status.ok());
  ASSERT_TRUE(container_->install(scripted("one", "1.1.0"), {}).status.ok());
  EXPECT_EQ(info("one").state, State::kActivated) << "an installation takes nothing from it";
  EXPECT_EQ(info("one", "1.1.0").state, State::kActivated);
  EXPECT_THAT(container_->replace(scripted("one", "1.1.0"), {}).status.text(), IsEmpty())
      << "its version says which one is meant";
  container_.reset();
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(info("one").state, State::kActivated);
  EXPECT_EQ(info("one", "1.1.0").state, State::kActivated);
}

TEST_F(Start, KeepsAHistoryOfStatesWithTheirCauses) {
  have(scripted("one"));
  ASSERT_TRUE(start().status.ok());
  ASSERT_TRUE(container_->stop_module("scripted-one", false, {"somebody"}).status.ok());
  const auto why = container_->why("scripted-one");
  ASSERT_TRUE(why.ok());
  std::vector<std::string> texts;
  for (const auto& change : why->history)
    texts.push_back(std::string(state_name(change.state)) + " by " + change.cause);
  EXPECT_THAT(texts, ElementsAre("RESOLVED by #1 start the container (the host program)",
                                 "STARTING by #1 start the container (the host program)",
                                 "DEACTIVATED by #1 start the container (the host program)",
                                 "ACTIVATED by #1 start the container (the host program)",
                                 "STOPPING by #2 stop scripted-one 1.0.0 (somebody)",
                                 "STOPPED by #2 stop scripted-one 1.0.0 (somebody)"));
}

}  // namespace
