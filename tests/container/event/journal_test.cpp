#include "event/journal.hpp"

#include <gtest/gtest.h>

namespace ark::container::event {
namespace {

TEST(Journal, KeepsTheLastEntriesAndSaysHowManyOfThoseAskedForAreLost) {
  Journal journal(4);
  EXPECT_TRUE(journal.since(0).events.empty());
  for (int i = 1; i <= 6; ++i) journal.add(Journal::From::kContainer, "AfterBizStartup", "orders", std::to_string(i), "");
  const auto page = journal.since(1);
  EXPECT_EQ(page.last, 6u);
  EXPECT_EQ(page.lost, 1u) << "number 2";
  ASSERT_EQ(page.events.size(), 4u);
  EXPECT_EQ(page.events.front().number, 3u);
  EXPECT_EQ(page.events.back().version, "6");
  EXPECT_EQ(journal.since(5).events.size(), 1u);
  EXPECT_EQ(journal.since(5).lost, 0u);
  EXPECT_TRUE(journal.since(6).events.empty());
}

TEST(Journal, KeepsWhatTheContainerDoesWhateverModulesDo) {
  Journal journal(4);
  journal.add(Journal::From::kContainer, "AfterBizStartup", "orders", "1.0.0", "");
  for (int i = 0; i < 100; ++i) journal.add(Journal::From::kModules, "com.acme.Tick", "orders", "1.0.0", "");
  journal.add(Journal::From::kContainer, "BeforeBizStop", "orders", "1.0.0", "");
  const auto page = journal.since(0);
  ASSERT_EQ(page.events.size(), 6u);
  EXPECT_EQ(page.events.front().name, "AfterBizStartup");
  EXPECT_EQ(page.events[1].number, 98u);
  EXPECT_EQ(page.events.back().number, 102u);
  EXPECT_EQ(page.lost, 96u);
}

TEST(Journal, AnswersAQuestionAboutAnotherRunWithAllItHas) {
  Journal journal(4);
  journal.add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  EXPECT_EQ(journal.since(77).events.size(), 1u);
}

TEST(Journal, TellsOnceOfAnEntryThatIsNewToTheOneWhoWaits) {
  Journal journal(4);
  int told = 0;
  journal.on_entry(0, [&] { ++told; });
  EXPECT_EQ(told, 0);
  journal.add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  journal.add(Journal::From::kContainer, "ContainerStopping", "", "", "");
  EXPECT_EQ(told, 1);
  journal.on_entry(1, [&] { ++told; });
  EXPECT_EQ(told, 2) << "it came before the question";
  journal.on_entry(2, [&] { ++told; });
  journal.on_entry(2, {});
  journal.add(Journal::From::kContainer, "ContainerStopped", "", "", "");
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace ark::container::event
