#include "package/version.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace ark::container::package {
namespace {

using ::testing::HasSubstr;

Version version(std::string_view text) {
  auto parsed = parse_version(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status().text();
  return parsed.ok() ? *parsed : Version();
}

TEST(Version, IsReadAndWritten) {
  struct Case {
    std::string_view text, written;
  };
  for (auto [text, written] : std::vector<Case>{
           {"0.0.0", "0.0.0"},
           {"1.2.3", "1.2.3"},
           {"1.2", "1.2.0"},
           {"10.20.4294967295", "10.20.4294967295"},
           {"1.2.3-rc.1", "1.2.3-rc.1"},
           {"1.2.3+build.007", "1.2.3"},
           {"1.2.3-x-y-z.--+b", "1.2.3-x-y-z.--"},
           {"1.0.0-0a.a0", "1.0.0-0a.a0"},
       }) {
    EXPECT_EQ(to_string(version(text)), written);
  }
}

TEST(Version, WhatIsNoneIsRefusedNamingIt) {
  for (std::string_view text :
       {"",         "1",        "1.",        "1..2",   ".1.2",      "1.2.3.4",  "v1.2.3",
        "01.2.3",   "1.02.3",   "1.2.03",    "-1.2.3", "1.2.x",     "1.2.3-",   "1.2.3-a..b",
        "1.2.3-a.", "1.2.3-01", "1.2.3-a_b", "1.2.3+", "1.2.3+a+b", "1.2-rc.1", "4294967296.0.0",
        "1.2.3 ",   " 1.2.3",   "1.2.",      "1.2.3-ü"}) {
    auto parsed = parse_version(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.status().code(), Code::kInvalidArgument);
    EXPECT_THAT(parsed.status().text(), HasSubstr("\"" + std::string(text) + "\" is not a version: "));
  }
}

TEST(Version, PrecedenceIsThatOfTheStandard) {
  // The standard's own example, and numbers beyond any integer.
  std::vector<std::string_view> ascending = {"0.9.9",
                                             "1.0.0-alpha",
                                             "1.0.0-alpha.1",
                                             "1.0.0-alpha.beta",
                                             "1.0.0-beta",
                                             "1.0.0-beta.2",
                                             "1.0.0-beta.11",
                                             "1.0.0-beta.99999999999999999998",
                                             "1.0.0-beta.99999999999999999999",
                                             "1.0.0-rc.1",
                                             "1.0.0",
                                             "1.0.1",
                                             "1.1.0",
                                             "1.10.0",
                                             "2.0.0-a",
                                             "2.0.0"};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(version(ascending[i]) <=> version(ascending[j]), i <=> j) << ascending[i] << " and " << ascending[j];
    }
  }
  EXPECT_EQ(version("1.2.3+a"), version("1.2.3+b"));
}

TEST(Range, ContainsWhatItSays) {
  struct Case {
    std::string_view range, version;
    bool inside;
  };
  for (auto [text, member, inside] : std::vector<Case>{
           {"[1.0,2.0)", "1.0.0", true},
           {"[1.0,2.0)", "1.9.99", true},
           {"[1.0,2.0)", "2.0.0", false},
           {"[1.0,2.0)", "0.9.9", false},
           {"[1.0,2.0)", "1.0.0-rc.1", false},
           {"[1.0,2.0)", "2.0.0-rc.1", false},
           {"[1.0,2.0)", "1.5.0-rc.1", true},
           {"(1.0,2.0]", "1.0.0", false},
           {"(1.0,2.0]", "1.0.1", true},
           {"(1.0,2.0]", "2.0.0", true},
           {"(1.0,2.0]", "2.0.1", false},
           {"[1.2,)", "1.2.0", true},
           {"[1.2,)", "99.0.0", true},
           {"[1.2,)", "1.1.9", false},
           {"(,2.0)", "0.0.1", true},
           {"(,2.0)", "2.0.0", false},
           {"(,)", "5.0.0", true},
           {"1.2", "1.2.0", true},
           {"1.2", "1.99.0", true},
           {"1.2", "2.0.0", false},
           {"1.2", "1.1.9", false},
           {"1.2.3", "1.2.2", false},
           {"1.2.3", "1.2.3", true},
           {"0.3", "0.3.1", true},
           {"0.3", "1.0.0", false},
           {"", "0.0.0", true},
           {"", "7.1.2-x", true},
           {"[1.5.0,1.5.0]", "1.5.0", true},
           {"[1.5.0,1.5.0]", "1.5.1", false},
           {"[1.0,2.0.0-rc.2)", "2.0.0-rc.1", true},
       }) {
    auto range = Range::parse(text);
    ASSERT_TRUE(range.ok()) << text << ": " << range.status().text();
    EXPECT_EQ(range->text, text);
    EXPECT_EQ(range->contains(version(member)), inside) << text << " and " << member;
  }
}

TEST(Range, WhatIsNoneIsRefusedNamingIt) {
  for (std::string_view text :
       {"[1.0,2.0", "1.0,2.0)", "[1.0)", "[1.0]", "[", "(", "[)", "[1.0,2.0)x", "[1.0,2.0,3.0)", "[2.0,1.0)",
        "[1.0,1.0)", "(1.0,1.0]", "[a,b)", "x", "1", "4294967295.0", " [1.0,2.0)", "[1.0, 2.0)"}) {
    auto range = Range::parse(text);
    ASSERT_FALSE(range.ok()) << text;
    EXPECT_EQ(range.status().code(), Code::kInvalidArgument);
    EXPECT_THAT(range.status().text(), HasSubstr("\"" + std::string(text) + "\" is not a range of versions: "));
  }
}

TEST(Range, OneThatWasNotGivenContainsEverything) { EXPECT_TRUE(Range().contains(version("0.0.0-a"))); }

}  // namespace
}  // namespace ark::container::package
