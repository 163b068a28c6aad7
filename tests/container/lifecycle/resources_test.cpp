// Who is given which resource, and what it is told otherwise.
#include "lifecycle/resources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lifecycle/generation.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::lifecycle {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ResourcesTest : public testing::Test {
 protected:
  /// A staged package with these files below resources/, each of which says whose it is.
  Staged staged(const std::string& name, const std::vector<std::string>& files, int priority = 100,
                const std::string& version = "1.0.0") {
    package::Manifest manifest;
    manifest.name = name;
    manifest.version = *package::parse_version(version);
    manifest.priority = priority;
    const auto folder = dir_ / (name + version);
    for (const auto& file : files) {
      manifest.files.emplace_back().path = "resources/" + file;
      fs::create_directories((folder / "resources" / file).parent_path());
      std::ofstream(folder / "resources" / file) << name << version;
    }
    manifest.exported_resources = {"*"};
    return {std::make_shared<const package::Manifest>(std::move(manifest)), folder};
  }
  /// A module that imports and denies this, and has own.txt.
  void asks(std::vector<std::string> imports, std::vector<std::string> denied = {}) {
    auto manifest = *staged("asker", {"own.txt"}).manifest;
    for (const auto& import : imports) manifest.imported_resources.push_back(*package::parse_resource_import(import));
    manifest.denied.resources = std::move(denied);
    asking_.packaged = {std::make_shared<const package::Manifest>(std::move(manifest)), dir_ / "asker1.0.0"};
  }
  std::vector<std::string> modules(const std::string& name, uint32_t most = 100) {
    auto found = resources_.find(asking_, name, most);
    std::vector<std::string> modules;
    if (!found.ok()) return {found.status().text()};
    for (const auto& one : *found) modules.push_back(one.module);
    return modules;
  }

  test::TempDir dir_;
  std::vector<std::string> log_;
  Resources resources_{[this](const std::string& text) { log_.push_back(text); }};
  Core core_;
  ark_generation_t asking_{core_, "asker", "1.0.0", 1};
};

TEST_F(ResourcesTest, ThePreferredExporterIsTheFirstHoweverTheyCame) {
  asks({"*"});
  const std::vector<Staged> all{staged("b", {"x"}), staged("a", {"x"}), staged("z", {"x"}, 1),
                                staged("b", {"x"}, 100, "1.10.0")};
  std::vector<int> order{0, 1, 2, 3};
  do {
    for (int i : order) resources_.activate(all[i], {});
    ASSERT_THAT(modules("x"), ElementsAre("z 1.0.0", "a 1.0.0", "b 1.10.0", "b 1.0.0"));
    ASSERT_THAT(modules("x", 1), ElementsAre("z 1.0.0"));
    for (int i : order) resources_.activate({}, all[i]);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(ResourcesTest, ASwitchIsOneStep) {
  asks({"x"});
  const auto one = staged("a", {"x"}), other = staged("a", {"x"}, 100, "1.1.0");
  resources_.activate(one, {});
  resources_.activate(other, one);
  EXPECT_THAT(modules("x"), ElementsAre("a 1.1.0"));
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(ResourcesTest, WhatIsNotImportedOrDeniedIsRefusedNamingTheKey) {
  resources_.activate(staged("a", {"x/1", "x/2", "y"}), {});
  asks({"x/*"}, {"x/2"});
  EXPECT_THAT(modules("x/1"), ElementsAre("a 1.0.0"));
  EXPECT_THAT(
      modules("x/2"),
      ElementsAre(HasSubstr(
          "asker 1.0.0: the resource x/2 is exported by a 1.0.0, but denied: deny-imports.resources has \"x/2\"")));
  EXPECT_THAT(modules("y"),
              ElementsAre(HasSubstr("but not imported; add IMPORT_RESOURCES \"y\" where CMake adds the module")));
  EXPECT_EQ(resources_.find(asking_, "y", 1).status().code(), Code::kFailedPrecondition);
}

TEST_F(ResourcesTest, WhatIsNotThereIsAnsweredWithWhatIs) {
  asks({"x/*"}, {"x/2"});
  EXPECT_THAT(modules("x/9"), ElementsAre("asker 1.0.0: there is no resource x/9; its own package has own.txt, active "
                                          "modules that it may have them from: none"));
  std::vector<std::string> many;
  for (int i = 0; i < 15; ++i) many.push_back("x/" + std::to_string(i + 10));
  resources_.activate(staged("a", many), {});
  resources_.activate(staged("b", {"x/2", "z"}), {});
  EXPECT_THAT(modules("x/9"),
              ElementsAre(testing::AllOf(HasSubstr("x/10 of a 1.0.0, x/11 of a 1.0.0, "), HasSubstr(" and 5 more"))));
  EXPECT_EQ(resources_.find(asking_, "x/9", 1).status().code(), Code::kNotFound);
}

TEST_F(ResourcesTest, NamesThatLeadElsewhereAreRefused) {
  asks({"*"});
  for (const char* name : {"", "/etc/passwd", "../own.txt", "a/../own.txt", "a//b", "a/", "./own.txt", "a\\b"}) {
    EXPECT_EQ(resources_.find(asking_, name, 1).status().code(), Code::kInvalidArgument) << name;
  }
}

TEST_F(ResourcesTest, ALinkThatSomebodyPutThereIsNotFollowed) {
  asks({});
  fs::remove(dir_ / "asker1.0.0/resources/own.txt");
  fs::create_symlink("/etc/passwd", dir_ / "asker1.0.0/resources/own.txt");
  EXPECT_THAT(modules("own.txt"),
              ElementsAre(HasSubstr("cannot open resource " + (dir_ / "asker1.0.0/resources/own.txt").string())));
}

TEST_F(ResourcesTest, TheHostMayHaveAllThatIsExported) {
  ark_generation_t host(core_, "test", "1.0.0", 0);
  host.services.declares = false;
  resources_.activate(staged("a", {"x"}), {});
  EXPECT_TRUE(resources_.find(host, "x", 1).ok());
  EXPECT_THAT(resources_.find(host, "y", 1).status().text(),
              HasSubstr("its own package has none, active modules that it may have them from: x of a 1.0.0"));
}

TEST_F(ResourcesTest, WhoIsShadowedIsLoggedOnce) {
  const auto a = staged("a", {"x", "y"});
  resources_.activate(a, {});
  resources_.activate(staged("b", {"x", "y"}, 50), {});
  resources_.activate(staged("c", {"z"}), {});
  EXPECT_THAT(
      log_,
      ElementsAre("2 resources, such as x, of a 1.0.0 are shadowed by those of b 1.0.0 (priority 50 before 100)"));
}

}  // namespace
}  // namespace ark::container::lifecycle
