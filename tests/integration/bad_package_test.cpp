// Packages that are not what they should be, given to a running container.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "container/package/zip_bytes.hpp"
#include "package/digest.hpp"
#include "package/manifest.hpp"
#include "package/package.hpp"
#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::container::Code;
using ark::container::Container;
using ark::test::fixture;
using ark::test::ServingContainer;
using ark::test::text_of;
using ark::test::ZipBytes;
using ark::test::ZipPart;
using testing::HasSubstr;

class BadPackage : public testing::Test {
 protected:
  BadPackage() {
    auto plain = package::Package::open(fixture("plain"));
    EXPECT_TRUE(plain.ok()) << plain.status().text();
    manifest_ = plain->manifest();
    manifest_.name = "bad";
    EXPECT_TRUE(plain->extract(container_.temp() / "plain").ok());
    library_ = text_of(container_.temp() / "plain" / manifest_.entry);
  }

  /// Writes the parts after ark.json as a package.
  fs::path write(const std::vector<ZipPart>& parts) {
    ZipBytes zip;
    zip.add({"ark.json", package::write_manifest(manifest_)});
    for (const auto& part : parts) zip.add(part);
    return write_bytes(zip.finish());
  }
  fs::path write_bytes(const std::string& bytes) {
    const auto file = container_.temp() / "bad-1.0.0.ark";
    ark::test::write_file(file, bytes);
    return file;
  }
  ZipPart library() { return {manifest_.entry, library_}; }
  void describe_library() {
    manifest_.files[0].size = library_.size();
    manifest_.files[0].sha256 = package::sha256_hex(library_);
  }

  void expect_refused(const fs::path& file, Code code, const std::string& message) {
    const auto installed = container_.install(file);
    EXPECT_EQ(installed.status.code(), code) << installed.status.text();
    EXPECT_THAT(installed.status.text(), HasSubstr(message));
    EXPECT_FALSE(container_.info("bad")) << "a refused package leaves nothing";
    EXPECT_EQ(container_.mappings("bad"), 0u);
    container_.expect_still_serves();
  }

  ServingContainer container_;
  package::Manifest manifest_;
  std::string library_;
};

TEST_F(BadPackage, AsItIsWouldBeInstalledButForItsName) {
  // The others differ from this one by what they are named after.
  manifest_.name = "plain";
  EXPECT_TRUE(container_.install(write({library()})).status.ok());
  EXPECT_TRUE(container_->uninstall("plain", false).status.ok());
}

TEST_F(BadPackage, Truncated) {
  const auto whole = text_of(fixture("plain"));
  expect_refused(write_bytes(whole.substr(0, whole.size() / 2)), Code::kCorrupt, "bad-1.0.0.ark");
}

TEST_F(BadPackage, Empty) { expect_refused(write_bytes(""), Code::kCorrupt, "bad-1.0.0.ark"); }

TEST_F(BadPackage, Missing) { expect_refused(container_.temp() / "nowhere.ark", Code::kNotFound, "nowhere.ark"); }

TEST_F(BadPackage, Huge) {
  auto part = library();
  part.deflate = true;
  part.declared_size = 0xf0000000;
  manifest_.files[0].size = 0xf0000000;
  expect_refused(write({part}), Code::kResourceExhausted, manifest_.entry);
}

TEST_F(BadPackage, EscapingItsFolder) {
  expect_refused(write({library(), {"../escaped", "x"}}), Code::kCorrupt, "../escaped");
}

TEST_F(BadPackage, Encrypted) {
  auto part = library();
  part.flags = 1;
  expect_refused(write({part}), Code::kCorrupt, "encrypted");
}

TEST_F(BadPackage, WithAnEntryTwice) { expect_refused(write({library(), library()}), Code::kCorrupt, "twice"); }

TEST_F(BadPackage, WithAWrongDigest) {
  manifest_.files[0].sha256[0] = manifest_.files[0].sha256[0] == '0' ? '1' : '0';
  expect_refused(write({library()}), Code::kCorrupt, "sha256");
}

TEST_F(BadPackage, ForAnotherArchitecture) {
  const auto at = manifest_.fingerprint.find("machine=x86_64");
  ASSERT_NE(at, std::string::npos);
  manifest_.fingerprint.replace(at, 14, "machine=aarch64");
  expect_refused(write({library()}), Code::kIncompatible, "machine=aarch64");
}

TEST_F(BadPackage, WhoseLibraryIsForAnotherArchitectureThanItsManifestSays) {
  library_[18] = static_cast<char>(EM_AARCH64);  // e_machine
  describe_library();
  expect_refused(write({library()}), Code::kIncompatible, "cannot map");
}

TEST_F(BadPackage, ForAnotherAbi) {
  manifest_.abi = 99;
  expect_refused(write({library()}), Code::kIncompatible, "99");
}

TEST_F(BadPackage, WhoseManifestLiesAboutItsVersion) {
  manifest_.name = "plain";
  manifest_.version.minor = 7;
  expect_refused(write({library()}), Code::kCorrupt, "version");
}

TEST_F(BadPackage, WithoutTheEntry) {
  library_ = text_of(NO_ENTRY);
  describe_library();
  manifest_.files[0].init_array = manifest_.files[0].init_array_size = 0;
  manifest_.files[0].fini_array = manifest_.files[0].fini_array_size = 0;
  expect_refused(write({library()}), Code::kIncompatible, "exports no ark_module");
}

TEST_F(BadPackage, WhoseLibraryIsNone) {
  library_ = std::string(library_.size(), 'x');
  describe_library();
  expect_refused(write({library()}), Code::kIncompatible, "cannot map");
}

TEST_F(BadPackage, CompiledWithAMethodInsertedInAContract) {
  const auto installed = container_.install(fixture("imports-inserted-method"));
  EXPECT_EQ(installed.status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(installed.status.text(), HasSubstr("imports-inserted-method 1.0.0 imports com.acme.fixture.Echo"));
  EXPECT_THAT(installed.status.text(), HasSubstr("inserted"));
  container_.expect_still_serves();
}

TEST_F(BadPackage, CompiledWithOneMoreFieldInAStruct) {
  ASSERT_TRUE(container_.install(fixture("thrower")).status.ok());
  const auto installed = container_.install(fixture("imports-more-fields"));
  EXPECT_EQ(installed.status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(installed.status.text(), HasSubstr("com.acme.fixture.Refused"));
  EXPECT_THAT(installed.status.text(), HasSubstr("added"));
  container_.expect_still_serves();
}

// ---- at the start ----

TEST_F(BadPackage, InTheHomeFailsTheNextStartByNameAndStartsNothing) {
  ark::test::TempDir temp;
  const auto modules = temp.path() / "home/modules";
  fs::create_directories(modules);
  fs::copy_file(fixture("echo"), modules / "echo-1.0.0.ark");
  fs::copy_file(write_bytes("no package"), modules / "bad-1.0.0.ark");
  ark::container::Options options;
  options.home = temp.path() / "home";
  {
    auto container = Container::create(options);
    ASSERT_TRUE(container.ok()) << container.status().text();
    const auto started = (*container)->start();
    EXPECT_EQ(started.status.code(), Code::kFailedPrecondition);
    EXPECT_THAT(started.status.text(), HasSubstr((modules / "bad-1.0.0.ark").string()));
    EXPECT_FALSE((*container)->ready());
    EXPECT_THAT((*container)->services(), testing::IsEmpty());
  }
  fs::remove(modules / "bad-1.0.0.ark");
  auto container = Container::create(options);
  ASSERT_TRUE(container.ok()) << container.status().text();
  EXPECT_TRUE((*container)->start().status.ok());
  container_.expect_still_serves();
}

TEST_F(BadPackage, OneModuleThatDoesNotStartTakesBackTheWholeStart) {
  ark::test::TempDir temp;
  ark::container::Options options;
  options.home = temp.path() / "home";
  options.modules = {fixture("echo"), fixture("constructor-throws")};
  auto container = Container::create(options);
  ASSERT_TRUE(container.ok()) << container.status().text();
  const auto started = (*container)->start();
  EXPECT_EQ(started.status.code(), Code::kModuleFailed);
  EXPECT_THAT(started.status.text(), HasSubstr("constructor-throws 1.0.0: its constructor failed"));
  EXPECT_FALSE((*container)->ready());
  EXPECT_THAT((*container)->services(), testing::IsEmpty());
  EXPECT_THAT(ark::test::text_of("/proc/self/maps"), testing::Not(HasSubstr((temp.path() / "home").string())));
  container_.expect_still_serves();
}

// ---- selectors ----

TEST_F(BadPackage, AnUnknownModuleIsAnsweredWithThoseThereAre) {
  const auto stopped = container_->stop_module("nobody");
  EXPECT_EQ(stopped.status.code(), Code::kNotFound);
  EXPECT_THAT(stopped.status.text(), HasSubstr("there is no module 'nobody'; there are echo"));
  EXPECT_EQ(container_->stop_module("echo:9.9.9").status.code(), Code::kNotFound);
  container_.expect_still_serves();
}

TEST_F(BadPackage, AnAmbiguousNameIsAnsweredWithItsVersions) {
  manifest_.name = "plain";
  ASSERT_TRUE(container_.install(fixture("plain-1.1")).status.ok());
  ASSERT_TRUE(container_.install(fixture("plain")).status.ok());
  const auto stopped = container_->stop_module("plain");
  EXPECT_EQ(stopped.status.code(), Code::kInvalidArgument);
  EXPECT_THAT(stopped.status.text(),
              HasSubstr("'plain' is ambiguous: there are versions 1.1.0, 1.0.0; say plain:VERSION"));
  EXPECT_TRUE(container_->uninstall("plain:1.1.0", false).status.ok());
  EXPECT_TRUE(container_->uninstall("plain:1.0.0", false).status.ok());
  container_.expect_still_serves();
}

TEST_F(BadPackage, TheSameVersionTwiceIsRefused) {
  const auto again = container_.install(fixture("echo"));
  EXPECT_EQ(again.status.code(), Code::kAlreadyExists);
  container_.expect_still_serves();
}

}  // namespace
