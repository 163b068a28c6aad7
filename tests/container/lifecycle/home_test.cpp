#include "lifecycle/home.hpp"
#include "lifecycle/incoming.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "sample_package.hpp"
#include "support/temp_dir.hpp"

namespace {

/// Entries of folders, . and .. among them, that can be read until the disk fails; negative: all.
int readable_entries = -1;

}  // namespace

/// Stands before the C library's.
extern "C" __attribute__((visibility("default"))) dirent* readdir(DIR* folder) {
  static const auto real = reinterpret_cast<dirent* (*)(DIR*)>(dlsym(RTLD_NEXT, "readdir"));
  if (readable_entries == 0) {
    errno = EIO;
    return nullptr;
  }
  if (readable_entries > 0) --readable_entries;
  return real(folder);
}

namespace ark::container::lifecycle {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

bool write_byte(int fd, char byte) { return ::write(fd, &byte, 1) == 1; }
char read_byte(int fd) {
  char byte = 0;
  return ::read(fd, &byte, 1) == 1 ? byte : 0;
}

class HomeTest : public testing::Test {
 protected:
  void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
  Result<Home> take(int kept_stages = 3) { return Home::take(root_ / "home", kept_stages); }

  const test::TempDir temp_;
  const fs::path root_ = temp_.path();
};

TEST_F(HomeTest, MakesItsFoldersForTheUserAlone) {
  auto home = take();
  ASSERT_TRUE(home.ok()) << home.status().text();
  for (const char* name : {"conf", "modules", "run", "logs", "data"}) {
    struct stat info;
    ASSERT_EQ(stat((root_ / "home" / name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0700u) << name;
  }
  EXPECT_TRUE(fs::is_directory(home->stage()));
}

TEST_F(HomeTest, ASecondContainerIsRefusedAndToldWhoHasIt) {
  int ready[2], release[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(release), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    auto home = take();
    char byte = home.ok() ? 'y' : 'n';
    if (write_byte(ready[1], byte)) read_byte(release[0]);
    _exit(0);
  }
  ASSERT_EQ(read_byte(ready[0]), 'y');
  auto second = take();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(second.status().text(), HasSubstr("used by another container, process " + std::to_string(holder)));
  write_byte(release[1], 'x');
  waitpid(holder, nullptr, 0);
  EXPECT_TRUE(take().ok());  // the lock of a dead process is no lock
}

TEST_F(HomeTest, BringsAPackageInKeepsItAndListsIt) {
  auto home = take();
  ASSERT_TRUE(home.ok());
  test::write_sample(root_ / "x.ark", "orders", "1.0.0");
  auto package = package::Package::open(root_ / "x.ark");
  ASSERT_TRUE(package.ok());
  Incoming incoming(home->modules());
  ASSERT_TRUE(incoming.bring_in(*package).ok());
  EXPECT_TRUE(Home::packages_in(home->modules())->empty());  // not yet a package
  auto kept = incoming.keep("orders-1.0.0.ark");
  ASSERT_TRUE(kept.ok());
  EXPECT_THAT(*Home::packages_in(home->modules()), ElementsAre(home->modules() / "orders-1.0.0.ark"));
  EXPECT_TRUE(home->remove(*kept).ok());
  EXPECT_TRUE(Home::packages_in(home->modules())->empty());
}

TEST_F(HomeTest, WhatIsNotKeptIsGone) {
  auto home = take();
  ASSERT_TRUE(home.ok());
  test::write_sample(root_ / "x.ark", "orders", "1.0.0");
  auto package = package::Package::open(root_ / "x.ark");
  ASSERT_TRUE(package.ok());
  {
    Incoming incoming(home->modules());
    ASSERT_TRUE(incoming.bring_in(*package).ok());
    EXPECT_FALSE(fs::is_empty(home->modules()));
  }
  EXPECT_TRUE(fs::is_empty(home->modules()));
}

TEST_F(HomeTest, SaysThatAFolderCannotBeReadToItsEnd) {
  for (const char* name : {"a.ark", "b.ark"}) write(root_ / name, "");
  readable_entries = 3;
  const auto found = Home::packages_in(root_);
  readable_entries = -1;
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.status().text(), testing::AllOf(HasSubstr(root_.string()), HasSubstr("Input/output error")));
}

TEST_F(HomeTest, RemovesWhatInterruptedInstallsLeft) {
  { ASSERT_TRUE(take().ok()); }
  const auto state = root_ / "home/data/.container";
  fs::create_directories(state);
  for (const char* name : {".incoming.1-1", ".incoming.1-1.1-2", ".removed.1-3"}) write(root_ / "home/modules" / name, "half");
  for (const char* name : {"state.json", ".state.json.1-4", ".state.json.1-4.1-5"}) write(state / name, "{}");
  ASSERT_TRUE(take().ok());
  EXPECT_TRUE(fs::is_empty(root_ / "home/modules"));
  EXPECT_EQ(std::distance(fs::directory_iterator(state), {}), 1);
  EXPECT_TRUE(fs::exists(state / "state.json"));
}

TEST_F(HomeTest, KeepsTheNewestStagesOfRunsThatDidNotEndCleanly) {
  { ASSERT_TRUE(take().ok()); }
  const auto stages = root_ / "home/run/stage";
  fs::remove_all(stages);
  for (const char* id : {"20200101-000000-1", "20200102-000000-1", "20200103-000000-1"}) fs::create_directories(stages / id);
  auto home = take(2);
  ASSERT_TRUE(home.ok());
  EXPECT_FALSE(fs::exists(stages / "20200101-000000-1"));
  EXPECT_TRUE(fs::exists(stages / "20200102-000000-1"));
  EXPECT_TRUE(fs::exists(stages / "20200103-000000-1"));
  home->discard_stage();
  EXPECT_FALSE(fs::exists(home->stage()));
}

TEST_F(HomeTest, SaysWhichFileIsInTheWay) {
  write(root_ / "home", "not a folder");
  auto home = take();
  ASSERT_FALSE(home.ok());
  EXPECT_THAT(home.status().text(), HasSubstr((root_ / "home").string()));
}

}  // namespace
}  // namespace ark::container::lifecycle
