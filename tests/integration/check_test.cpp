// What a start would find wrong, said at once and before any code runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/run_program.hpp"
#include "remade.hpp"
#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::container::Container;
using ark::test::fixture;
using ark::test::text_of;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A home with packages made of the fixture plain, each with a manifest of its own.
class Check : public testing::Test {
 protected:
  Check() {
    fs::create_directories(home_ / "modules");
    fs::create_directories(home_ / "conf");
  }

  template <class Change>
  void add(const std::string& name, Change change) {
    ark::test::remade(home_ / "modules", "plain", [&](package::Manifest& manifest) {
      manifest.name = name;
      change(manifest);
    });
  }
  static void import(package::Manifest& manifest, const char* text) { manifest.imports.push_back(*package::parse_import(text)); }

  ark::test::Ran check() { return ark::test::run_program({ARK_CONTAINER, "--home", home_.native(), "--check"}); }

  ark::test::TempDir temp_;
  const fs::path home_ = temp_.path() / "home";
};

TEST_F(Check, FindsNothingWrongWithAGoodHomeAndLeavesItAsItWas) {
  fs::copy_file(fixture("echo"), home_ / "modules/echo-1.0.0.ark");
  fs::copy_file(fixture("thrower"), home_ / "modules/thrower-1.0.0.ark");
  const auto ran = check();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("2 modules"), HasSubstr("echo 1.0.0, thrower 1.0.0"), HasSubstr("nothing is wrong")));
  EXPECT_FALSE(fs::exists(home_ / "run")) << "nothing was staged";
  EXPECT_FALSE(fs::exists(home_ / "logs"));
}

TEST_F(Check, MayBeAskedWhileAContainerRunsOnTheHome) {
  fs::copy_file(fixture("echo"), home_ / "modules/echo-1.0.0.ark");
  ark::container::Options options;
  options.home = home_;
  auto container = Container::create(options);
  ASSERT_TRUE(container.ok()) << container.status().text();
  ASSERT_TRUE((*container)->start().status.ok());
  EXPECT_EQ(check().status, 0);
  EXPECT_TRUE((*container)->stop().status.ok());
}

TEST_F(Check, OfSixteenFaultsNamesSixteenAndStartsNothing) {
  ark::test::write_file(home_ / "conf/container.json", "{\"log\": {\"levle\": \"debug\"},\n \"limits\": {\"start\": \"soon\"}}");
  ark::test::write_file(home_ / "modules/truncated-1.0.0.ark", text_of(fixture("plain")).substr(0, 900));
  fs::copy_file(fixture("echo"), home_ / "modules/echo-1.0.0.ark");
  fs::copy_file(fixture("echo"), home_ / "modules/again-1.0.0.ark");
  fs::copy_file(fixture("imports-inserted-method"), home_ / "modules/imports-inserted-method-1.0.0.ark");
  add("changed", [](auto& m) { m.files[0].sha256[0] = m.files[0].sha256[0] == '0' ? '1' : '0'; });
  add("foreign", [](auto& m) { m.fingerprint.replace(m.fingerprint.find("machine=x86_64"), 14, "machine=aarch64"); });
  add("lonely", [](auto& m) { import(m, "com.acme.Nobody@1.0"); });
  add("picky", [](auto& m) { import(m, "com.acme.fixture.Echo@[2.0,3.0)"); });
  add("dependent", [](auto& m) { m.dependencies.push_back(*package::parse_dependency("nowhere@[1.0,2.0)")); });
  add("hen", [](auto& m) { m.dependencies.push_back(*package::parse_dependency("egg")); });
  add("egg", [](auto& m) { m.dependencies.push_back(*package::parse_dependency("hen")); });
  add("torn", [](auto& m) {
    import(m, "com.acme.fixture.Echo@1.0");
    m.denied.services = {"com.acme.*"};
  });
  add("torn-too", [](auto& m) {
    m.imported_resources.push_back(*package::parse_resource_import("mail/*"));
    m.denied.resources = {"*"};
  });
  add("bare", [](auto& m) { m.imported_resources.push_back(*package::parse_resource_import("mail/*")); });
  add("boastful", [](auto& m) { m.exported_resources = {"mail/*"}; });
  add("curious", [](auto& m) { m.imported_resources = {{"../../secret", false}}; });
  const auto ran = check();
  EXPECT_EQ(ran.status, 1);
  for (const char* problem : {"container.json:1: there is no key 'log.levle'; did you mean 'log.level'?", "container.json:2: limits.start: ",
                              "truncated-1.0.0.ark", "echo 1.0.0 is there twice: as ", "imports-inserted-method 1.0.0 imports com.acme.fixture.Echo",
                              "sha256", "machine=aarch64", "lonely 1.0.0 imports com.acme.Nobody@1.0, which no module exports",
                              "picky 1.0.0 imports com.acme.fixture.Echo@[2.0,3.0), but echo 1.0.0 exports 1.0",
                              "dependent 1.0.0 depends on module nowhere [1.0,2.0), which is not there",
                              "egg 1.0.0 needs hen 1.0.0 needs egg 1.0.0",
                              "torn 1.0.0 imports com.acme.fixture.Echo@1.0, but denies it: deny-imports.services has \"com.acme.*\"; remove one of the two",
                              "torn-too 1.0.0 imports the resources mail/*, but denies it: deny-imports.resources has \"*\"; remove one of the two",
                              "bare 1.0.0 imports the resources mail/*, which no module exports; install a plugin or biz that does",
                              "boastful-1.0.0.ark/ark.json:", "exports.resources[0]: no file of the package is \"resources/mail/*\"",
                              "curious-1.0.0.ark/ark.json:", "imports.resources[0]: \"../../secret\" does not name resources"}) {
    EXPECT_THAT(ran.err, HasSubstr(problem));
  }
  EXPECT_THAT(ran.err, HasSubstr("16 things are wrong with " + home_.string()));
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_FALSE(fs::exists(home_ / "run"));
}

TEST_F(Check, AStartSaysTheSameOfItsPackagesAndStartsNothing) {
  fs::copy_file(fixture("constructor-hangs"), home_ / "modules/constructor-hangs-1.0.0.ark");
  ark::test::write_file(home_ / "modules/truncated-1.0.0.ark", "PK");
  add("lonely", [](auto& m) { import(m, "com.acme.Nobody@1.0"); });
  ark::container::Options options;
  options.home = home_;
  auto container = Container::create(options);
  ASSERT_TRUE(container.ok()) << container.status().text();
  const auto started = (*container)->start();
  EXPECT_THAT(started.status.text(), AllOf(HasSubstr("truncated-1.0.0.ark"), HasSubstr("lonely 1.0.0 imports"), Not(HasSubstr("constructor-hangs"))));
  EXPECT_FALSE((*container)->ready());
}

TEST_F(Check, APackageThatAReplacementHasNotRemovedYetIsPassedOver) {
  fs::copy_file(fixture("plain-1.1"), home_ / "modules/plain-1.1.0.ark");
  ark::test::write_file(home_ / "modules/plain-1.0.0.ark", "a start removes it unread");
  fs::create_directories(home_ / "data/.container");
  ark::test::write_file(home_ / "data/.container/state.json",
                        R"({"format": 1, "pending": {"package": "plain-1.1.0.ark", "remove": "plain-1.0.0.ark"}})");
  const auto ran = check();
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("1 module\n"), HasSubstr("plain 1.1.0")));
  EXPECT_TRUE(fs::exists(home_ / "modules/plain-1.0.0.ark")) << "a check removes nothing";
  fs::remove(home_ / "modules/plain-1.1.0.ark");
  EXPECT_EQ(check().status, 1) << "the replacement has not happened: the old package counts";
}

TEST_F(Check, AWrongKeyHidesNothingThatTheOthersComeTo) {
  fs::copy_file(fixture("echo"), home_ / "modules/echo-1.0.0.ark");
  ark::test::write_file(home_ / "conf/container.json",
                        "{\"log\": {\"levle\": \"debug\"},\n \"lifecycle\": {\"master\": \"shop\"}}");
  const auto ran = check();
  EXPECT_THAT(ran.err, AllOf(HasSubstr("there is no key 'log.levle'"), HasSubstr("lifecycle.master is 'shop'"),
                             HasSubstr("2 things are wrong")));
}

TEST_F(Check, ModulesThatAreConfiguredAndNotThereAreNamed) {
  fs::copy_file(fixture("echo"), home_ / "modules/echo-1.0.0.ark");
  ark::test::write_file(home_ / "conf/container.json",
                        R"({"modules": {"ehco": {"start": {"retries": 1}}, "echo": {"start": {"retries": 1}}}})");
  const auto ran = check();
  EXPECT_EQ(ran.status, 0) << "they may come later";
  EXPECT_THAT(ran.out, AllOf(HasSubstr("modules.ehco is configured, and there is no module 'ehco'"), Not(HasSubstr("'echo'"))));
}

TEST_F(Check, ASocketThatCannotBeMadeIsSaid) {
  ark::test::write_file(home_ / "conf/container.json", "{\"api\": {\"socket\": \"" + std::string(150, 'x') + "\"}}");
  EXPECT_THAT(check().err, AllOf(HasSubstr("is too long: at most 107 bytes"), HasSubstr("1 thing is wrong")));
}

TEST_F(Check, AHomeThatIsNotThereIsSaid) {
  fs::remove_all(home_);
  const auto ran = check();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("there is no home '" + home_.string() + "'; a start makes one"), HasSubstr("1 thing is wrong")));
  EXPECT_FALSE(fs::exists(home_));
}

}  // namespace
