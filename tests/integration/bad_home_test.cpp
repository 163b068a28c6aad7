// Homes that cannot be used, or can no longer be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Code;
using ark::container::Container;
using ark::container::Options;
using ark::test::fixture;
using ark::test::ServingContainer;
using ark::test::TempDir;
using testing::HasSubstr;

Options options_for(const fs::path& home) {
  Options options;
  options.home = home;
  return options;
}

/// A memory file system of its own; needs the right to mount, which a test run as root has.
class Mounted {
 public:
  Mounted(fs::path at, unsigned long flags, const char* options) : at_(std::move(at)) {
    fs::create_directories(at_);
    good_ = mount("ark-test", at_.c_str(), "tmpfs", flags, options) == 0;
  }
  ~Mounted() {
    if (good_) umount2(at_.c_str(), MNT_DETACH);
  }
  bool good() const { return good_; }

 private:
  fs::path at_;
  bool good_;
};

#define NEEDS(mounted) \
  if (!mounted.good()) GTEST_SKIP() << "this user may not mount a file system"

TEST(BadHome, MountedNoexecIsRefusedByName) {
  TempDir temp;
  Mounted home(temp.path() / "home", MS_NOEXEC, "size=4m");
  NEEDS(home);
  auto created = Container::create(options_for(temp.path() / "home"));
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(created.status().text(), HasSubstr("mounted noexec"));
}

TEST(BadHome, ReadOnlyIsRefusedByName) {
  TempDir temp;
  Mounted home(temp.path() / "home", MS_RDONLY, "size=4m");
  NEEDS(home);
  auto created = Container::create(options_for(temp.path() / "home"));
  ASSERT_FALSE(created.ok());
  EXPECT_THAT(created.status().text(), HasSubstr((temp.path() / "home").string()));
  EXPECT_THAT(created.status().text(), HasSubstr("Read-only file system"));
}

TEST(BadHome, ThatIsAFileIsRefusedByName) {
  TempDir temp;
  std::ofstream(temp.path() / "home") << "x";
  auto created = Container::create(options_for(temp.path() / "home"));
  ASSERT_FALSE(created.ok());
  EXPECT_THAT(created.status().text(), HasSubstr((temp.path() / "home").string()));
}

TEST(BadHome, WithoutTheRightToWriteIsRefusedByName) {
  TempDir temp;
  fs::create_directory(temp.path() / "home");
  chmod(temp.path().c_str(), 0755);
  chmod((temp.path() / "home").c_str(), 0555);
  int answer[2];
  ASSERT_EQ(pipe(answer), 0);
  const pid_t child = fork();
  if (child == 0) {  // root may write everywhere: nobody does it
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(2);
    auto created = Container::create(options_for(temp.path() / "home"));
    const std::string text = created.ok() ? "it was accepted" : created.status().text();
    _exit(write(answer[1], text.data(), text.size()) > 0 ? 0 : 1);
  }
  close(answer[1]);
  std::string text(4096, ' ');
  text.resize(static_cast<size_t>(std::max<ssize_t>(0, read(answer[0], text.data(), text.size()))));
  close(answer[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_THAT(text, HasSubstr("Permission denied"));
  EXPECT_THAT(text, HasSubstr((temp.path() / "home").string()));
}

TEST(BadHome, ThatIsFullRefusesAnInstallLeavesNothingAndStillServes) {
  TempDir temp;
  Mounted home(temp.path() / "home", 0, "size=1m");
  NEEDS(home);
  auto created = Container::create(options_for(temp.path() / "home"));
  ASSERT_TRUE(created.ok()) << created.status().text();
  auto& container = **created;
  ASSERT_TRUE(container.start().status.ok());
  ASSERT_TRUE(container.install(fixture("echo"), {}).status.ok());
  const auto filler = temp.path() / "home" / "filler";
  {
    std::ofstream out(filler, std::ios::binary);
    const std::string block(4096, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  const auto installed = container.install(fixture("plain"), {});
  EXPECT_EQ(installed.status.code(), Code::kResourceExhausted) << installed.status.text();
  EXPECT_THAT(installed.status.text(), HasSubstr("No space left on device"));
  EXPECT_FALSE(fs::exists(temp.path() / "home/modules/plain-1.0.0.ark"));
  ASSERT_EQ(container.modules().size(), 1u);
  fs::remove(filler);
  const auto again = container.install(fixture("plain"), {});
  EXPECT_TRUE(again.status.ok()) << again.status.text();
  {
    ark::test::HostContext host(container, "test");
    EXPECT_EQ(host->reference<fixture::Echo>()->echo("still here"), "still here");
  }
  EXPECT_TRUE(container.stop().status.ok());
}

/// What a write into a file that has grown to `bytes` meets: an error, as on a full disk, but without a disk of one's
/// own.
class LargestFile {
 public:
  explicit LargestFile(rlim_t bytes) : on_signal_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~LargestFile() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, on_signal_);
  }

 private:
  rlimit before_;
  void (*on_signal_)(int);
};

TEST(BadHome, ThatTakesNoMoreBytesRefusesAnInstallLeavesNothingAndStillServes) {
  ServingContainer container;
  {
    LargestFile limit(4096);
    const auto installed = container->install(fixture("plain"), {});
    EXPECT_FALSE(installed.status.ok());
    EXPECT_THAT(installed.status.text(), HasSubstr(container.home().string()));
    EXPECT_THAT(installed.status.text(), HasSubstr("File too large"));
    EXPECT_FALSE(container.info("plain"));
    EXPECT_TRUE(fs::is_empty(container.home() / "modules"));
  }
  EXPECT_TRUE(container->install(fixture("plain"), {}).status.ok());
  EXPECT_TRUE(container->uninstall("plain", false).status.ok());
  container.expect_still_serves();
}

TEST(BadHome, OfARunningContainerIsRefusedAndThatOneStillServes) {
  ServingContainer first;
  auto second = Container::create(options_for(first.home()));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kFailedPrecondition);
  EXPECT_THAT(second.status().text(), HasSubstr("used by another container, process " + std::to_string(getpid())));
  first.expect_still_serves();
}

}  // namespace
