// What operations refuse so that the next start would not have to, and what they leave for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "package/layout.hpp"
#include "remade.hpp"
#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::container::Code;
using ark::container::Container;
using ark::test::fixture;
using ark::test::remade;
using ark::test::ServingContainer;
using testing::HasSubstr;
using testing::IsEmpty;

/// Some layout: nobody calls it.
void exports(package::Manifest& manifest, const char* text) {
  auto service = *package::parse_export(text);
  service.layout = package::layout_of(ark::detail::ContractTable<fixture::Echo>::value);
  manifest.exports.push_back(std::move(service));
}
void imports(package::Manifest& manifest, const char* text) { manifest.imports.push_back(*package::parse_import(text)); }

/// thrower imports what echo exports.
class Importer : public testing::Test {
 protected:
  Importer() {
    EXPECT_TRUE(container_.install(remade(container_.temp(), "thrower", [](auto& m) { imports(m, "com.acme.fixture.Echo@[1.0,2.0)"); })).status.ok());
  }
  /// Nothing has changed.
  void expect_refused(const ark::container::Operation& operation, const char* message) {
    EXPECT_EQ(operation.status.code(), Code::kFailedPrecondition);
    EXPECT_THAT(operation.status.text(), HasSubstr(message));
    const auto echo = container_.info("echo");
    ASSERT_TRUE(echo);
    EXPECT_EQ(echo->version + " " + std::string(state_name(echo->state)), "1.0.0 ACTIVATED");
    container_.expect_still_serves();
  }
  ServingContainer container_;
};

TEST_F(Importer, IsNotStrandedByAnInstallationThatSwitches) {
  const auto other = remade(container_.temp(), "echo", [](auto& m) {
    m.version.minor = 1;
    m.exports.clear();
  });
  expect_refused(container_->install(other, {true, true}), "thrower 1.0.0 imports com.acme.fixture.Echo@[1.0,2.0)");
  expect_refused(container_->replace(other, {}), "thrower 1.0.0 imports com.acme.fixture.Echo@[1.0,2.0)");
}

TEST_F(Importer, IsNotStrandedByAStop) {
  expect_refused(container_->stop_module("echo"),
                 "echo 1.0.0 is needed:\nthrower 1.0.0 imports com.acme.fixture.Echo@[1.0,2.0) and nobody else exports it");
  EXPECT_THAT(container_->diagnose().findings, IsEmpty());
  EXPECT_TRUE(container_->stop_module("echo", true).status.ok());
  const auto findings = container_->diagnose().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind + " of " + findings[0].subject, "import of thrower 1.0.0");
  EXPECT_THAT(findings[0].text, HasSubstr("which only echo 1.0.0 (STOPPED) would export; start it"));
  EXPECT_TRUE(container_->start_module("echo").status.ok());
  EXPECT_THAT(container_->diagnose().findings, IsEmpty());
}

TEST_F(Importer, IsNotImportedByAReplacementOfWhatItImports) {
  const auto other = remade(container_.temp(), "echo", [](auto& m) { imports(m, "com.acme.fixture.Thrower@1.0"); });
  expect_refused(container_->replace(other, {}), "modules need each other in a circle: echo 1.0.0 needs thrower 1.0.0 needs echo 1.0.0");
}

class NextStart : public testing::Test {
 protected:
  std::unique_ptr<Container> created() {
    ark::container::Options options;
    options.home = home_;
    auto container = Container::create(options);
    EXPECT_TRUE(container.ok()) << container.status().text();
    return std::move(*container);
  }
  ark::test::TempDir temp_;
  const fs::path home_ = temp_ / "home";
};

TEST_F(NextStart, CountsOnlyTheVersionThatItActivates) {
  fs::create_directories(home_ / "modules");
  remade(home_ / "modules", "plain", [](auto& m) { exports(m, "com.acme.Tool@1.0"); });
  remade(home_ / "modules", "plain-1.1", [](auto& m) { exports(m, "com.acme.Tool@2.0"); });
  remade(home_ / "modules", "thrower", [](auto& m) { imports(m, "com.acme.Tool@[1.0,2.0)"); });
  const auto started = created()->start();
  EXPECT_THAT(started.status.text(), HasSubstr("thrower 1.0.0 imports com.acme.Tool@[1.0,2.0), but plain 1.1.0 exports 2.0"));
}

TEST_F(NextStart, NamesTheModuleThatWouldServeIfItWereNotStopped) {
  {
    auto container = created();
    ASSERT_TRUE(container->start().status.ok());
    ASSERT_TRUE(container->install(fixture("echo"), {}).status.ok());
    const auto needs_it = remade(temp_.path(), "thrower", [](auto& m) { imports(m, "com.acme.fixture.Echo@[1.0,2.0)"); });
    ASSERT_TRUE(container->install(needs_it, {}).status.ok());
    ASSERT_TRUE(container->stop_module("echo", true).status.ok());
    EXPECT_TRUE(container->stop().status.ok());
  }
  EXPECT_THAT(created()->start().status.text(),
              HasSubstr("thrower 1.0.0 imports com.acme.fixture.Echo@[1.0,2.0), which only echo 1.0.0 (STOPPED) would "
                        "export; start it, or take it out of \"stopped\" in data/.container/state.json"));
}

TEST_F(NextStart, AfterATransientReplacementHasTheOldVersionAgain) {
  {
    auto container = created();
    ASSERT_TRUE(container->start().status.ok());
    ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
    const auto replaced = container->replace(fixture("plain-1.1"), {false, true});
    ASSERT_TRUE(replaced.status.ok()) << replaced.status.text();
    EXPECT_EQ(container->modules().front().version, "1.1.0");
    EXPECT_TRUE(container->stop().status.ok());
  }
  auto container = created();
  ASSERT_TRUE(container->start().status.ok());
  ASSERT_EQ(container->modules().size(), 1u);
  EXPECT_EQ(container->modules().front().version, "1.0.0");
}

TEST(ContainerThatIsDestroyedWithCodeLeft, LeavesTheHomeFreeAndCallsNobody) {
  ark::test::TempDir temp;
  ark::container::Options options;
  options.home = temp / "home";
  options.limits = {std::chrono::milliseconds(400), std::chrono::milliseconds(400), std::chrono::milliseconds(400), std::chrono::milliseconds(400)};
  auto gone = std::make_shared<std::atomic<bool>>(false);
  options.log = [gone](int, std::string_view, std::string_view text) { EXPECT_FALSE(*gone) << text; };
  {
    auto container = Container::create(options);
    ASSERT_TRUE(container.ok());
    ASSERT_TRUE((*container)->start().status.ok());
    ASSERT_TRUE((*container)->install(fixture("leaks-thread-for-a-while"), {false, true}).status.ok());
    EXPECT_FALSE((*container)->stop().status.ok());
  }
  *gone = true;
  ark::test::write_file(temp / "home/data/leaks-thread-for-a-while/end", "now");
  auto next = Container::create(options);
  EXPECT_TRUE(next.ok()) << next.status().text();
}

}  // namespace
