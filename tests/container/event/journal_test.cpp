#include "event/journal.hpp"

#include <gtest/gtest.h>

namespace ark::container::event {
namespace {

TEST(Journal, KeepsTheLastEntriesAndSaysHowManyOfThoseAskedForAreLost) {
  Journal journal(4);
  EXPECT_TRUE(journal.since(0).events.empty());
  for (int i = 1; i <= 6; ++i) journal.add("AfterBizStartup", "orders", std::to_string(i), "");
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

TEST(Journal, AnswersAQuestionAboutAnotherRunWithAllItHas) {
  Journal journal(4);
  journal.add("ContainerStarted", "", "", "");
  EXPECT_EQ(journal.since(77).events.size(), 1u);
}

TEST(Journal, TellsOnceOfAnEntryThatIsNewToTheOneWhoWaits) {
  Journal journal(4);
  int told = 0;
  journal.on_entry(0, [&] { ++told; });
  EXPECT_EQ(told, 0);
  journal.add("ContainerStarted", "", "", "");
  journal.add("ContainerStopping", "", "", "");
  EXPECT_EQ(told, 1);
  journal.on_entry(1, [&] { ++told; });
  EXPECT_EQ(told, 2) << "it came before the question";
  journal.on_entry(2, [&] { ++told; });
  journal.on_entry(2, {});
  journal.add("ContainerStopped", "", "", "");
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace ark::container::event
