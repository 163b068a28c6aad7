#include "pack/pack.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "support/temp_dir.hpp"
#include "package/elf.hpp"
#include "package/package.hpp"
#include "packaging/pack/modules.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::Code;
using container::package::Package;
using test::module_file;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

class Pack : public testing::Test {
 protected:
  container::Result<Packed> packed(const std::string& module) {
    options_.module = module_file(module);
    options_.output = dir_ / "out.ark";
    return pack(options_);
  }

  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path())) names.push_back(entry.path().filename());
    return names;
  }

  test::TempDir dir_;
  PackOptions options_;
};

TEST_F(Pack, WritesAPackageThatDescribesItsModule) {
  options_.description = "Made by hand";
  options_.priority = 7;
  options_.dependencies = {"greeter@[1.0,2.0)", "log"};
  options_.provenance = {"abc123", "2026-01-01T00:00:00Z", "GNU 12", "-O2"};
  auto result = packed("sound");
  ASSERT_TRUE(result.ok()) << result.status().text();
  EXPECT_THAT(left(), ElementsAre("out.ark"));

  auto package = Package::open(dir_ / "out.ark");
  ASSERT_TRUE(package.ok()) << package.status().text();
  const auto& manifest = package->manifest();
  EXPECT_EQ(manifest.name, "hand");
  EXPECT_EQ(to_string(manifest.version), "1.2.3");
  EXPECT_EQ(manifest.description, "Made by hand");
  EXPECT_EQ(manifest.priority, 7);
  ASSERT_EQ(manifest.dependencies.size(), 2u);
  EXPECT_EQ(to_string(manifest.dependencies[0]), "greeter@[1.0,2.0)");
  EXPECT_EQ(manifest.provenance.commit, "abc123");
  EXPECT_EQ(manifest.provenance.flags, "-O2");
  EXPECT_EQ(manifest.entry, "lib/hand.so");
  EXPECT_FALSE(manifest.platform.glibc.empty());
  EXPECT_EQ(to_string(manifest.exports.at(0)), "com.acme.Clock@1.0");
  EXPECT_EQ(to_string(manifest.imports.at(0)), "com.acme.Zone@[1.0,2.0)?");
  EXPECT_TRUE(package->verify().ok());
  EXPECT_TRUE(check_fits(manifest).ok()) << check_fits(manifest).text();
}

TEST_F(Pack, TheModuleInsideHasEmptyTablesWhosePlacesAreRecorded) {
  auto original = container::package::read_elf(module_file("sound"));
  ASSERT_TRUE(packed("sound").ok());
  auto package = Package::open(dir_ / "out.ark");
  ASSERT_TRUE(package.ok());
  ASSERT_TRUE(package->extract(dir_ / "stage").ok());
  auto inside = container::package::read_elf(dir_ / "stage" / "lib" / "hand.so");
  ASSERT_TRUE(inside.ok());
  EXPECT_EQ(inside->init_array.size, 0u);
  EXPECT_EQ(inside->fini_array.size, 0u);
  const auto& file = package->manifest().files.at(0);
  EXPECT_EQ(file.init_array, original->init_array.address);
  EXPECT_EQ(file.init_array_size, original->init_array.size);
  EXPECT_EQ(file.fini_array, original->fini_array.address);
  EXPECT_EQ(file.fini_array_size, original->fini_array.size);
  EXPECT_EQ(file.build_id, original->build_id);
}

TEST_F(Pack, TheModuleIsOnlyRead) {
  const auto before = test::module_bytes("sound");
  ASSERT_TRUE(packed("sound").ok());
  EXPECT_EQ(test::module_bytes("sound"), before);
}

TEST_F(Pack, EqualModulesGiveEqualBytes) {
  ASSERT_TRUE(packed("sound").ok());
  auto first = *container::base::read_file(dir_ / "out.ark");
  ASSERT_TRUE(packed("sound").ok());
  EXPECT_EQ(first, *container::base::read_file(dir_ / "out.ark"));
}

TEST_F(Pack, NoCodeOfTheModuleRuns) {
  auto result = packed("constructs");  // its static constructor ends the process
  EXPECT_TRUE(result.ok()) << result.status().text();
}

TEST_F(Pack, AModuleThatDiesWhileItIsLoadedIsRefused) {
  auto status = packed("dies").status();
  EXPECT_EQ(status.code(), Code::kModuleFailed);
  EXPECT_THAT(status.text(), AllOf(HasSubstr("pack_dies.so"), HasSubstr("signal"), HasSubstr("IFUNC")));
  EXPECT_THAT(left(), ElementsAre());
}

TEST_F(Pack, AModuleThatEndsTheProcessWhileItIsLoadedIsRefused) {
  auto status = packed("exits").status();
  EXPECT_EQ(status.code(), Code::kModuleFailed);
  EXPECT_THAT(status.text(), HasSubstr("before it had answered"));
}

TEST_F(Pack, AModuleThatHangsWhileItIsLoadedIsRefusedInTime) {
  options_.load_limit = 200ms;
  auto status = packed("hangs").status();
  EXPECT_EQ(status.code(), Code::kModuleFailed);
  EXPECT_THAT(status.text(), AllOf(HasSubstr("pack_hangs.so"), HasSubstr("200 ms")));
  EXPECT_THAT(left(), ElementsAre());
}

TEST_F(Pack, RefusalsNameTheModuleAndLeaveNothing) {
  for (auto [module, text] : {std::pair{"unresolved", "nobody_defines_this"},
                              {"other_abi", "ABI version 4711"},
                              {"bad_name", "Hand Made"},
                              {"bad_version", "one"},
                              {"bad_export", "com.acme.Missing"},
                              {"nodelete", "DF_1_NODELETE"}}) {
    auto status = packed(module).status();
    EXPECT_FALSE(status.ok()) << module;
    EXPECT_THAT(status.text(), AllOf(HasSubstr(std::string("pack_") + module + ".so"), HasSubstr(text)));
    EXPECT_THAT(left(), ElementsAre());
  }
}

TEST_F(Pack, ARefusalLeavesAnOlderPackageAsItWas) {
  ASSERT_TRUE(packed("sound").ok());
  auto before = *container::base::read_file(dir_ / "out.ark");
  ASSERT_FALSE(packed("bad_export").ok());
  EXPECT_EQ(before, *container::base::read_file(dir_ / "out.ark"));
}

TEST_F(Pack, PutsResourcesBelowTheirFolder) {
  fs::create_directories(dir_ / "web/css");
  std::ofstream(dir_ / "web/index.html") << "hello";
  std::ofstream(dir_ / "web/css/a.css") << "";
  std::ofstream(dir_ / "logo.png") << "png";
  options_.resources = {dir_ / "web", dir_ / "logo.png"};
  options_.exported_resources = {"css/*"};
  options_.imported_resources = {"mail/*?"};
  options_.denied = {{"com.acme.legacy.*"}, {"mail/old/*"}};
  auto result = packed("sound");
  ASSERT_TRUE(result.ok()) << result.status().text();
  auto package = Package::open(dir_ / "out.ark");
  ASSERT_TRUE(package.ok()) << package.status().text();
  const auto& manifest = package->manifest();
  std::vector<std::string> paths;
  for (const auto& file : manifest.files) paths.push_back(file.path);
  EXPECT_THAT(paths, ElementsAre("lib/hand.so", "resources/css/a.css", "resources/index.html", "resources/logo.png"));
  EXPECT_THAT(manifest.resources_for_others(), ElementsAre("css/a.css"));
  EXPECT_EQ(to_string(manifest.imported_resources.at(0)), "mail/*?");
  EXPECT_THAT(manifest.denied.services, ElementsAre("com.acme.legacy.*"));
  EXPECT_THAT(manifest.denied.resources, ElementsAre("mail/old/*"));
  EXPECT_TRUE(package->verify().ok());
}

TEST_F(Pack, RefusesResourcesThatCannotBeTakenAsTheyAre) {
  fs::create_directories(dir_ / "a");
  std::ofstream(dir_ / "a/same") << "1";
  std::ofstream(dir_ / "same") << "2";
  const auto refusal_of = [&](std::vector<fs::path> resources) {
    options_.resources = std::move(resources);
    auto result = packed("sound");
    EXPECT_FALSE(result.ok());
    EXPECT_FALSE(fs::exists(dir_ / "out.ark"));
    return result.ok() ? "" : result.status().text();
  };
  EXPECT_THAT(refusal_of({dir_ / "nothing"}), HasSubstr("there is no resource " + (dir_ / "nothing").native()));
  EXPECT_THAT(refusal_of({dir_ / "a", dir_ / "same"}), HasSubstr("would both be resources/same"));
  fs::create_symlink(dir_ / "same", dir_ / "a/link");
  EXPECT_THAT(refusal_of({dir_ / "a"}), HasSubstr("a/link is a link; put the file itself there"));
  EXPECT_THAT(refusal_of({dir_ / "a/link"}), HasSubstr("a/link is a link"));
  fs::remove(dir_ / "a/link");
  std::ofstream(dir_ / "a/back\\slash") << "3";
  EXPECT_THAT(refusal_of({dir_ / "a"}), HasSubstr("cannot be packed: its path contains a backslash"));
  EXPECT_THAT(refusal_of({"/dev/null"}), HasSubstr("/dev/null is not a regular file"));
}

TEST_F(Pack, RefusesExportsAndDenialsThatCannotHold) {
  options_.exported_resources = {"css/*"};
  EXPECT_THAT(packed("sound").status().text(), HasSubstr("exports.resources[0]: no file of the package is \"resources/css/*\""));
  options_.exported_resources.clear();
  options_.imported_resources = {"../secret"};
  EXPECT_THAT(packed("sound").status().text(), HasSubstr("leads out of the package"));
  options_.imported_resources.clear();
  options_.denied.services = {"com.acme.*"};
  EXPECT_THAT(packed("sound").status().text(), HasSubstr("imports com.acme.Zone@[1.0,2.0)?, but denies it: deny-imports.services has \"com.acme.*\""));
}

TEST_F(Pack, RefusesADependencyThatCannotBeRead) {
  options_.dependencies = {"Not A Name"};
  EXPECT_THAT(packed("sound").status().text(), AllOf(HasSubstr("pack_sound.so"), HasSubstr("Not A Name")));
}

TEST_F(Pack, SaysWhichFolderIsMissing) {
  options_.module = module_file("sound");
  options_.output = dir_ / "missing/out.ark";
  auto status = pack(options_).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.text(), HasSubstr((dir_ / "missing").native()));
}

TEST_F(Pack, SaysWhichModuleIsMissing) {
  auto status = packed("that_nobody_built").status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.text(), HasSubstr("pack_that_nobody_built.so"));
}

}  // namespace
}  // namespace ark::packaging
