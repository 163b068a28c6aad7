// What was installed is there again at the next start, and a process killed in the middle leaves all of it or nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Container;
using ark::container::Options;
using ark::container::State;
using ark::test::fixture;
using ark::test::TempDir;
using testing::AnyOf;
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

/// One round of work in a child; false if an operation failed.
using Work = bool (*)(Container&);

bool install_and_uninstall(Container& container) {
  return container.install(fixture("echo"), {}).status.ok() && container.replace(fixture("echo"), {}).status.ok() &&
         container.uninstall("echo", false).status.ok();
}

bool replace_to_and_fro(Container& container) {
  if (container.modules().empty() && !container.install(fixture("plain"), {}).status.ok()) return false;
  return container.replace(fixture("plain-1.1"), {}).status.ok() && container.replace(fixture("plain"), {}).status.ok();
}

/// Forks a child that works until it is killed: in the middle of it, elsewhere in each round.
void work_and_be_killed(const fs::path& home, Work work, int round) {
  fs::remove(home / "running");
  const pid_t child = fork();
  if (child == 0) {
    Options options;
    options.home = home;
    auto container = Container::create(std::move(options));
    if (!container.ok() || !(*container)->start().status.ok()) _exit(1);
    std::ofstream(home / "running") << "yes";
    while (work(**container)) {
    }
    _exit(2);
  }
  ASSERT_GT(child, 0);
  while (!fs::exists(home / "running")) ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "the child ended by itself";
  const timespec pause{0, round * 531'000};
  nanosleep(&pause, nullptr);
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself with status " << WEXITSTATUS(status);
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(folder)) names.push_back(file.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Durability, AProcessKilledDuringAnInstallLeavesAllOfItOrNothing) {
  TempDir temp;
  const auto home = temp.path() / "home";
  for (int round = 0; round < 40; ++round) {
    ASSERT_NO_FATAL_FAILURE(work_and_be_killed(home, install_and_uninstall, round));
    auto container = started(home);
    const auto there = up(*container);
    if (!there.empty()) {
      EXPECT_THAT(there, ElementsAre("echo 1.0.0 ACTIVATED"));
      EXPECT_TRUE(container->uninstall("echo", false).status.ok());
    }
    EXPECT_THAT(files_in(home / "modules"), IsEmpty()) << "something was left behind";
    EXPECT_TRUE(container->stop().status.ok());
  }
}

TEST(Durability, AProcessKilledDuringAReplacementLeavesOneVersionOrBothWithTheNewerActive) {
  TempDir temp;
  const auto home = temp.path() / "home";
  bool was_there = false;
  for (int round = 0; round < 40; ++round) {
    ASSERT_NO_FATAL_FAILURE(work_and_be_killed(home, replace_to_and_fro, round));
    auto container = started(home);
    const auto there = up(*container);
    EXPECT_THAT(there, AnyOf(IsEmpty(), ElementsAre("plain 1.0.0 ACTIVATED"), ElementsAre("plain 1.1.0 ACTIVATED"),
                             ElementsAre("plain 1.0.0 DEACTIVATED", "plain 1.1.0 ACTIVATED")));
    EXPECT_TRUE(!was_there || !there.empty()) << "a replacement that was cut short has lost both versions";
    was_there = !there.empty();
    for (const auto& file : files_in(home / "modules")) EXPECT_THAT(file, AnyOf("plain-1.0.0.ark", "plain-1.1.0.ark"));
    if (there.size() == 2) {
      EXPECT_TRUE(container->uninstall("plain:1.1.0", false).status.ok());
    }
    EXPECT_TRUE(container->stop().status.ok());
  }
}

}  // namespace
