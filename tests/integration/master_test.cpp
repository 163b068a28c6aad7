// The master biz, and the host program as a module.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ark/container/host.hpp>

#include <fixture/echo.hpp>

#include "remade.hpp"
#include "support/scripts.hpp"
#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::container::Code;
using ark::container::Container;
using ark::container::HostModule;
using ark::container::State;
using ark::test::fixture;
using ark::test::remade;
using ark::test::scripted;
using testing::ElementsAre;
using testing::HasSubstr;

class Master : public testing::Test {
 protected:
  Master() {
    options_.home = temp_ / "home";
    options_.master = "scripted-two";
    options_.log = [](int, std::string_view, std::string_view) {};
    fs::create_directories(options_.home / "modules");
  }
  void have(const fs::path& package) { fs::copy(package, options_.home / "modules"); }
  void create() {
    auto created = Container::create(options_);
    ASSERT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
  }
  ark::container::Operation start() {
    create();
    return container_->start();
  }

  ark::test::TempDir temp_;
  ark::test::Scripts scripts_;
  ark::container::Options options_;
  std::unique_ptr<Container> container_;
};

TEST_F(Master, CannotBeUninstalledButReplacedAndSwitched) {
  have(scripted("two"));
  ASSERT_TRUE(start().status.ok());
  const auto refused = container_->uninstall("scripted-two", true);
  EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(refused.status.text(),
            "scripted-two 1.0.0 is the master biz (lifecycle.master), which cannot be uninstalled; replace it, or "
            "switch to another version first");
  EXPECT_TRUE(container_->replace(scripted("two", "1.1.0"), {}).status.ok());
  EXPECT_TRUE(container_->install(scripted("two"), {true, false}).status.ok());
  EXPECT_TRUE(container_->uninstall("scripted-two:1.1.0", false).status.ok()) << "the other version is the master";
  EXPECT_FALSE(container_->uninstall("scripted-two", false).status.ok());
  EXPECT_TRUE(container_->stop_module("scripted-two").status.ok());
  EXPECT_FALSE(container_->uninstall("scripted-two", false).status.ok());
}

TEST_F(Master, StopsLastOfTheBiz) {
  for (const char* name : {"one", "two", "three"}) have(scripted(name));
  remade(options_.home / "modules", "scripted-four", [](auto& m) { m.kind = ark::container::Kind::kBiz, m.priority = 1; });
  ASSERT_TRUE(start().status.ok());
  scripts_.clear_log();
  ASSERT_TRUE(container_->stop().status.ok());
  EXPECT_THAT(scripts_.log(),
              ElementsAre("three-1.0.0 destroyed", "one-1.0.0 destroyed", "four-1.0.0 destroyed", "two-1.0.0 destroyed"));
}

/// Entry 16 of what SOFAArk does: with a single biz a name that is set ends its start in a null reference.
TEST_F(Master, ThatNoBizIsKeepsTheContainerFromStarting) {
  options_.master = "shop";
  have(scripted("two"));
  const std::string sentence =
      "lifecycle.master is 'shop', and there is no biz of that name; there is scripted-two: install it, or set another "
      "one or none";
  EXPECT_EQ(Container::check(options_).status.text(), sentence);
  EXPECT_EQ(start().status.text(), sentence);
  EXPECT_TRUE(scripts_.log().empty()) << "no code has run";
  container_.reset();
  options_.master = "scripted-two";
  EXPECT_TRUE(start().status.ok()) << "a single biz that is named is the master";
}

TEST_F(Master, MayNotBeAPlugin) {
  options_.master = "plugin-plain";
  have(fixture("plugin-plain"));
  EXPECT_THAT(start().status.text(), HasSubstr("which is a plugin; only a biz can be the master"));
}

class Echo final : public fixture::Echo {
 public:
  std::string echo(const std::string& text) override { return "host: " + text; }
};

class HostProgram : public Master {
 protected:
  HostProgram() { options_.master = "shop"; }
  ~HostProgram() override { host_.reset(); }
  void play(const std::vector<const ark_contract_t*>& exports = {}) {
    auto host = HostModule::create(*container_, "shop", "1.0.0", exports);
    ASSERT_TRUE(host.ok()) << host.status().text();
    host_ = std::move(*host);
  }
  std::vector<std::string> modules() const {
    std::vector<std::string> texts;
    for (const auto& m : container_->modules())
      texts.push_back(m.name + " " + m.version + " " + std::string(state_name(m.state)));
    return texts;
  }

  std::unique_ptr<HostModule> host_;
};

TEST_F(HostProgram, IsTheMasterBiz) {
  create();
  play();
  ASSERT_TRUE(container_->start().status.ok());
  EXPECT_THAT(modules(), ElementsAre("shop 1.0.0 ACTIVATED"));
  for (const auto& refused :
       {container_->uninstall("shop", true), container_->stop_module("shop"), container_->switch_to("shop"),
        container_->start_module("shop")}) {
    EXPECT_EQ(refused.status.code(), Code::kFailedPrecondition);
    EXPECT_THAT(refused.status.text(), HasSubstr("shop 1.0.0 is the host program, not a package"));
  }
  EXPECT_TRUE(container_->stop().status.ok());
  host_.reset();
  EXPECT_TRUE(modules().empty());
}

TEST_F(HostProgram, ServesModulesThatMustHaveWhatItExports) {
  remade(options_.home / "modules", "leaks-reference", [](auto&) {});  // imports Echo
  EXPECT_THAT(start().status.text(), HasSubstr("imports com.acme.fixture.Echo"));
  container_.reset();
  create();
  play({&ark::contract_of<fixture::Echo>()});
  Echo echo;
  {
    const auto published = host_->context().publish<fixture::Echo>(echo);
    const auto started = container_->start();
    EXPECT_TRUE(started.status.ok()) << started.status.text();
    EXPECT_EQ(container_->modules().back().services, std::vector<std::string>{"com.acme.fixture.Echo"});
    EXPECT_TRUE(container_->stop().status.ok());
  }
  host_.reset();
}

TEST_F(HostProgram, ThatExportsAnotherLayoutIsNamed) {
  remade(options_.home / "modules", "imports-inserted-method", [](auto&) {});
  create();
  play({&ark::contract_of<fixture::Echo>()});
  EXPECT_THAT(container_->start().status.text(), HasSubstr("shop 1.0.0 exports another layout"));
}

TEST_F(HostProgram, CallsModulesAndHearsEvents) {
  have(fixture("echo"));
  create();
  play();
  std::vector<std::string> heard;
  {
    const auto on_biz = host_->context().on<ark::AfterBizStartup>([&](const auto& e) { heard.push_back(e.module); });
    ASSERT_TRUE(container_->start().status.ok());
    EXPECT_EQ(host_->context().reference<fixture::Echo>()->echo("x"), "x");
    EXPECT_TRUE(container_->stop().status.ok());
  }
  EXPECT_THAT(heard, ElementsAre("echo", "shop")) << "its own comes last";
  host_.reset();
}

TEST_F(HostProgram, SaysHowItIs) {
  create();
  play();
  ASSERT_TRUE(container_->start().status.ok());
  EXPECT_EQ(container_->health("shop")->health, ark::container::Health::kUp);
  {
    const auto check = host_->context().health([] { return ark::Health::down("closed"); });
    EXPECT_EQ(container_->health("shop")->text, "closed");
    EXPECT_EQ(worst_of(container_->health()), ark::container::Health::kDown);
  }
  EXPECT_TRUE(container_->stop().status.ok());
}

TEST_F(HostProgram, DrivesTheContainer) {
  create();
  play();
  ASSERT_TRUE(container_->start().status.ok());
  EXPECT_TRUE(host_->context().operations().install(scripted("one")).ok());
  EXPECT_THAT(modules(), ElementsAre("scripted-one 1.0.0 ACTIVATED", "shop 1.0.0 ACTIVATED"));
  EXPECT_TRUE(container_->stop().status.ok());
}

TEST_F(HostProgram, SharesItsNameWithNobody) {
  options_.master.clear();
  have(scripted("one"));
  create();
  auto host = HostModule::create(*container_, "scripted-one", "2.0.0");
  ASSERT_TRUE(host.ok());
  EXPECT_EQ(container_->start().status.text(),
            "scripted-one 1.0.0 has the name of the host program, which is scripted-one 2.0.0; give one of them another name");
  host->reset();
  container_.reset();
  ASSERT_TRUE(start().status.ok());
  EXPECT_EQ(HostModule::create(*container_, "scripted-one", "2.0.0").status().code(), Code::kAlreadyExists);
  play();
  const auto taken = remade(temp_.path(), "scripted-two", [](auto& m) { m.name = "shop"; });
  EXPECT_EQ(container_->install(taken, {}).status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(HostModule::create(*container_, "A shop", "1.0.0").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(HostModule::create(*container_, "other", "one").status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(container_->stop().status.ok());
}

}  // namespace
