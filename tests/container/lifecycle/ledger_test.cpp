#include "lifecycle/ledger.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <set>

#include "sample_package.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;

/// While one is there, the disk fails where it is told to. One thread.
struct Disk {
  Disk() { disk = this; }
  ~Disk() { disk = nullptr; }

  std::function<bool(const fs::path& file)> sync_fails = [](const auto&) { return false; };
  std::function<bool(const fs::path& from)> rename_fails = [](const auto&) { return false; };
  std::set<fs::path> synced;

  static inline Disk* disk = nullptr;
};

}  // namespace

/// These stand before the C library's.
extern "C" __attribute__((visibility("default"))) int fsync(int fd) {
  static const auto real = reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, "fsync"));
  if (Disk::disk) {
    std::error_code ignored;
    const auto file = fs::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored);
    if (Disk::disk->sync_fails(file)) {
      errno = EIO;
      return -1;
    }
    Disk::disk->synced.insert(file);
  }
  return real(fd);
}

extern "C" __attribute__((visibility("default"))) int rename(const char* from, const char* to) noexcept {
  static const auto real = reinterpret_cast<int (*)(const char*, const char*)>(dlsym(RTLD_NEXT, "rename"));
  if (Disk::disk && Disk::disk->rename_fails(from)) {
    errno = EPERM;
    return -1;
  }
  return real(from, to);
}

namespace ark::container::lifecycle {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Kept kept(const std::string& name, const char* version, State state, const std::string& contents = "code") {
  return {std::make_shared<const package::Manifest>(test::sample_manifest(name, version, contents)), state};
}

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() { start(); }

  /// As the next process finds it.
  void start() {
    ledger_.reset();
    home_.reset();
    auto home = Home::take(root_ / "home", 3);
    ASSERT_TRUE(home.ok()) << home.status().text();
    home_.emplace(std::move(*home));
    ledger_.emplace(*home_, false);
    const auto opened = ledger_->open();
    EXPECT_TRUE(opened.ok()) << opened.text();
  }

  /// An install, or a replacement of the file `old`.
  Result<Ledger::Brought> bring(const std::string& name, const char* version, State state = State::kActivated,
                                const std::vector<Kept>& others = {}, const std::string& old = "", const std::string& contents = "code") {
    test::write_sample(root_ / "x.ark", name, version, contents);
    auto package = package::Package::open(root_ / "x.ark");
    EXPECT_TRUE(package.ok()) << package.status().text();
    Incoming incoming(home_->modules());
    const auto brought_in = incoming.bring_in(*package);
    EXPECT_TRUE(brought_in.ok()) << brought_in.text();
    std::vector<Kept> changes{kept(name, version, state, contents)};
    changes.insert(changes.end(), others.begin(), others.end());
    return ledger_->bring(incoming, changes, old);
  }
  Result<Ledger::Brought> replace_2_0_by_1_9() {
    return bring("orders", "1.9.0", State::kActivated, {kept("orders", "2.0.0", State::kUnloaded)}, "orders-2.0.0.ark");
  }

  std::vector<std::string> modules() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(home_->modules())) names.push_back(file.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string contents_of(const char* name) const {
    fs::remove_all(root_ / "out");
    const auto package = package::Package::open(home_->modules() / name);
    const auto extracted = package.ok() ? package->extract(root_ / "out") : package.status();
    if (!extracted.ok()) return extracted.text();
    return *base::read_file(root_ / "out/lib/orders.so");
  }

  const test::TempDir temp_;
  const fs::path root_ = temp_.path();
  std::optional<Home> home_;
  std::optional<Ledger> ledger_;
};

// ---- a disk that fails after the file has its name ----

TEST_F(LedgerTest, AReplacementThatCannotBeSyncedIsAsIfItHadNotBeen) {
  ASSERT_TRUE(bring("orders", "2.0.0").ok());
  {
    Disk disk;
    disk.sync_fails = [&](const fs::path& file) { return file == home_->modules(); };
    const auto refused = replace_2_0_by_1_9();
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.status().text(), AllOf(HasSubstr(home_->modules().string()), HasSubstr("Input/output error")));
  }
  EXPECT_THAT(modules(), ElementsAre("orders-2.0.0.ark"));
  start();
  EXPECT_THAT(modules(), ElementsAre("orders-2.0.0.ark"));
  EXPECT_EQ(ledger_->remembered(), Remembered());
}

TEST_F(LedgerTest, AnotherBuildOfTheSameVersionThatCannotBeSyncedLeavesTheOldOne) {
  ASSERT_TRUE(bring("orders", "1.0.0", State::kActivated, {}, "", "old").ok());
  {
    Disk disk;
    disk.sync_fails = [&](const fs::path& file) { return file == home_->modules(); };
    EXPECT_FALSE(bring("orders", "1.0.0", State::kActivated, {}, "orders-1.0.0.ark", "new").ok());
  }
  EXPECT_THAT(modules(), ElementsAre("orders-1.0.0.ark"));
  EXPECT_EQ(contents_of("orders-1.0.0.ark"), "old");
  EXPECT_TRUE(bring("orders", "1.0.0", State::kActivated, {}, "orders-1.0.0.ark", "new").ok());
  EXPECT_THAT(modules(), ElementsAre("orders-1.0.0.ark")) << "nothing is left of the old one";
  EXPECT_EQ(contents_of("orders-1.0.0.ark"), "new");
}

TEST_F(LedgerTest, ARemovalThatCannotBeSyncedLeavesThePackage) {
  ASSERT_TRUE(bring("orders", "1.0.0").ok());
  Disk disk;
  disk.sync_fails = [&](const fs::path& file) { return file == home_->modules(); };
  EXPECT_FALSE(ledger_->drop(home_->modules() / "orders-1.0.0.ark", kept("orders", "1.0.0", State::kUnloaded)).ok());
  EXPECT_THAT(modules(), ElementsAre("orders-1.0.0.ark"));
  EXPECT_TRUE(ledger_->keeps_active("orders"));
}

TEST_F(LedgerTest, AStateThatCannotBeSyncedIsAsIfItHadNotBeenWritten) {
  ASSERT_TRUE(bring("orders", "1.0.0").ok());
  ASSERT_TRUE(bring("audit", "1.0.0").ok());
  ASSERT_TRUE(ledger_->change({kept("audit", "1.0.0", State::kStopped)}).ok());
  {
    Disk disk;
    disk.sync_fails = [&](const fs::path& file) { return file == Home::state_of(home_->path()); };
    EXPECT_FALSE(ledger_->change({kept("orders", "1.0.0", State::kStopped)}).ok());
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(Home::state_of(home_->path())), {}), 1) << "only state.json";
  start();
  EXPECT_THAT(ledger_->remembered().stopped, ElementsAre("audit:1.0.0"));
}

TEST_F(LedgerTest, AStateThatCouldNotBePutBackIsWrittenByTheNextChange) {
  ASSERT_TRUE(bring("orders", "1.0.0").ok());
  ASSERT_TRUE(ledger_->change({kept("orders", "1.0.0", State::kStopped)}).ok());
  {
    Disk disk;
    disk.sync_fails = [&](const fs::path& file) { return file == Home::state_of(home_->path()); };
    disk.rename_fails = [calls = 0](const fs::path&) mutable { return ++calls > 1; };
    const auto refused = ledger_->change({kept("orders", "1.0.0", State::kActivated)});
    EXPECT_THAT(refused.text(), HasSubstr("state.json could not be put back as it was"));
  }
  ASSERT_TRUE(ledger_->change({kept("orders", "1.0.0", State::kStopped)}).ok()) << "what holds already";
  start();
  EXPECT_THAT(ledger_->remembered().stopped, ElementsAre("orders:1.0.0"));
}

/// While it lives, so many more files can be opened.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t free) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    const rlimit now{static_cast<rlim_t>(next) + free, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

TEST_F(LedgerTest, WithoutDescriptorsNothingChanges) {
  ASSERT_TRUE(bring("orders", "1.0.0", State::kActivated, {}, "", "old").ok());
  test::write_sample(root_ / "x.ark", "orders", "1.0.0", "new");
  auto package = package::Package::open(root_ / "x.ark");
  ASSERT_TRUE(package.ok());
  {
    Incoming incoming(home_->modules());
    ASSERT_TRUE(incoming.bring_in(*package).ok());
    FewDescriptors none(0);
    EXPECT_EQ(ledger_->bring(incoming, {kept("orders", "1.0.0", State::kActivated, "new")}, "orders-1.0.0.ark").status().code(),
              Code::kResourceExhausted);
    EXPECT_EQ(ledger_->drop(home_->modules() / "orders-1.0.0.ark", kept("orders", "1.0.0", State::kUnloaded)).code(), Code::kResourceExhausted);
  }
  EXPECT_EQ(contents_of("orders-1.0.0.ark"), "old");
  fs::create_directories(Home::state_of(home_->path()));
  for (rlim_t free : {0, 1}) {
    FewDescriptors few(free);
    EXPECT_EQ(ledger_->change({kept("orders", "1.0.0", State::kStopped)}).code(), Code::kResourceExhausted);
  }
  start();
  EXPECT_THAT(modules(), ElementsAre("orders-1.0.0.ark"));
  EXPECT_THAT(ledger_->remembered().stopped, IsEmpty());
}

// ---- what could not be removed ----

TEST_F(LedgerTest, AnOldPackageThatCouldNotBeRemovedDoesNotComeBack) {
  ASSERT_TRUE(bring("orders", "2.0.0").ok());
  {
    Disk disk;
    disk.rename_fails = [&](const fs::path& from) { return from.filename() == "orders-2.0.0.ark"; };
    const auto brought = replace_2_0_by_1_9();
    ASSERT_TRUE(brought.ok()) << brought.status().text();
    EXPECT_THAT(brought->removal.text(), HasSubstr("cannot remove " + (home_->modules() / "orders-2.0.0.ark").string()));
    ASSERT_TRUE(bring("audit", "1.0.0", State::kDeactivated).ok()) << "something that has to be remembered";
    EXPECT_THAT(modules(), ElementsAre("audit-1.0.0.ark", "orders-1.9.0.ark", "orders-2.0.0.ark"));
  }
  start();
  EXPECT_THAT(modules(), ElementsAre("audit-1.0.0.ark", "orders-1.9.0.ark"));
}

TEST_F(LedgerTest, AnOldPackageIsRemovedByTheNextChangeThatCan) {
  ASSERT_TRUE(bring("orders", "2.0.0").ok());
  {
    Disk disk;
    disk.rename_fails = [&](const fs::path& from) { return from.filename() == "orders-2.0.0.ark"; };
    ASSERT_TRUE(replace_2_0_by_1_9().ok());
    const auto again = bring("orders", "2.0.0", State::kDeactivated);
    EXPECT_THAT(again.status().text(), HasSubstr("cannot remove " + (home_->modules() / "orders-2.0.0.ark").string()));
    EXPECT_THAT(modules(), ElementsAre("orders-1.9.0.ark", "orders-2.0.0.ark"));
  }
  ASSERT_TRUE(ledger_->change({kept("orders", "1.9.0", State::kStopped)}).ok());
  EXPECT_THAT(modules(), ElementsAre("orders-1.9.0.ark"));
}

TEST_F(LedgerTest, APackageThatComesAgainIsNotWhatWasLeftOver) {
  ASSERT_TRUE(bring("orders", "2.0.0").ok());
  ASSERT_TRUE(bring("audit", "1.0.0").ok());
  {
    Disk disk;
    disk.rename_fails = [&](const fs::path& from) { return from.filename() == "orders-2.0.0.ark"; };
    ASSERT_TRUE(replace_2_0_by_1_9().ok());
    ASSERT_TRUE(ledger_->change({kept("audit", "1.0.0", State::kStopped)}).ok()) << "which writes down what is left over";
  }
  ASSERT_TRUE(bring("orders", "2.0.0").ok());
  start();
  EXPECT_THAT(modules(), ElementsAre("audit-1.0.0.ark", "orders-1.9.0.ark", "orders-2.0.0.ark"));
}

// ---- files that people have named ----

TEST_F(LedgerTest, APackageThatComesDoesNotTakeThePlaceOfAnotherModule) {
  const auto place = home_->modules() / "orders-1.1.0.ark";
  test::write_sample(place, "audit", "1.0.0", "audit's");
  const auto refused = bring("orders", "1.1.0");
  EXPECT_EQ(refused.status().code(), Code::kAlreadyExists);
  EXPECT_EQ(refused.status().text(), place.string() + " is in the way of orders 1.1.0: it is the package of audit 1.0.0; "
                                                      "stop the container and rename it to audit-1.0.0.ark");
  EXPECT_EQ(contents_of("orders-1.1.0.ark"), "audit's");
  EXPECT_FALSE(ledger_->keeps_active("orders"));
}

TEST_F(LedgerTest, APackageThatComesDoesNotTakeThePlaceOfWhatCannotBeRead) {
  const auto place = home_->modules() / "orders-1.1.0.ark";
  std::ofstream(place) << "somebody's";
  const auto refused = bring("orders", "1.1.0");
  EXPECT_EQ(refused.status().code(), Code::kAlreadyExists);
  EXPECT_THAT(refused.status().text(), AllOf(HasSubstr(place.string() + " is in the way of orders 1.1.0: "), HasSubstr("move it away")));
  EXPECT_EQ(*base::read_file(place), "somebody's");
}

TEST_F(LedgerTest, APackageThatComesTakesThePlaceOfTheSameModule) {
  test::write_sample(home_->modules() / "orders-1.1.0.ark", "orders", "1.1.0", "old");
  EXPECT_TRUE(bring("orders", "1.1.0", State::kActivated, {}, "", "new").ok());
  EXPECT_EQ(contents_of("orders-1.1.0.ark"), "new");
}

// ---- new folders ----

TEST_F(LedgerTest, NewFoldersAreSyncedInThoseAboveThem) {
  Disk disk;
  {
    const auto home = Home::take(root_ / "above/new", 3);
    ASSERT_TRUE(home.ok()) << home.status().text();
    EXPECT_THAT(disk.synced, testing::UnorderedElementsAre(root_, root_ / "above", home->path(), home->data(), home->path() / "run"));
  }
  disk.synced.clear();
  ASSERT_TRUE(Home::take(root_ / "above/new", 3).ok());
  EXPECT_THAT(disk.synced, IsEmpty()) << "the next start waits for nothing";
}

TEST_F(LedgerTest, ANewFolderThatCannotBeSyncedIsMadeByTheNextTry) {
  Disk disk;
  disk.sync_fails = [&](const fs::path& file) { return file == root_; };
  EXPECT_THAT(Home::take(root_ / "new", 3).status().text(), HasSubstr("cannot sync folder " + root_.string()));
  EXPECT_FALSE(fs::exists(root_ / "new"));
}

}  // namespace
}  // namespace ark::container::lifecycle
