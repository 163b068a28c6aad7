// Which events come, and in which order, in each of the standard cases of docs/events.md; what a veto does. A plugin of
// the test hears them all. The numbers in names are those of behaviours of the original that must not come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Code;
using ark::container::Container;
using ark::container::Operation;
using ark::container::State;
using ark::test::fixture;
using ark::test::text_of;
using ark::test::write_file;
using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Lines = std::vector<std::string>;

/// With the plugin recorder among the modules of its start.
class EventOrder : public testing::Test {
 protected:
  /// modules: of the start, besides the recorder.
  Operation start(std::vector<fs::path> modules = {}) {
    ark::container::Options options;
    options.home = temp_.path() / "home";
    options.modules = std::move(modules);
    options.modules.push_back(fixture("recorder"));
    options.start_threads = 4;
    options.log = [](int, std::string_view, std::string_view) {};
    options.limits = {milliseconds(10'000), milliseconds(10'000), milliseconds(10'000), milliseconds(10'000)};
    auto created = Container::create(std::move(options));
    EXPECT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
    return container_->start();
  }
  Operation install(const std::string& name, bool switch_to = false) {
    return container_->install(fixture(name), {switch_to, true});
  }
  fs::path file(const char* name) const { return temp_.path() / "home/data/recorder" / name; }
  void veto(const std::string& what) { write_file(file("veto"), what + "\n"); }

  /// What the recorder has heard since it was asked last, without what is said of states and services.
  Lines heard() {
    Lines lines;
    for (auto& line : heard_all()) {
      if (!line.starts_with("StateChanged ") && !line.starts_with("Service")) lines.push_back(std::move(line));
    }
    return lines;
  }
  Lines heard_all() {
    std::istringstream text(text_of(file("events")));
    Lines lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    Lines fresh(lines.begin() + static_cast<long>(seen_), lines.end());
    seen_ = lines.size();
    return fresh;
  }
  /// Names in the journal, without states and services.
  Lines journal() const {
    Lines names;
    for (const auto& event : container_->events(0).events) {
      if (event.name == "StateChanged" || event.name.starts_with("Service")) continue;
      names.push_back(event.name + (event.module.empty() ? "" : " " + event.module + " " + event.version));
    }
    return names;
  }
  State state_of(const std::string& name) const {
    for (const auto& module : container_->modules()) {
      if (module.name == name) return module.state;
    }
    return State::kUnloaded;
  }

  ark::test::TempDir temp_;
  size_t seen_ = 0;
  std::unique_ptr<Container> container_;
};

TEST_F(EventOrder, OfAStart) {
  ASSERT_TRUE(start({fixture("echo"), fixture("plain"), fixture("plugin-plain")}).status.ok());
  const Lines all{"BeforePluginStartup plugin-plain 1.0.0",
                  "BeforePluginStartup recorder 1.0.0",
                  "Activated plugin-plain 1.0.0",
                  "AfterPluginStartup plugin-plain 1.0.0",
                  "Activated recorder 1.0.0",
                  "AfterPluginStartup recorder 1.0.0",
                  "BeforeBizStartup echo 1.0.0",
                  "BeforeBizStartup plain 1.0.0",
                  "Activated echo 1.0.0",
                  "AfterBizStartup echo 1.0.0",
                  "Activated plain 1.0.0",
                  "AfterBizStartup plain 1.0.0",
                  "AfterAllBizStartup",
                  "AfterFinishDeploy",
                  "ContainerStarted"};
  EXPECT_EQ(journal(), all);
  EXPECT_EQ(heard(), Lines(all.begin() + 5, all.end())) << "from its own AfterPluginStartup on";
}

TEST_F(EventOrder, OfAStartWithoutBizHasAfterAllBizStartupToo_Number3) {
  ASSERT_TRUE(start().status.ok());
  EXPECT_THAT(heard(), ElementsAre("AfterPluginStartup recorder 1.0.0", "AfterAllBizStartup", "AfterFinishDeploy",
                                   "ContainerStarted"));
}

TEST_F(EventOrder, OfAnInstallation) {
  ASSERT_TRUE(start().status.ok());
  heard();
  ASSERT_TRUE(install("echo").status.ok());
  EXPECT_THAT(heard_all(), ElementsAre("BeforeBizStartup echo 1.0.0", "StateChanged echo 1.0.0 RESOLVED STARTING",
                                       "StateChanged echo 1.0.0 STARTING DEACTIVATED",
                                       "ServicePublished echo 1.0.0 com.acme.fixture.Echo 1.0",
                                       "StateChanged echo 1.0.0 DEACTIVATED ACTIVATED", "Activated echo 1.0.0",
                                       "AfterBizStartup echo 1.0.0"));
}

TEST_F(EventOrder, OfAFailedInstallationHasNoStopEvents_Number6) {
  ASSERT_TRUE(start().status.ok());
  heard();
  ASSERT_FALSE(install("constructor-throws").status.ok());
  EXPECT_THAT(
      heard(),
      ElementsAre("BeforeBizStartup constructor-throws 1.0.0",
                  "AfterBizStartupFailed constructor-throws 1.0.0 constructor-throws 1.0.0: its constructor failed: "
                  "std::runtime_error: on purpose"));
}

TEST_F(EventOrder, OfAPluginThatFailsHasNoAfterPluginStartupAndNoStopEvents_Number5) {
  ASSERT_TRUE(start().status.ok());
  heard();
  ASSERT_FALSE(install("plugin-throws").status.ok());
  EXPECT_THAT(
      heard(),
      ElementsAre("BeforePluginStartup plugin-throws 1.0.0",
                  StartsWith("PluginStartFailed plugin-throws 1.0.0 plugin-throws 1.0.0: its constructor failed")));
}

TEST_F(EventOrder, OfAPluginInstalledAndUninstalled) {
  ASSERT_TRUE(start().status.ok());
  heard();
  ASSERT_TRUE(install("plugin-plain").status.ok());
  ASSERT_TRUE(container_->uninstall("plugin-plain", false).status.ok());
  EXPECT_THAT(heard(), ElementsAre("BeforePluginStartup plugin-plain 1.0.0", "Activated plugin-plain 1.0.0",
                                   "AfterPluginStartup plugin-plain 1.0.0", "BeforePluginStop plugin-plain 1.0.0",
                                   "AfterPluginStop plugin-plain 1.0.0"));
}

TEST_F(EventOrder, OfASwitchNamesBothSides_Number8) {
  ASSERT_TRUE(start({fixture("plain")}).status.ok());
  ASSERT_TRUE(install("plain-1.1").status.ok());
  heard();
  ASSERT_TRUE(container_->switch_to("plain:1.1.0").status.ok());
  EXPECT_THAT(heard(), ElementsAre("BeforeBizSwitch plain 1.1.0 for 1.0.0", "Deactivated plain 1.0.0",
                                   "Activated plain 1.1.0", "AfterBizSwitch plain 1.1.0 for 1.0.0"));
}

TEST_F(EventOrder, OfAnInstallationThatSwitchesHasSwitchEventsToo_Number8) {
  ASSERT_TRUE(start({fixture("plain")}).status.ok());
  heard();
  ASSERT_TRUE(install("plain-1.1", true).status.ok());
  EXPECT_THAT(heard(), ElementsAre("BeforeBizStartup plain 1.1.0", "AfterBizStartup plain 1.1.0",
                                   "BeforeBizSwitch plain 1.1.0 for 1.0.0", "Deactivated plain 1.0.0",
                                   "Activated plain 1.1.0", "AfterBizSwitch plain 1.1.0 for 1.0.0"));
}

TEST_F(EventOrder, OfAReplacement) {
  ASSERT_TRUE(start({fixture("plain")}).status.ok());
  heard();
  ASSERT_TRUE(container_->replace(fixture("plain-1.1"), {false, true}).status.ok());
  EXPECT_THAT(heard(),
              ElementsAre("BeforeBizStartup plain 1.1.0", "AfterBizStartup plain 1.1.0",
                          "BeforeBizSwitch plain 1.1.0 for 1.0.0", "Deactivated plain 1.0.0", "Activated plain 1.1.0",
                          "AfterBizSwitch plain 1.1.0 for 1.0.0", "BeforeBizStop plain 1.0.0",
                          "BeforeBizRecycle plain 1.0.0", "AfterBizStop plain 1.0.0"));
}

TEST_F(EventOrder, OfAnUninstallation) {
  ASSERT_TRUE(start({fixture("echo")}).status.ok());
  heard();
  ASSERT_TRUE(container_->uninstall("echo", false).status.ok());
  EXPECT_THAT(heard_all(),
              ElementsAre("BeforeBizStop echo 1.0.0", "StateChanged echo 1.0.0 ACTIVATED STOPPING",
                          "ServiceWithdrawn echo 1.0.0 com.acme.fixture.Echo 1.0", "BeforeBizRecycle echo 1.0.0",
                          "StateChanged echo 1.0.0 STOPPING STOPPED", "AfterBizStop echo 1.0.0"));
}

TEST_F(EventOrder, OfAStopThatFails) {
  ASSERT_TRUE(start({fixture("destructor-may-throw")}).status.ok());
  heard();
  ASSERT_FALSE(container_->uninstall("destructor-may-throw", false).status.ok());
  EXPECT_THAT(
      heard(),
      ElementsAre("BeforeBizStop destructor-may-throw 1.0.0",
                  "AfterBizStopFailed destructor-may-throw 1.0.0 its destructor failed: std::runtime_error: on purpose",
                  "BeforeBizRecycle destructor-may-throw 1.0.0", "AfterBizStop destructor-may-throw 1.0.0"));
}

TEST_F(EventOrder, OfAShutdownIsTheReverseOfTheStart) {
  ASSERT_TRUE(start({fixture("echo"), fixture("plain"), fixture("plugin-plain")}).status.ok());
  const auto before = journal().size();
  heard();
  ASSERT_TRUE(container_->stop().status.ok());
  const Lines all{"ContainerStopping",
                  "BeforeBizStop plain 1.0.0",
                  "BeforeBizRecycle plain 1.0.0",
                  "AfterBizStop plain 1.0.0",
                  "BeforeBizStop echo 1.0.0",
                  "BeforeBizRecycle echo 1.0.0",
                  "AfterBizStop echo 1.0.0",
                  "BeforePluginStop recorder 1.0.0",
                  "AfterPluginStop recorder 1.0.0",
                  "BeforePluginStop plugin-plain 1.0.0",
                  "AfterPluginStop plugin-plain 1.0.0",
                  "ContainerStopped"};
  const auto journaled = journal();
  EXPECT_EQ(Lines(journaled.begin() + static_cast<long>(before), journaled.end()), all);
  EXPECT_EQ(heard(), Lines(all.begin(), all.begin() + 8)) << "the last it hears is its own BeforePluginStop";
}

TEST_F(EventOrder, OfAStartThatFailsStopsWhatHadStartedAndNothingElse_Number6) {
  ASSERT_FALSE(start({fixture("echo"), fixture("constructor-throws")}).status.ok());
  EXPECT_THAT(heard(),
              ElementsAre("AfterPluginStartup recorder 1.0.0", "BeforeBizStartup constructor-throws 1.0.0",
                          "BeforeBizStartup echo 1.0.0", StartsWith("AfterBizStartupFailed constructor-throws 1.0.0"),
                          "BeforePluginStop recorder 1.0.0"));
}

TEST_F(EventOrder, IsTheSameEachTime_Number19) {
  const std::vector<fs::path> modules{fixture("plain"), fixture("echo"), fixture("thrower"), fixture("plugin-plain")};
  Lines first;
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(start(modules).status.ok());
    ASSERT_TRUE(install("plain-1.1", true).status.ok());
    ASSERT_TRUE(container_->replace(fixture("echo"), {false, true}).status.ok());
    ASSERT_FALSE(install("constructor-throws").status.ok());
    ASSERT_TRUE(container_->uninstall("thrower", false).status.ok());
    ASSERT_TRUE(container_->stop().status.ok());
    if (round == 0) first = journal();
    EXPECT_EQ(journal(), first) << "round " << round;
    container_.reset();
  }
}

// ---- vetoes
// -----------------------------------------------------------------------------------------------------------------

TEST_F(EventOrder, AVetoOfAStartLeavesNothingAndNamesWhoAndWhy) {
  ASSERT_TRUE(start().status.ok());
  heard();
  veto("BeforeBizStartup echo");
  const auto refused = install("echo");
  EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(refused.status.text(), "echo 1.0.0 is not started: recorder 1.0.0 vetoed BeforeBizStartup: told to");
  EXPECT_EQ(state_of("echo"), State::kUnloaded);
  EXPECT_THAT(heard(), ElementsAre("BeforeBizStartup echo 1.0.0")) << "nothing was tried, so nothing failed";
  veto("BeforePluginStartup plugin-plain");
  EXPECT_EQ(install("plugin-plain").status.code(), Code::kFailedPrecondition);
  veto("");
  EXPECT_TRUE(install("echo").status.ok());
}

TEST_F(EventOrder, AVetoOfASwitchLeavesTheOldVersionActive) {
  ASSERT_TRUE(start({fixture("plain")}).status.ok());
  ASSERT_TRUE(install("plain-1.1").status.ok());
  veto("BeforeBizSwitch plain");
  heard();
  const auto refused = container_->switch_to("plain:1.1.0");
  EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(refused.status.text(),
              HasSubstr("plain 1.1.0 is not activated: recorder 1.0.0 vetoed BeforeBizSwitch: told to"));
  EXPECT_THAT(heard(), ElementsAre("BeforeBizSwitch plain 1.1.0 for 1.0.0"));
  ASSERT_TRUE(container_->uninstall("plain:1.1.0", false).status.ok());
  heard();
  EXPECT_EQ(container_->replace(fixture("plain-1.1"), {false, true}).status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(state_of("plain"), State::kActivated);
  EXPECT_THAT(heard(), ElementsAre("BeforeBizStartup plain 1.1.0", "AfterBizStartup plain 1.1.0",
                                   "BeforeBizSwitch plain 1.1.0 for 1.0.0", "BeforeBizStop plain 1.1.0",
                                   "BeforeBizRecycle plain 1.1.0", "AfterBizStop plain 1.1.0"));
}

TEST_F(EventOrder, AVetoOfAStopCountsForOperatorsButNotForForceAndNotForAShutdown) {
  ASSERT_TRUE(start({fixture("plain"), fixture("echo")}).status.ok());
  veto("BeforeBizStop plain\nBeforeBizStop echo");
  EXPECT_EQ(container_->stop_module("plain").status.code(), Code::kFailedPrecondition);
  const auto refused = container_->uninstall("plain", false);
  EXPECT_THAT(refused.status.text(),
              HasSubstr("plain 1.0.0 is not stopped: recorder 1.0.0 vetoed BeforeBizStop: told to"));
  EXPECT_EQ(state_of("plain"), State::kActivated);
  heard();
  EXPECT_TRUE(container_->uninstall("plain", true).status.ok());
  EXPECT_THAT(heard(),
              ElementsAre("BeforeBizStop plain 1.0.0", "BeforeBizRecycle plain 1.0.0", "AfterBizStop plain 1.0.0"));
  EXPECT_TRUE(container_->stop().status.ok());
}

TEST_F(EventOrder, AVetoIsInTheJournal) {
  ASSERT_TRUE(start({fixture("plain")}).status.ok());
  veto("BeforeBizStop plain");
  EXPECT_FALSE(container_->uninstall("plain", false).status.ok());
  const auto last = container_->events(0).events.back();
  EXPECT_EQ(last.name + " " + last.module + " " + last.text, "Veto plain recorder 1.0.0 vetoed BeforeBizStop: told to");
}

// ---- the rest of the behaviours that must not come back
// ------------------------------------------------------------------------

TEST_F(EventOrder, AHandlerThatThrowsDeprivesNobodyAndAbortsNothing_Number1) {
  ASSERT_TRUE(start({fixture("handlers")}).status.ok());  // its first handler of ContainerStarted throws an int
  EXPECT_EQ(text_of(temp_.path() / "home/data/handlers/started"), "1");
  EXPECT_THAT(heard(), Contains("ContainerStarted"));
  EXPECT_TRUE(container_->ready());
}

TEST_F(EventOrder, AModuleInstalledLateHearsThatTheContainerHasStarted_Number2) {
  ASSERT_TRUE(start().status.ok());
  ASSERT_TRUE(install("handlers").status.ok());
  EXPECT_EQ(text_of(temp_.path() / "home/data/handlers/started"), "1");
}

}  // namespace
