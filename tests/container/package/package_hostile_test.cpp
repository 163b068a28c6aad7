// Packages that somebody made on purpose.
#include <gmock/gmock.h>

#include <fstream>

#include "package/package.hpp"
#include "sample.hpp"
#include "support/temp_dir.hpp"
#include "zip_bytes.hpp"

namespace ark::container::package {
namespace {

namespace fs = std::filesystem;
using test::Files;
using test::noise;
using test::ZipBytes;
using test::ZipPart;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Files kFiles = {{"lib/orders.so", "the code"}};

class HostilePackage : public ::testing::Test {
 protected:
  fs::path write(const std::string& bytes) {
    auto path = dir_ / "bad.ark";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return path;
  }

  /// What opening and extracting say. Whatever that is, nothing may have been written outside of the stage, and nothing
  /// in it.
  Status judge(const std::string& bytes) {
    auto path = write(bytes);
    auto package = Package::open(path);
    auto status = package.ok() ? package->extract(dir_ / "stage") : package.status();
    if (!status.ok()) {
      EXPECT_THAT(status.text(), HasSubstr("bad.ark"));
      EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), fs::directory_iterator()), 1) << status.text();
    }
    return status;
  }

  static ZipPart manifest(const Files& files = kFiles) {
    return {"ark.json", write_manifest(test::sample_manifest(files))};
  }

  /// A package whose second entry is `part`, which the manifest describes truly.
  static std::string with(ZipPart part) {
    return ZipBytes().add(manifest({{"lib/orders.so", "the code"}})).add(part).finish();
  }

  void expect_refused(const std::string& bytes, std::string_view message, Code code = Code::kCorrupt) {
    auto status = judge(bytes);
    EXPECT_THAT(status.text(), HasSubstr(std::string(message)));
    EXPECT_EQ(status.code(), code) << status.text();
  }

  test::TempDir dir_;
};

TEST_F(HostilePackage, TheBytesOfTheseTestsAreAPackageWhenNothingIsWrong) {
  auto status = judge(with({"lib/orders.so", "the code"}));
  EXPECT_TRUE(status.ok()) << status.text();
}

TEST_F(HostilePackage, TruncatedAnywhereItIsRefused) {
  Files files = {{"lib/orders.so", noise(2'000)}};
  auto bytes = ZipBytes().add(manifest(files)).add({"lib/orders.so", files["lib/orders.so"], true}).finish();
  ASSERT_TRUE(Package::open(write(bytes)).ok());
  for (size_t size = 0; size < bytes.size(); size += 64) {
    auto status = judge(bytes.substr(0, size));
    EXPECT_EQ(status.code(), Code::kCorrupt) << "cut to " << size << " of " << bytes.size();
  }
  EXPECT_FALSE(judge(bytes.substr(0, bytes.size() - 1)).ok());
}

TEST_F(HostilePackage, CutAtTheFrontItIsRefused) {
  Files files = {{"lib/orders.so", noise(2'000)}};
  auto bytes = ZipBytes().add(manifest(files)).add({"lib/orders.so", files["lib/orders.so"]}).finish();
  for (size_t size = 1; size < bytes.size(); size += 64) EXPECT_FALSE(judge(bytes.substr(size)).ok()) << size;
}

TEST_F(HostilePackage, NoDamagedByteIsOverlooked) {
  Files files = {{"lib/orders.so", noise(200)}};
  auto bytes = ZipBytes().add(manifest(files)).add({"lib/orders.so", files["lib/orders.so"], true}).finish();
  auto good = write_manifest(test::sample_manifest(files));
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    auto package = Package::open(write(damaged));
    if (!package.ok()) continue;
    // Times, attributes and checksums of the zip itself may differ; what the container uses may not, but for free texts
    // of the manifest.
    if (at > 30 + 8 && at < 30 + 8 + good.size()) continue;
    if (!package->verify().ok()) continue;
    EXPECT_EQ(write_manifest(package->manifest()), good) << "byte " << at;
  }
}

TEST_F(HostilePackage, PathsThatLeaveThePackageAreRefused) {
  for (auto [path, message] : std::initializer_list<std::pair<std::string, std::string_view>>{
           {"../evil", "the path of entry \"../evil\" leads out of the package with .."},
           {"lib/../../evil", "leads out of the package with .."},
           {"lib/..", "leads out of the package with .."},
           {"/etc/evil", "the path of entry \"/etc/evil\" is absolute"},
           {"..\\evil", "contains a backslash"},
           {"lib\\..\\evil", "contains a backslash"},
           {"lib//evil", "has an empty part"},
           {"./evil", "contains a part that is only a dot"},
           {"lib/", "ends in /; folders are not listed"},
           {"", "is empty"},
           {std::string("lib/evil\0.so", 12), "contains a control character"},
           {"lib/evil\n", "contains a control character"},
           {"lib/\xff", "is not UTF-8"},
           {std::string(2000, 'a'), "longer than 1024 bytes"},
           {"lib/" + std::string(300, 'a'), "has a part longer than 255 bytes"},
       }) {
    expect_refused(with({path, "x"}), message);
  }
}

TEST_F(HostilePackage, APathThatOnlyTheLocalHeaderNamesIsNotUsed) {
  // Readers that trust local headers would write somewhere else than was checked.
  ZipPart part{"lib/orders.so", "the code"};
  part.local_path = "../../evil.so";
  auto status = judge(with(part));
  EXPECT_TRUE(status.ok()) << status.text();
  EXPECT_TRUE(fs::exists(dir_ / "stage/lib/orders.so"));
  EXPECT_FALSE(fs::exists(dir_.path().parent_path() / "evil.so"));
}

TEST_F(HostilePackage, LinksAndDevicesAreRefused) {
  for (auto [mode, message] : std::initializer_list<std::pair<uint32_t, std::string_view>>{
           {0120777, "entry \"lib/orders.so\" is a symbolic link"},
           {0040755, "is not a regular file"},
           {0060644, "is not a regular file"},
           {0010644, "is not a regular file"}}) {
    ZipPart part{"lib/orders.so", "the code"};
    part.attributes = mode << 16;
    expect_refused(with(part), message);
  }
}

TEST_F(HostilePackage, DuplicateEntriesAreRefused) {
  expect_refused(
      ZipBytes().add(manifest()).add({"lib/orders.so", "the code"}).add({"lib/orders.so", "other code"}).finish(),
      "entry \"lib/orders.so\" is there twice");
  expect_refused(ZipBytes().add(manifest()).add(manifest()).finish(), "entry \"ark.json\" is there twice");
}

TEST_F(HostilePackage, EncryptedEntriesAreRefused) {
  for (uint16_t flag : {1, 1 | 1 << 6, 1 << 13}) {
    ZipPart part{"lib/orders.so", "the code"};
    part.flags = flag;
    expect_refused(with(part), "entry \"lib/orders.so\" is encrypted");
  }
}

TEST_F(HostilePackage, OtherMethodsThanStoreAndDeflateAreRefused) {
  for (int method : {1, 9, 12, 14, 93, 99}) {
    ZipPart part{"lib/orders.so", "the code"};
    part.method = method;
    expect_refused(with(part), "entry \"lib/orders.so\" is packed by method " + std::to_string(method));
  }
}

TEST_F(HostilePackage, SeveralDisksAreRefused) {
  ZipPart part{"lib/orders.so", "the code"};
  part.disk = 1;
  expect_refused(with(part), "entry \"lib/orders.so\" is on another disk");
}

TEST_F(HostilePackage, EntriesThatTheManifestDoesNotListAreRefused) {
  expect_refused(ZipBytes().add(manifest()).add({"lib/orders.so", "the code"}).add({"lib/extra.so", "x"}).finish(),
                 "entry \"lib/extra.so\" is not in the manifest");
  expect_refused(ZipBytes().add(manifest()).add({"lib/orders.so", "the code"}).add({"ARK.JSON", "{}"}).finish(),
                 "entry \"ARK.JSON\" is not in the manifest");
  expect_refused(ZipBytes().add(manifest()).add({"lib/orders.so", "the code"}).add({"ark.json.sig", "x"}).finish(),
                 "signatures are not supported by this version (0.1.0)", Code::kUnsupported);
}

TEST_F(HostilePackage, MissingFilesAreNamed) {
  expect_refused(ZipBytes().add(manifest()).finish(), "the manifest lists \"lib/orders.so\", but it is missing");
  expect_refused(ZipBytes().add({"lib/orders.so", "the code"}).finish(), "it has no ark.json");
  expect_refused(ZipBytes().finish(), "it is not a zip file");
}

TEST_F(HostilePackage, ABadManifestNamesPackageAndLine) {
  expect_refused(ZipBytes().add({"ark.json", "{\n\"format\": 1,\n\"surprise\": 2}"}).finish(),
                 "bad.ark/ark.json:3: surprise: unknown key \"surprise\" in the manifest");
}

TEST_F(HostilePackage, AWrongDigestIsFoundWhileReading) {
  expect_refused(with({"lib/orders.so", "the c0de"}), "entry \"lib/orders.so\" has the sha256 ");
  expect_refused(with({"lib/orders.so", "the code and more"}),
                 "entry \"lib/orders.so\" declares 17 bytes; the manifest says 8");
}

TEST_F(HostilePackage, ABombThatLiesAboutItsSizeIsStopped) {
  // 50 MB of zeros in 50 kB, said to be 8 bytes.
  ZipPart bomb{"lib/orders.so", std::string(50'000'000, '\0'), true};
  bomb.declared_size = 8;
  expect_refused(with(bomb), "entry \"lib/orders.so\" holds more than the 8 bytes it declares");
  bomb.path = "ark.json";
  bomb.declared_size = 1000;
  expect_refused(ZipBytes().add(bomb).finish(), "entry \"ark.json\" holds more than the 1000 bytes it declares");
}

TEST_F(HostilePackage, AManifestThatDeclaresToBeHugeIsRefusedUnread) {
  ZipPart huge{"ark.json", "{}", true};
  huge.declared_size = 3'000'000'000;
  expect_refused(ZipBytes().add(huge).finish(),
                 "entry \"ark.json\" declares 3000000000 bytes; at most 4194304 are allowed", Code::kResourceExhausted);
}

TEST_F(HostilePackage, EntriesThatHoldLessThanTheyDeclareAreRefused) {
  ZipPart part{"lib/orders.so", "short", true};
  part.declared_size = 8;
  expect_refused(with(part), "entry \"lib/orders.so\" holds 5 bytes, not the 8 it declares");
}

TEST_F(HostilePackage, DamagedPackedDataIsRefused) {
  ZipPart part{"lib/orders.so", "\xff\xff\xff\xff\xff\xff\xff\xff"};
  part.method = 8;
  expect_refused(with(part), "entry \"lib/orders.so\" is damaged");
  part.contents = test::raw_deflate("the code") + "tail";
  part.declared_size = 8;
  part.declared_packed_size = static_cast<int64_t>(part.contents.size());
  expect_refused(with(part), "entry \"lib/orders.so\" is followed by data that belongs to nothing");
  part.contents = test::raw_deflate("the code");
  part.contents.resize(part.contents.size() - 2);
  part.declared_packed_size = static_cast<int64_t>(part.contents.size());
  expect_refused(with(part), "entry \"lib/orders.so\" is damaged");
}

TEST_F(HostilePackage, PartsBeyondTheEndOfTheFileAreRefused) {
  ZipPart part{"lib/orders.so", "the code"};
  part.declared_size = part.declared_packed_size = 1'000'000;
  expect_refused(with(part), "entry \"lib/orders.so\" reaches beyond the end of the file");
  part.method = 8;
  expect_refused(with(part), "entry \"lib/orders.so\" reaches beyond the end of the file");
}

TEST_F(HostilePackage, AStoredEntryWithTwoSizesIsRefused) {
  ZipPart part{"lib/orders.so", "the code"};
  part.declared_size = 100;
  expect_refused(with(part), "entry \"lib/orders.so\" is stored, but declares two different sizes");
}

TEST_F(HostilePackage, AHugeNumberOfEntriesIsRefusedUncounted) {
  expect_refused(ZipBytes().add(manifest()).finish(65'534), "it has 65534 entries; at most 4097 are allowed",
                 Code::kResourceExhausted);
  expect_refused(ZipBytes().add(manifest()).finish(65'535), "it has 65535 entries", Code::kResourceExhausted);
  expect_refused(ZipBytes().add(manifest()).add({"lib/orders.so", "the code"}).finish(100),
                 "its directory is damaged or cut off");
  ZipBytes many;
  many.add(manifest());
  for (int i = 0; i < 5'000; ++i) many.add({"f" + std::to_string(i), ""});
  expect_refused(many.finish(), "it has 5001 entries; at most 4097 are allowed", Code::kResourceExhausted);
}

TEST_F(HostilePackage, DataBehindTheEndIsRefused) {
  auto good = with({"lib/orders.so", "the code"});
  expect_refused(good + "x", "it is not a zip file, or its end is missing or followed by other data");
  auto comment = good;
  comment[comment.size() - 2] = 3;
  expect_refused(comment + "abc", "it is not a zip file, or its end is missing or followed by other data");
}

TEST_F(HostilePackage, DataInFrontOfThePackageIsToleratedAsInSelfContainedPrograms) {
  auto status = judge("#!/bin/sh\n" + with({"lib/orders.so", "the code"}));
  EXPECT_TRUE(status.ok()) << status.text();
}

}  // namespace
}  // namespace ark::container::package
