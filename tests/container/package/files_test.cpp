#include "base/files.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <set>

#include "support/temp_dir.hpp"

namespace ark::container::base {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

size_t entries_in(const std::filesystem::path& folder) {
  return static_cast<size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

TEST(Files, WhatIsWrittenIsReadBack) {
  test::TempDir dir;
  std::string data(300'000, 'x');
  data[7] = '\0';
  ASSERT_TRUE(write_file_synced(dir / "a", data).ok());
  auto read = read_file(dir / "a");
  ASSERT_TRUE(read.ok()) << read.status().text();
  EXPECT_EQ(*read, data);
}

TEST(Files, WritingReplacesTheFileAndLeavesNoTemporary) {
  test::TempDir dir;
  ASSERT_TRUE(write_file_synced(dir / "a", "old").ok());
  ASSERT_TRUE(write_file_synced(dir / "a", "new", 0640).ok());
  EXPECT_EQ(*read_file(dir / "a"), "new");
  EXPECT_EQ(entries_in(dir.path()), 1u);
  struct stat info;
  ASSERT_EQ(::stat((dir / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777 & ~0640, 0u);
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNoTemporary) {
  test::TempDir dir;
  std::filesystem::create_directory(dir / "a");
  std::ofstream(dir / "a/inside") << "old";
  auto status = write_file_synced(dir / "a", "new");  // a folder cannot be replaced by a file
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.text(), StartsWith("cannot write " + (dir / "a").native() + ": "));
  EXPECT_EQ(*read_file(dir / "a/inside"), "old");
  EXPECT_EQ(entries_in(dir.path()), 1u);
}

TEST(Files, AMissingFileIsNotFoundAndNamed) {
  test::TempDir dir;
  auto read = read_file(dir / "none");
  EXPECT_EQ(read.status().code(), Code::kNotFound);
  EXPECT_EQ(read.status().text(), "cannot read " + (dir / "none").native() + ": No such file or directory");
}

TEST(Files, AFileAboveTheLimitIsRefused) {
  test::TempDir dir;
  std::ofstream(dir / "a") << "12345";
  EXPECT_TRUE(read_file(dir / "a", 5).ok());
  auto read = read_file(dir / "a", 4);
  EXPECT_EQ(read.status().code(), Code::kResourceExhausted);
  EXPECT_THAT(read.status().text(), HasSubstr("larger than 4 bytes"));
}

TEST(Files, WhatIsNoRegularFileIsRefusedAtOnce) {
  test::TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(read_file(dir / "fifo").status().text(), HasSubstr("not a regular file"));
  EXPECT_THAT(read_file(dir.path()).status().text(), HasSubstr("Is a directory"));
}

TEST(Files, FilesOfTheKernelAreReadToTheirEndThoughTheirSizeIsZero) {
  auto read = read_file("/proc/self/status");
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(*read, HasSubstr("VmRSS"));
}

TEST(Files, FoldersAreMadeWithTheirModeAndThoseThatExistKeepTheirs) {
  test::TempDir dir;
  std::filesystem::create_directory(dir / "a");
  std::filesystem::permissions(dir / "a", std::filesystem::perms(0755));
  ASSERT_TRUE(make_dirs(dir / "a/b/c").ok());
  ASSERT_TRUE(make_dirs(dir / "a/b/c").ok());
  struct stat info;
  ASSERT_EQ(::stat((dir / "a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat((dir / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0755u);
}

TEST(Files, AFileWhereAFolderShouldBeIsNamed) {
  test::TempDir dir;
  std::ofstream(dir / "a") << "x";
  EXPECT_EQ(make_dirs(dir / "a").text(), "cannot make folder " + (dir / "a").native() + ": Not a directory");
  EXPECT_EQ(make_dirs(dir / "a/b").text(), "cannot make folder " + (dir / "a/b").native() + ": Not a directory");
}

TEST(Files, ErrorsSayWhatToDoWhereThereIsSomethingToDo) {
  auto status = errno_status(ENOSPC, "write", "/data/x");
  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_EQ(status.text(), "cannot write /data/x: No space left on device; free some space there");
  EXPECT_EQ(errno_status(EACCES, "open", "/x").code(), Code::kFailedPrecondition);
}

TEST(Files, AFullDiskIsAnErrorAndNotAShortFile) {
  Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  EXPECT_FALSE(write_fully(full.get(), "x"));
  EXPECT_EQ(errno, ENOSPC);
}

TEST(Files, ReadingPastTheEndFailsWithoutAnErrno) {
  test::TempDir dir;
  std::ofstream(dir / "a") << "123";
  Descriptor file(::open((dir / "a").c_str(), O_RDONLY | O_CLOEXEC));
  char out[4];
  EXPECT_TRUE(read_fully(file.get(), out, 2, 1));
  EXPECT_FALSE(read_fully(file.get(), out, 3, 1));
  EXPECT_EQ(errno, 0);
}

TEST(Files, AMovedDescriptorIsClosedOnce) {
  Descriptor a(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  int fd = a.get();
  Descriptor b(std::move(a));
  EXPECT_FALSE(a.valid());
  EXPECT_EQ(b.get(), fd);
  b = Descriptor();
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(Files, TemporaryNamesDiffer) {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(unique_name("x"));
  EXPECT_EQ(names.size(), 100u);
  EXPECT_THAT(*names.begin(), StartsWith("x."));
}

TEST(Status, EveryCodeHasItsNameAndOthersAreInternal) {
  EXPECT_EQ(code_name(Code::kOk), "OK");
  EXPECT_EQ(code_name(Code::kWouldDeadlock), "WOULD_DEADLOCK");
  std::set<std::string_view> names;
  for (int code = 0; code <= ARK_STATUS_INTERNAL; ++code) names.insert(code_name(static_cast<Code>(code)));
  EXPECT_EQ(names.size(), static_cast<size_t>(ARK_STATUS_INTERNAL) + 1);
  EXPECT_EQ(code_name(static_cast<Code>(99)), "INTERNAL");
}

}  // namespace
}  // namespace ark::container::base
