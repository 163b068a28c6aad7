#include "package/package.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "base/files.hpp"
#include "package/digest.hpp"
#include "sample.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::package {
namespace {

namespace fs = std::filesystem;
using test::Files;
using test::noise;
using test::sample_manifest;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Files kFiles = {{"conf/a/b/empty.json", ""},
                      {"conf/orders.json", "{}"},
                      {"lib/orders.so", noise(30'000)},
                      {"lib/private.so", std::string(300'000, 'x') + noise(5'000)}};

/// Writes `files` below the folder and a package of them.
Status make_package(const test::TempDir& dir, const fs::path& out, const Manifest& manifest, const Files& files) {
  std::vector<std::pair<std::string, fs::path>> list;
  for (const auto& [path, contents] : files) {
    auto source = dir / ("source/" + path);
    fs::create_directories(source.parent_path());
    std::ofstream(source, std::ios::binary) << contents;
    list.emplace_back(path, source);
  }
  return write_package(out, manifest, list);
}

Package open_sample(const test::TempDir& dir, const Files& files = kFiles) {
  auto out = dir / "orders-1.0.0.ark";
  auto written = make_package(dir, out, sample_manifest(files), files);
  EXPECT_TRUE(written.ok()) << written.text();
  auto package = Package::open(out);
  EXPECT_TRUE(package.ok()) << package.status().text();
  return std::move(*package);
}

/// Extracted and compared with `files`.
void expect_contents(const Package& package, const fs::path& stage, const Files& files) {
  const auto extracted = package.extract(stage);
  EXPECT_TRUE(extracted.ok()) << extracted.text();
  for (const auto& [path, contents] : files) EXPECT_EQ(*base::read_file(stage / path), contents) << path;
}

std::set<std::string> entries_below(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    names.insert(entry.path().lexically_relative(folder).native());
  return names;
}

TEST(Package, WhatWasPackedIsExtracted) {
  test::TempDir dir;
  auto package = open_sample(dir);
  EXPECT_EQ(package.manifest().name, "orders");
  EXPECT_EQ(package.file(), dir / "orders-1.0.0.ark");
  EXPECT_TRUE(package.verify().ok());
  auto stage = dir / "stage";
  auto status = package.extract(stage);
  ASSERT_TRUE(status.ok()) << status.text();
  EXPECT_EQ(entries_below(stage),
            (std::set<std::string>{"conf", "conf/a", "conf/a/b", "conf/a/b/empty.json", "conf/orders.json", "lib",
                                   "lib/orders.so", "lib/private.so"}));
  for (const auto& [path, contents] : kFiles) {
    EXPECT_EQ(*base::read_file(stage / path), contents) << path;
    struct stat info;
    ASSERT_EQ(::stat((stage / path).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777 & ~0444, 0u) << path;
  }
  for (const char* folder : {"", "lib", "conf/a/b"}) {
    struct stat info;
    ASSERT_EQ(::stat((stage / folder).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u) << folder;
  }
}

TEST(Package, ThatWasMovedIsWhatWasOpenedThoughAnotherHasTakenItsPlace) {
  test::TempDir dir;
  auto package = open_sample(dir);
  const Files others = {{"lib/orders.so", "another build"}};
  (void)open_sample(dir, others);  // by a rename over it
  const auto moved = package.move_to(dir / "copy.ark");
  ASSERT_TRUE(moved.ok()) << moved.text();
  expect_contents(package, dir / "stage", kFiles);
  auto copy = Package::open(dir / "copy.ark");
  ASSERT_TRUE(copy.ok()) << copy.status().text();
  expect_contents(*copy, dir / "again", kFiles);
  EXPECT_EQ(package.file(), dir / "orders-1.0.0.ark") << "errors name what the user knows";
  EXPECT_EQ(package.move_to(dir / "copy.ark").code(), Code::kAlreadyExists);
}

TEST(Package, ThatWasMovedDoesNotChangeWithTheFileItCameFrom) {
  test::TempDir dir;
  const Files large = {{"lib/orders.so", noise(400'000)}};  // more than is kept in memory
  auto package = open_sample(dir, large);
  ASSERT_TRUE(package.move_to(dir / "copy.ark").ok());
  std::ofstream(dir / "orders-1.0.0.ark", std::ios::binary | std::ios::trunc) << "torn";
  expect_contents(package, dir / "stage", large);
}

TEST(Package, ThatIsWrittenOverWhileItIsReadIsRefusedAndLeavesNoCopy) {
  test::TempDir dir;
  const auto other = *base::read_file(open_sample(dir, {{"lib/orders.so", noise(400'000)}}).file());
  for (const auto& text : {other, other.substr(0, 1000), std::string()}) {
    auto package = open_sample(dir);
    std::ofstream(package.file(), std::ios::binary | std::ios::trunc) << text;
    const auto refused = package.move_to(dir / "copy.ark");
    EXPECT_EQ(refused.code(), Code::kFailedPrecondition);
    EXPECT_EQ(refused.text(), package.file().string() + ": it has changed while it was read; try again once it is whole");
    EXPECT_FALSE(fs::exists(dir / "copy.ark"));
  }
}

TEST(Package, EqualContentsMakeEqualBytes) {
  test::TempDir dir;
  auto manifest = sample_manifest(kFiles);
  ASSERT_TRUE(make_package(dir, dir / "a.ark", manifest, kFiles).ok());
  fs::last_write_time(dir / "source/lib/orders.so", fs::file_time_type() + std::chrono::hours(1));
  std::vector<std::pair<std::string, fs::path>> reversed;
  for (auto file = kFiles.rbegin(); file != kFiles.rend(); ++file)
    reversed.emplace_back(file->first, dir / ("source/" + file->first));
  ASSERT_TRUE(write_package(dir / "b.ark", manifest, reversed).ok());
  EXPECT_EQ(*base::read_file(dir / "a.ark"), *base::read_file(dir / "b.ark"));
}

TEST(Package, LargeFilesThatShrinkAreDeflatedAndOthersStored) {
  test::TempDir dir;
  open_sample(dir);
  auto bytes = *base::read_file(dir / "orders-1.0.0.ark");
  EXPECT_LT(bytes.size(), 50'000u);
  EXPECT_THAT(bytes, HasSubstr(kFiles.at("lib/orders.so")));
}

TEST(Package, LargeFilesAreExtractedWhole) {
  test::TempDir dir;
  Files files = {{"lib/orders.so", noise(3'000'000, 7)}, {"resources/zeros", std::string(5'000'000, '\0')}};
  auto package = open_sample(dir, files);
  ASSERT_TRUE(package.extract(dir / "stage").ok());
  for (const auto& [path, contents] : files) EXPECT_EQ(*base::read_file(dir / "stage" / path), contents) << path;
}

TEST(Package, WhatWasOpenedIsExtractedAlthoughThePathNamesAnotherFileNow) {
  test::TempDir dir;
  auto package = open_sample(dir);
  Files other = {{"lib/orders.so", "something else"}};
  ASSERT_TRUE(make_package(dir, dir / "orders-1.0.0.ark", sample_manifest(other), other).ok());
  auto moved = std::move(package);
  ASSERT_TRUE(moved.extract(dir / "stage").ok());
  EXPECT_EQ(*base::read_file(dir / "stage/lib/orders.so"), kFiles.at("lib/orders.so"));
}

TEST(Package, AFileThatChangesWhileItIsOpenIsFoundOut) {
  test::TempDir dir;
  Files files = {{"lib/orders.so", noise(1'000'000)}};
  auto package = open_sample(dir, files);
  auto path = dir / "orders-1.0.0.ark";
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(500'000);
    file << "changed";
  }
  EXPECT_THAT(package.verify().text(), HasSubstr("entry \"lib/orders.so\" has the sha256 "));
  fs::resize_file(path, 400'000);
  EXPECT_THAT(package.verify().text(), HasSubstr("entry \"lib/orders.so\" cannot be read; the file has changed"));
}

TEST(Package, ExtractingNeverOverwritesAndTakesItsOwnFilesBack) {
  test::TempDir dir;
  auto package = open_sample(dir);
  auto stage = dir / "stage";
  fs::create_directories(stage / "lib");
  std::ofstream(stage / "lib/orders.so") << "mine";
  auto status = package.extract(stage);
  EXPECT_EQ(status.code(), Code::kAlreadyExists);
  EXPECT_THAT(status.text(), StartsWith("cannot write " + (stage / "lib/orders.so").native() + ": "));
  EXPECT_EQ(entries_below(stage), (std::set<std::string>{"lib", "lib/orders.so"}));
  EXPECT_EQ(*base::read_file(stage / "lib/orders.so"), "mine");
}

TEST(Package, ExtractingDoesNotFollowALinkOutOfTheFolder) {
  test::TempDir dir;
  auto package = open_sample(dir);
  auto stage = dir / "stage";
  fs::create_directories(stage / "lib");
  fs::create_symlink(dir / "outside", stage / "lib/orders.so");
  EXPECT_EQ(package.extract(stage).code(), Code::kAlreadyExists);
  EXPECT_FALSE(fs::exists(dir / "outside"));
}

TEST(Package, AFailedExtractionLeavesNothing) {
  test::TempDir dir;
  open_sample(dir);
  // Damage the last file, so that the others have been written when it is found.
  auto path = dir / "orders-1.0.0.ark";
  auto bytes = *base::read_file(path);
  Files files = {{"a.json", noise(100)}, {"lib/orders.so", noise(30'000)}, {"z/last", noise(100'000, 3)}};
  auto manifest = sample_manifest(files);
  ASSERT_TRUE(make_package(dir, path, manifest, files).ok());
  bytes = *base::read_file(path);
  auto at = bytes.find(files["z/last"].substr(50'000, 100));
  ASSERT_NE(at, bytes.npos);
  bytes[at] = static_cast<char>(~bytes[at]);
  std::ofstream(path, std::ios::binary) << bytes;
  auto package = Package::open(path);
  ASSERT_TRUE(package.ok()) << package.status().text();
  auto status = package->extract(dir / "stage");
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_THAT(status.text(), StartsWith(path.native() + ": entry \"z/last\" has the sha256 "));
  EXPECT_FALSE(fs::exists(dir / "stage"));
  EXPECT_EQ(package->verify().text(), status.text());
}

TEST(Package, ThePlaceToExtractToIsNamedWhenItCannotBeUsed) {
  test::TempDir dir;
  auto package = open_sample(dir);
  EXPECT_EQ(package.extract(dir / "none/stage").text(),
            "cannot make folder " + (dir / "none/stage").native() + ": No such file or directory");
  std::ofstream(dir / "file") << "x";
  EXPECT_EQ(package.extract(dir / "file").text(),
            "cannot open folder " + (dir / "file").native() + ": Not a directory");
}

TEST(Package, WhatIsNoPackageIsRefusedNamingIt) {
  test::TempDir dir;
  EXPECT_EQ(Package::open(dir / "none.ark").status().text(),
            "cannot open package " + (dir / "none.ark").native() + ": No such file or directory");
  EXPECT_EQ(Package::open(dir / "none.ark").status().code(), Code::kNotFound);
  EXPECT_THAT(Package::open(dir.path()).status().text(), HasSubstr("it is not a regular file"));
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(Package::open(dir / "fifo").status().text(), HasSubstr("it is not a regular file"));
  std::ofstream(dir / "empty.ark").flush();
  EXPECT_EQ(Package::open(dir / "empty.ark").status().text(),
            (dir / "empty.ark").native() + ": the file is empty; build or copy it again");
  std::ofstream(dir / "text.ark") << std::string(1000, 'x');
  EXPECT_THAT(Package::open(dir / "text.ark").status().text(),
              HasSubstr("it is not a zip file, or its end is missing"));
}

TEST(Package, LimitsAreKept) {
  test::TempDir dir;
  open_sample(dir);
  auto path = dir / "orders-1.0.0.ark";
  auto with = [&](PackageLimits limits) {
    auto status = Package::open(path, limits).status();
    EXPECT_EQ(status.code(), Code::kResourceExhausted);
    return status.text();
  };
  EXPECT_TRUE(Package::open(path, PackageLimits{.files = 4}).ok());
  EXPECT_THAT(with({.files = 3}), HasSubstr("it has 5 entries; at most 4 are allowed"));
  EXPECT_THAT(with({.file_size = 100'000}),
              HasSubstr("entry \"lib/private.so\" has 305000 bytes; at most 100000 are allowed"));
  EXPECT_THAT(with({.total_size = 330'000}), HasSubstr("its files have more than the 330000 bytes that are allowed"));
  EXPECT_THAT(with({.manifest_size = 100}), HasSubstr("entry \"ark.json\" declares "));
}

// ---- writing ----

TEST(WritePackage, RefusesAManifestThatDoesNotDescribeTheFiles) {
  test::TempDir dir;
  auto manifest = sample_manifest(kFiles);
  manifest.files[1].sha256[0] ^= 1;
  auto status = make_package(dir, dir / "a.ark", manifest, kFiles);
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.text(), HasSubstr("the manifest does not describe \"conf/orders.json\" as it is in "));
  auto more = kFiles;
  more["lib/extra.so"] = "x";
  EXPECT_THAT(make_package(dir, dir / "a.ark", sample_manifest(kFiles), more).text(),
              HasSubstr("the manifest does not describe \"lib/extra.so\""));
  auto fewer = kFiles;
  fewer.erase("conf/orders.json");
  EXPECT_THAT(make_package(dir, dir / "a.ark", sample_manifest(kFiles), fewer).text(),
              HasSubstr("the manifest lists \"conf/orders.json\", but it is missing"));
  manifest = sample_manifest(kFiles);
  manifest.name = "Bad Name";
  EXPECT_THAT(make_package(dir, dir / "a.ark", manifest, kFiles).text(),
              HasSubstr("a.ark/ark.json:4: name: \"Bad Name\" is not a module's name"));
  EXPECT_EQ(entries_below(dir.path()).count("a.ark"), 0u);
}

TEST(WritePackage, AFailureLeavesTheOldPackageAndNoTemporary) {
  test::TempDir dir;
  auto path = dir / "out/orders.ark";
  fs::create_directories(path.parent_path());
  ASSERT_TRUE(make_package(dir, path, sample_manifest(kFiles), kFiles).ok());
  auto before = *base::read_file(path);
  auto manifest = sample_manifest(kFiles);
  manifest.entry = "lib/none.so";
  EXPECT_FALSE(make_package(dir, path, manifest, kFiles).ok());
  EXPECT_EQ(*base::read_file(path), before);
  EXPECT_EQ(entries_below(path.parent_path()), (std::set<std::string>{"orders.ark"}));
  EXPECT_THAT(make_package(dir, dir / "none/orders.ark", sample_manifest(kFiles), kFiles).text(),
              StartsWith("cannot write package " + (dir / "none/orders.ark").native() + ": No such file"));
}

// ---- digests ----

TEST(Sha256, IsThatOfTheStandard) {
  // FIPS 180-2, appendix B.
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotCareHowTheTextIsCutAndStartsAnew) {
  Sha256 hash;
  hash.add("a");
  hash.add("");
  hash.add("bc");
  EXPECT_EQ(hash.finish_hex(), sha256_hex("abc"));
  hash.add("abc");
  EXPECT_EQ(hash.finish_hex(), sha256_hex("abc"));
}

TEST(Sha256, WorksOnSeveralThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::string> digests(4);
  for (auto& digest : digests) threads.emplace_back([&digest] { digest = sha256_hex("abc"); });
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(digests, ::testing::Each(sha256_hex("abc")));
}

}  // namespace
}  // namespace ark::container::package
