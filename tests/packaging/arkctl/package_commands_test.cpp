#include "arkctl/package_commands.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "package/elf.hpp"
#include "package/package.hpp"
#include "support/run_program.hpp"

namespace ark::arkctl {
namespace {

using container::package::Package;
using test::Ran;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class PackageCommands : public testing::Test {
 protected:
  Ran arkctl(std::vector<std::string> words, const std::string& environment = "") {
    words.insert(words.begin(), ARKCTL);
    return test::run_program(words, environment);
  }
  std::string file() const { return (dir_ / "hand.ark").native(); }
  void pack(std::vector<std::string> options = {}, const std::string& environment = "") {
    std::vector<std::string> words{"pack", PACK_SOUND, "-o", file()};
    words.insert(words.end(), options.begin(), options.end());
    auto ran = arkctl(words, environment);
    ASSERT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, IsEmpty());
  }
  container::package::Manifest manifest() const { return Package::open(file())->manifest(); }

  test::TempDir dir_;
};

TEST_F(PackageCommands, ArkctlNeedsNothingButThePlatform) {
  auto elf = container::package::read_elf(ARKCTL);
  ASSERT_TRUE(elf.ok()) << elf.status().text();
  for (const auto& library : elf->needed) EXPECT_TRUE(container::package::is_platform_library(library)) << library;
}

TEST_F(PackageCommands, PackTakesWhatPeopleAndTheContainerWantToKnow) {
  pack({"--description", "Made by hand", "--priority", "-5", "--depends", "greeter@[1.0,2.0);log", "--depends",
        "clock@1.0", "--commit", "abc", "--compiler", "GNU 12", "--flags=-O2 -g"});
  auto made = manifest();
  EXPECT_EQ(made.description, "Made by hand");
  EXPECT_EQ(made.priority, -5);
  ASSERT_EQ(made.dependencies.size(), 3u);
  EXPECT_EQ(to_string(made.dependencies[1]), "log");
  EXPECT_EQ(to_string(made.dependencies[2]), "clock@1.0");
  EXPECT_EQ(made.provenance.commit, "abc");
  EXPECT_EQ(made.provenance.compiler, "GNU 12");
  EXPECT_EQ(made.provenance.flags, "-O2 -g");
  EXPECT_EQ(made.provenance.build_time, "");
}

TEST_F(PackageCommands, TextsMayBeEmpty) {
  pack({"--description=", "--commit=", "--depends=", "--flags=", "--compiler=GNU 12"});
  auto made = manifest();
  EXPECT_EQ(made.description, "");
  EXPECT_EQ(made.provenance.commit, "");
  EXPECT_EQ(made.provenance.flags, "");
  EXPECT_EQ(made.provenance.compiler, "GNU 12");
  EXPECT_TRUE(made.dependencies.empty());
}

TEST_F(PackageCommands, TextsMayLookLikeOptions) {
  pack({"--flags=--fast -O2", "--description=-o"});
  EXPECT_EQ(manifest().provenance.flags, "--fast -O2");
  EXPECT_EQ(manifest().description, "-o");
}

TEST_F(PackageCommands, TheBuildTimeIsTheGivenOne) {
  pack({}, "SOURCE_DATE_EPOCH=1700000000");
  EXPECT_EQ(manifest().provenance.build_time, "2023-11-14T22:13:20Z");
  pack({"--build-time", "yesterday"}, "SOURCE_DATE_EPOCH=1700000000");
  EXPECT_EQ(manifest().provenance.build_time, "yesterday");
  auto ran = arkctl({"pack", PACK_SOUND, "-o", file()}, "SOURCE_DATE_EPOCH=soon");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("SOURCE_DATE_EPOCH"), HasSubstr("soon")));
}

TEST_F(PackageCommands, PackNamesThePackageByItself) {
  test::Ran ran = test::run_program({"sh", "-c", "cd " + dir_.path().native() + " && " ARKCTL " pack " PACK_SOUND});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(dir_ / "hand-1.2.3.ark"));
}

TEST_F(PackageCommands, PackSaysWhatKeepsAFileFromBeingAModule) {
  auto ran = arkctl({"pack", PACK_NODELETE, "-o", file()});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, AllOf(HasSubstr("arkctl: "), HasSubstr("pack_nodelete.so"), HasSubstr("DF_1_NODELETE")));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(PackageCommands, InspectShowsThePackage) {
  pack({"--description", "Made by hand"});
  auto ran = arkctl({"inspect", file()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("hand 1.2.3"), HasSubstr("Made by hand"), HasSubstr("com.acme.Clock@1.0"),
                             HasSubstr("now() -> i64"), HasSubstr("com.acme.Zone@[1.0,2.0)?"), HasSubstr("lib/hand.so"),
                             HasSubstr(manifest().files[0].sha256), HasSubstr(manifest().fingerprint)));
}

TEST_F(PackageCommands, InspectPrintsTheManifestAsJson) {
  pack();
  for (auto words : {std::vector<std::string>{"inspect", file(), "--json"}, {"--json", "inspect", file()}}) {
    auto ran = arkctl(words);
    EXPECT_EQ(ran.status, 0) << ran.err;
    auto parsed = container::package::parse_manifest(ran.out, "stdout");
    ASSERT_TRUE(parsed.ok()) << parsed.status().text();
    EXPECT_EQ(parsed->name, "hand");
  }
}

TEST_F(PackageCommands, VerifyAcceptsWhatWasPacked) {
  pack();
  auto ran = arkctl({"verify", file()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("1 file as described"));
}

TEST_F(PackageCommands, VerifyFindsAChangedByte) {
  pack();
  auto bytes = *container::base::read_file(file());
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(file(), std::ios::binary) << bytes;
  auto ran = arkctl({"verify", file()});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr(file()));
}

TEST_F(PackageCommands, VerifyRefusesWhatThisContainerCannotRun) {
  pack();
  auto package = Package::open(file());
  ASSERT_TRUE(package.ok());
  ASSERT_TRUE(package->extract(dir_ / "stage").ok());
  auto other = package->manifest();
  other.fingerprint = "machine=vax library=libstdc++ cxx11-abi=1 debug-containers=0 sanitizer=none sdk=0";
  ASSERT_TRUE(write_package(file(), other, {{"lib/hand.so", dir_ / "stage" / "lib" / "hand.so"}}).ok());
  auto ran = arkctl({"verify", file()});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("vax"));
}

TEST_F(PackageCommands, WhatIsNoPackageIsRefusedByName) {
  std::ofstream(file()) << "not a zip";
  for (auto* command : {"inspect", "verify"}) {
    auto ran = arkctl({command, file()});
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.err, HasSubstr(file()));
    ran = arkctl({command, (dir_ / "missing.ark").native()});
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.err, HasSubstr("missing.ark"));
  }
}

TEST_F(PackageCommands, WrongCommandLinesAreWrongUsage) {
  const std::vector<std::vector<std::string>> lines = {{"pack"},
                                                       {"pack", "a.so", "b.so"},
                                                       {"pack", "--depends", "greeter@1.0", "a.so", "b.so"},
                                                       {"pack", "a.so", "--priority", "high"},
                                                       {"pack", "a.so", "-o"},
                                                       {"pack", "--fast"},
                                                       {"inspect"},
                                                       {"inspect", "a.ark", "b.ark"},
                                                       {"inspect", "a.ark", "--xml"},
                                                       {"verify"},
                                                       {"verify", "a.ark", "-x"},
                                                       {"unknown"}};
  for (const auto& line : lines) {
    auto ran = arkctl(line);
    EXPECT_EQ(ran.status, 2) << testing::PrintToString(line);
    EXPECT_FALSE(ran.err.empty()) << testing::PrintToString(line);
  }
}

TEST_F(PackageCommands, HelpIsNoError) {
  for (auto* command : {"pack", "inspect", "verify"}) {
    auto ran = arkctl({command, "--help"});
    EXPECT_EQ(ran.status, 0);
    EXPECT_THAT(ran.out, HasSubstr(command));
  }
}

}  // namespace
}  // namespace ark::arkctl
