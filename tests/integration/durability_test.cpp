// What was installed is there again at the next start, and a process killed in the middle leaves all of it or nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Container;
using ark::container::Options;
using ark::container::State;
using ark::test::fixture;
using ark::test::TempDir;
using testing::ElementsAre;
using testing::IsEmpty;

std::unique_ptr<Container> started(const fs::path& home) {
  Options options;
  options.home = home;
  auto container = Container::create(std::move(options));
  EXPECT_TRUE(container.ok()) << container.status().text();
  const auto start = (*container)->start();
  EXPECT_TRUE(start.status.ok()) << start.status.text();
  return std::move(*container);
}

std::vector<std::string> up(const Container& container) {
  std::vector<std::string> labels;
  for (const auto& module : container.modules()) {
    labels.push_back(module.name + " " + module.version + " " + std::string(state_name(module.state)));
  }
  return labels;
}

TEST(Durability, WhatWasInstalledIsStartedAgain) {
  TempDir temp;
  {
    auto container = started(temp.path() / "home");
    ASSERT_TRUE(container->install(fixture("echo"), {}).status.ok());
    ASSERT_TRUE(container->install(fixture("plain"), {false, true}).status.ok());
    EXPECT_TRUE(container->stop().status.ok());
  }
  auto container = started(temp.path() / "home");
  EXPECT_THAT(up(*container), ElementsAre("echo 1.0.0 ACTIVATED")) << "plain was transient";
  ASSERT_TRUE(container->uninstall("echo", false).status.ok());
  EXPECT_TRUE(container->stop().status.ok());
  container.reset();
  EXPECT_THAT(up(*started(temp.path() / "home")), IsEmpty());
}

TEST(Durability, AReplacementIsWhatIsStartedAgain) {
  TempDir temp;
  {
    auto container = started(temp.path() / "home");
    ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
    const auto replaced = container->replace(fixture("plain-1.1"), {});
    ASSERT_TRUE(replaced.status.ok()) << replaced.status.text();
    EXPECT_TRUE(container->stop().status.ok());
  }
  EXPECT_THAT(up(*started(temp.path() / "home")), ElementsAre("plain 1.1.0 ACTIVATED"));
}

TEST(Durability, AFailedReplacementLeavesTheOldOneInPlace) {
  TempDir temp;
  auto container = started(temp.path() / "home");
  ASSERT_TRUE(container->install(fixture("plain"), {}).status.ok());
  const auto replaced = container->replace(fixture("plain-broken"), {});
  EXPECT_FALSE(replaced.status.ok());
  EXPECT_THAT(replaced.status.text(), testing::HasSubstr("plain 1.0.0 goes on"));
  EXPECT_THAT(up(*container), ElementsAre("plain 1.0.0 ACTIVATED"));
  EXPECT_TRUE(fs::exists(temp.path() / "home/modules/plain-1.0.0.ark"));
  EXPECT_TRUE(container->stop().status.ok());
}

/// A child that installs and uninstalls until it is killed.
pid_t busy_child(const fs::path& home) {
  const pid_t child = fork();
  if (child != 0) return child;
  Options options;
  options.home = home;
  auto container = Container::create(std::move(options));
  if (!container.ok() || !(*container)->start().status.ok()) _exit(1);
  std::ofstream(home / "running") << "yes";
  for (;;) {
    if (!(*container)->install(fixture("echo"), {}).status.ok()) _exit(2);
    if (!(*container)->replace(fixture("echo"), {}).status.ok()) _exit(3);
    if (!(*container)->uninstall("echo", false).status.ok()) _exit(4);
  }
}

TEST(Durability, AProcessKilledDuringAnInstallLeavesAllOfItOrNothing) {
  TempDir temp;
  const auto home = temp.path() / "home";
  int present = 0;
  for (int round = 0; round < 40; ++round) {
    fs::remove(home / "running");
    const pid_t child = busy_child(home);
    ASSERT_GT(child, 0);
    while (!fs::exists(home / "running")) ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "the child ended by itself";
    timespec pause{0, round * 531'000};  // somewhere in the middle of it, elsewhere each time
    nanosleep(&pause, nullptr);
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself with status " << WEXITSTATUS(status);

    auto container = started(home);
    const auto there = up(*container);
    if (!there.empty()) {
      ++present;
      EXPECT_THAT(there, ElementsAre("echo 1.0.0 ACTIVATED"));
      EXPECT_TRUE(container->uninstall("echo", false).status.ok());
    }
    for (const auto& file : fs::directory_iterator(home / "modules")) ADD_FAILURE() << file.path() << " was left behind";
    EXPECT_TRUE(container->stop().status.ok());
  }
  std::printf("%d of 40 kills came when the module was installed\n", present);
}

}  // namespace
