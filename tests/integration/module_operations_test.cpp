// Modules that drive their container.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fixture/remote.hpp>
#include <future>

#include "support/scripts.hpp"
#include "serving_container.hpp"

namespace {

using ark::container::State;
using ark::test::fixture;
using ark::test::scripted;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kWouldDeadlock = "thrown: 9 ";

class ModuleOperations : public testing::Test {
 protected:
  void SetUp() override { restart(); }
  void TearDown() override {
    host_.reset();
    EXPECT_TRUE(container_->stop().status.ok());
  }
  void restart() {
    host_.reset();
    if (container_) {
      EXPECT_TRUE(container_->stop().status.ok());
    }
    container_.reset();
    ark::container::Options options;
    options.home = temp_ / "home";
    options.log = [](int, std::string_view, std::string_view) {};
    auto created = ark::container::Container::create(std::move(options));
    ASSERT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
    ASSERT_TRUE(container_->start().status.ok());
    host_ = std::make_unique<ark::test::HostContext>(*container_, "test");
  }
  void install(const std::filesystem::path& package) {
    const auto done = container_->install(package, {});
    ASSERT_TRUE(done.status.ok()) << done.status.text();
  }
  void let_it(const std::string& lines, const std::string& name = "remote") {
    const auto folder = temp_ / "home/data" / name;
    std::filesystem::create_directories(folder);
    ark::test::write_file(folder / "do", lines);
  }
  ark::Reference<fixture::Remote> remote(const std::string& name = "remote") {
    return (*host_)->reference<fixture::Remote>(ark::Filter().unique_id(name));
  }
  State state(const std::string& name, const std::string& version = "1.0.0") {
    for (const auto& module : container_->modules()) {
      if (module.name == name && module.version == version) return module.state;
    }
    return State::kUnloaded;
  }
  /// Waits until the module has come to this state.
  bool await(const std::string& name, const std::string& version, State wanted) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (state(name, version) != wanted) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

  ark::test::TempDir temp_;
  ark::test::Scripts scripts_;
  std::unique_ptr<ark::container::Container> container_;
  std::unique_ptr<ark::test::HostContext> host_;
};

TEST_F(ModuleOperations, DoWhatArkctlDoes) {
  install(fixture("remote"));
  const auto remote = this->remote();
  EXPECT_EQ(remote->run("install", scripted("one").native()), "OK ACTIVATED");
  EXPECT_EQ(remote->run("install", scripted("one", "1.1.0").native()), "OK DEACTIVATED");
  EXPECT_EQ(remote->run("switch", "scripted-one:1.1.0"), "OK ACTIVATED");
  EXPECT_EQ(remote->run("uninstall", "scripted-one:1.0.0"), "OK STOPPED");
  EXPECT_EQ(remote->run("stop", "scripted-one"), "OK STOPPED");
  EXPECT_EQ(remote->run("start", "scripted-one"), "OK ACTIVATED");
  EXPECT_EQ(remote->run("replace", scripted("one", "1.1.0").native()), "OK ACTIVATED");
  EXPECT_THAT(remote->modules(), ElementsAre("remote 1.0.0 ACTIVATED", "scripted-one 1.1.0 ACTIVATED"));
  EXPECT_EQ(container_->operations().back().requester, "module remote 1.0.0");
}

TEST_F(ModuleOperations, ThatFailHaveAnOutcomeAndThoseThatAreRefusedThrow) {
  install(fixture("remote"));
  const auto remote = this->remote();
  EXPECT_THAT(remote->run("stop", "nobody"), StartsWith("2 there is no module 'nobody'"));
  EXPECT_THAT(remote->run("install", "/nonexistent.ark"), HasSubstr("/nonexistent.ark"));
  EXPECT_THAT(remote->run("install", "relative.ark"), StartsWith("thrown: 1 remote 1.0.0: install needs the absolute path"));
}

TEST_F(ModuleOperations, OnItselfMayNotBeWaitedFor) {
  install(fixture("remote"));
  const auto remote = this->remote();
  for (const char* verb : {"stop", "uninstall", "switch", "start"})
    EXPECT_THAT(remote->run(verb, "remote"), StartsWith(kWouldDeadlock)) << verb;
  EXPECT_THAT(remote->run("replace", fixture("remote").native()), StartsWith(kWouldDeadlock));
  EXPECT_EQ(state("remote"), State::kActivated);
}

TEST_F(ModuleOperations, ThatWouldWaitForTheCallThatWaitsAreRefused) {
  install(fixture("remote"));
  install(fixture("remote-two"));
  EXPECT_THAT(remote()->run_by_other("stop", "remote"), HasSubstr("asked for from inside a call to remote 1.0.0"));
  EXPECT_EQ(state("remote"), State::kActivated);
}

TEST_F(ModuleOperations, MayNotBeWaitedForInAConstructorOrHandler) {
  let_it("constructor install /a.ark\nhandler stop scripted-one\n");
  install(fixture("remote"));
  const auto remote = this->remote();
  EXPECT_THAT(remote->told(), StartsWith(kWouldDeadlock));
  EXPECT_THAT(remote->told(), StartsWith(kWouldDeadlock));
}

TEST_F(ModuleOperations, MayBeBegunInAConstructor) {
  let_it("begin install " + scripted("one").native() + "\n");
  install(fixture("remote"));
  EXPECT_EQ(remote()->told(), "OK ACTIVATED");
}

TEST_F(ModuleOperations, BegunWhileTheContainerStartsWaitUntilItHas) {
  install(fixture("remote"));
  let_it("begin install " + scripted("one").native() + "\n");
  restart();
  EXPECT_EQ(remote()->told(), "OK ACTIVATED");
}

TEST_F(ModuleOperations, AModuleReplacesItself) {
  install(fixture("remote"));
  remote()->begin("replace", fixture("remote-1.1").native());
  ASSERT_TRUE(await("remote", "1.1.0", State::kActivated));
  ASSERT_TRUE(await("remote", "1.0.0", State::kUnloaded));
  EXPECT_EQ(remote()->run("install", scripted("one").native()), "OK ACTIVATED");
}

TEST_F(ModuleOperations, AModuleStopsItself) {
  install(fixture("remote"));
  remote()->begin("uninstall", "remote");
  EXPECT_TRUE(await("remote", "1.0.0", State::kUnloaded));
}

TEST_F(ModuleOperations, AModuleThatStopsWaitsForNoOperation) {
  install(fixture("remote"));
  install(scripted("two"));
  scripts_.tell("two-1.0.0", "destructor", "wait");
  auto waiting = std::async(std::launch::async, [&] { return remote()->run("stop", "scripted-two"); });
  ASSERT_TRUE(await("scripted-two", "1.0.0", State::kStopping));
  EXPECT_TRUE(container_->stop_module("remote").status.ok());
  EXPECT_THAT(waiting.get(), StartsWith("thrown: 10 remote 1.0.0 is stopping"));
  scripts_.go("two-1.0.0");
  EXPECT_TRUE(await("scripted-two", "1.0.0", State::kStopped)) << "the operation goes on";
}

}  // namespace
