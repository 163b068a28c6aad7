#include "lifecycle/state_file.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::lifecycle {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class StateFileTest : public testing::Test {
 protected:
  Result<StateFile> read(const std::string& text) {
    std::filesystem::create_directories(folder_);
    std::ofstream(file_, std::ios::binary) << text;
    return StateFile::open(folder_);
  }
  std::string text() const { return *base::read_file(file_); }

  test::TempDir dir_;
  const std::filesystem::path folder_ = dir_ / "state", file_ = folder_ / "state.json";
  const Remembered one_{{{"orders", {"1.0.0"}}, {"audit", {}}}, {"greeter:2.1.0"}};
  const Remembered two_{{{"orders", {"1.1.0", "1.2.0"}}}, {}};
};

TEST_F(StateFileTest, ThatIsMissingRemembersNothing) {
  const auto state = StateFile::open(folder_);
  ASSERT_TRUE(state.ok()) << state.status().text();
  EXPECT_EQ(state->now(), Remembered());
  EXPECT_FALSE(std::filesystem::exists(folder_)) << "and is not made by looking";
}

TEST_F(StateFileTest, IsReadAsItWasWritten) {
  auto state = *StateFile::open(folder_);
  ASSERT_TRUE(state.save(one_, Pending{"orders-1.1.0.ark", true, "orders-1.0.0.ark", two_}).ok());
  for (bool happened : {false, true}) {
    auto again = StateFile::open(folder_);
    ASSERT_TRUE(again.ok()) << again.status().text();
    EXPECT_EQ(again->now(), one_);
    ASSERT_TRUE(again->pending());
    EXPECT_EQ(again->pending()->package, "orders-1.1.0.ark");
    again->settle(happened);
    EXPECT_EQ(again->now(), happened ? two_ : one_);
    EXPECT_EQ(again->left_over(), happened ? std::set<std::string>{"orders-1.0.0.ark"} : std::set<std::string>());
  }
}

TEST_F(StateFileTest, IsWrittenOnlyForAChange) {
  auto state = *StateFile::open(folder_);
  EXPECT_TRUE(state.save({}).ok());
  EXPECT_FALSE(std::filesystem::exists(file_));
  ASSERT_TRUE(state.save(one_).ok());
  std::filesystem::remove(file_);
  EXPECT_TRUE(state.save(one_).ok());
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(StateFileTest, DoesNotKeepAPendingChangeThatWasSettled) {
  auto state = *StateFile::open(folder_);
  ASSERT_TRUE(state.save(one_, Pending{"orders-1.1.0.ark", true, "", two_}).ok());
  state.settle(true);
  ASSERT_TRUE(state.save(two_).ok());
  const auto again = StateFile::open(folder_);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->now(), two_);
  EXPECT_FALSE(again->pending()) << "the package may go, and this may not come back";
}

TEST_F(StateFileTest, TruncatedAnywhereIsRefusedSayingWhatToDo) {
  auto state = *StateFile::open(folder_);
  ASSERT_TRUE(state.save(one_, Pending{"orders-1.1.0.ark", true, "orders-1.0.0.ark", two_}).ok());
  const auto whole = text();
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    const auto cut = read(whole.substr(0, size));
    ASSERT_FALSE(cut.ok()) << size << " bytes";
    EXPECT_EQ(cut.status().code(), Code::kCorrupt);
    EXPECT_THAT(cut.status().text(), AllOf(StartsWith(file_.native() + ":"), HasSubstr("without this file the newest versions become active")));
  }
}

TEST_F(StateFileTest, WithAnythingElseInItIsRefused) {
  for (const char* wrong : {"[]", "{}", "{\"format\": 0}", "{\"format\": 1, \"nothing\": 1}", "{\"format\": 1, \"active\": []}",
                            "{\"format\": 1, \"active\": {\"a\": 1}}", "{\"format\": 1, \"stopped\": [1]}", "{\"format\": 1, \"pending\": {}}",
                            "{\"format\": 1, \"pending\": {\"package\": \"../../etc/passwd\"}}",
                            "{\"format\": 1, \"pending\": {\"package\": \"a.ark\", \"remove\": \"/etc/passwd\"}}", "\xff"}) {
    const auto state = read(wrong);
    EXPECT_EQ(state.status().code(), Code::kCorrupt) << wrong;
  }
}

TEST_F(StateFileTest, OfALaterVersionIsRefusedAsThat) {
  const auto state = read("{\"format\": 2, \"active\": {}}");
  EXPECT_EQ(state.status().code(), Code::kUnsupported);
  EXPECT_THAT(state.status().text(), AllOf(HasSubstr("state.json:1: format"), HasSubstr("later version")));
}

}  // namespace
}  // namespace ark::container::lifecycle
