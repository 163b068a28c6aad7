#include <elf.h>
#include <gmock/gmock.h>
#include <ark/sdk/linked.hpp>

#include "package/elf.hpp"
#include "package/package.hpp"

namespace ark::container::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Manifest manifest_of(const char* file) {
  auto package = Package::open(file);
  if (!package.ok()) throw std::runtime_error(package.status().text());
  return package->manifest();
}

template <class T>
std::vector<std::string> texts_of(const std::vector<T>& list) {
  std::vector<std::string> texts;
  for (const auto& item : list) texts.push_back(to_string(item));
  return texts;
}

TEST(ArkModule, ArgumentsArriveInTheManifestAsTheyWereWritten) {
  auto manifest = manifest_of(SERVICES);
  EXPECT_EQ(manifest.kind, Kind::kBiz);
  EXPECT_EQ(manifest.name, "services");
  EXPECT_EQ(to_string(manifest.version), "2.0.0-rc.1");
  EXPECT_EQ(manifest.description, "It's \"made\"; by [hand & $HOME");
  EXPECT_EQ(manifest.priority, -7);
  EXPECT_EQ(manifest.provenance.commit, "abc 123");
  EXPECT_THAT(manifest.provenance.compiler, HasSubstr(" "));
  EXPECT_THAT(texts_of(manifest.exports), ElementsAre("com.acme.Clock@1.0", "com.acme.Zone@1.0"));
  EXPECT_THAT(texts_of(manifest.imports), ElementsAre("com.acme.Zone@[1.0,2.0)?", "com.acme.Clock@(0.9,1.5]"));
  EXPECT_THAT(texts_of(manifest.dependencies), ElementsAre("greeter@[1.0,2.0)", "log@[1.0,)"));
  EXPECT_THAT(manifest.resources_for_others(), ElementsAre("module.cpp", "sdk_module.cpp"));
  EXPECT_THAT(texts_of(manifest.imported_resources), ElementsAre("mail/*", "logo.png?"));
  EXPECT_THAT(manifest.denied.services, ElementsAre("com.acme.legacy.*"));
  EXPECT_THAT(manifest.denied.resources, ElementsAre("mail/old/*", "mail/draft"));
}

TEST(ArkModule, ThePackageIsCalledAfterItsModuleUnlessItIsGivenAName) {
  EXPECT_EQ(std::filesystem::path(SERVICES).filename(), "services-2.0.0-rc.1.ark");
  EXPECT_EQ(std::filesystem::path(NEXT).filename(), "next.ark");
}

TEST(ArkModule, SeveralVersionsOfOneModuleCanBeBuilt) {
  auto next = manifest_of(NEXT);
  EXPECT_EQ(next.name, "services");
  EXPECT_EQ(to_string(next.version), "2.1.0");
  EXPECT_EQ(next.kind, Kind::kBiz);  // the hand-made table says so, whatever the build said
  EXPECT_EQ(next.priority, 100);
  EXPECT_THAT(next.description, IsEmpty());
  EXPECT_THAT(next.exports, IsEmpty());
}

TEST(ArkModule, TheSameSourceCanBeTwoModulesOfOneExecutable) {
  std::vector<std::string> modules;
  for (const auto* module : linked_modules()) modules.push_back(std::string(module->name) + " " + module->version);
  EXPECT_THAT(modules, UnorderedElementsAre("first 1.0.0", "second 3.0.0"));
}

TEST(ArkModule, PackagesAreWhole) {
  for (auto* file : {SERVICES, NEXT, FIRST}) {
    auto package = Package::open(file);
    ASSERT_TRUE(package.ok()) << package.status().text();
    EXPECT_TRUE(package->verify().ok());
    EXPECT_TRUE(check_fits(package->manifest()).ok());
  }
}

TEST(ArkModule, ModulesAreLinkedAsTheLoaderWantsThem) {
  auto elf = read_elf(SERVICES_MODULE);
  ASSERT_TRUE(elf.ok()) << elf.status().text();
  EXPECT_THAT(elf->soname, IsEmpty());
  EXPECT_THAT(elf->run_paths, IsEmpty());
  EXPECT_NE(elf->flags & DF_BIND_NOW, 0u);
  EXPECT_EQ(elf->build_id.size(), 40u);
  std::vector<std::string> exported;
  for (const auto& symbol : elf->symbols) {
    if (symbol.defined && !symbol.name.starts_with("ark_hook_")) exported.push_back(symbol.name);
  }
  EXPECT_THAT(exported, testing::ElementsAre("ark_module"));
}

}  // namespace
}  // namespace ark::container::package
