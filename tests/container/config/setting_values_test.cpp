#include "config/setting_values.hpp"

#include <gmock/gmock.h>

namespace ark::container::config {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(SettingValues, DurationsHaveAUnit) {
  EXPECT_EQ(*parse_duration("0ms"), milliseconds(0));
  EXPECT_EQ(*parse_duration("300ms"), milliseconds(300));
  EXPECT_EQ(*parse_duration("30s"), milliseconds(30'000));
  EXPECT_EQ(*parse_duration("5m"), milliseconds(300'000));
  EXPECT_EQ(*parse_duration("1h"), milliseconds(3'600'000));
  for (const char* bad :
       {"", "30", "s", "-1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1d", "0x1s", "99999999999999999999s"}) {
    EXPECT_EQ(parse_duration(bad).status().code(), Code::kInvalidArgument) << bad;
  }
  EXPECT_THAT(parse_duration("30").status().text(), HasSubstr("'30' is not a duration; write it like 300ms, 30s"));
}

TEST(SettingValues, DurationsThatNoClockCanHoldAreRefused) {
  EXPECT_TRUE(parse_duration("100000h").ok());
  EXPECT_THAT(parse_duration("100001h").status().text(), HasSubstr("too long"));
  EXPECT_FALSE(parse_duration("18446744073709551615h").ok());
}

TEST(SettingValues, SizesMayHaveAUnit) {
  EXPECT_EQ(*parse_size("512"), 512u);
  EXPECT_EQ(*parse_size("512B"), 512u);
  EXPECT_EQ(*parse_size("64KiB"), 64u << 10);
  EXPECT_EQ(*parse_size("16MiB"), 16u << 20);
  EXPECT_EQ(*parse_size("3GiB"), uint64_t{3} << 30);
  for (const char* bad :
       {"", "MiB", "-1", "1.5MiB", "1MB", "1 MiB", "18446744073709551615GiB", "18446744073709551616"}) {
    EXPECT_EQ(parse_size(bad).status().code(), Code::kInvalidArgument) << bad;
  }
  EXPECT_THAT(parse_size("1MB").status().text(), HasSubstr("'1MB' is not a size; write it like 512, 64KiB"));
}

}  // namespace
}  // namespace ark::container::config
