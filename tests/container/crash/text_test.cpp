#include "crash/text.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <cstring>
#include <limits>
#include <string>

namespace ark::container::crash {
namespace {

TEST(CrashText, WritesNumbers) {
  Line line;
  line << uint64_t{0} << " " << int64_t{-42} << " " << std::numeric_limits<uint64_t>::max() << " " << std::numeric_limits<int64_t>::min() << " ";
  line.hex(0) << " ";
  line.hex(0x12ab) << " ";
  line.hex(std::numeric_limits<uint64_t>::max()) << " ";
  line.padded(7, 3);
  EXPECT_STREQ(line.text(), "0 -42 18446744073709551615 -9223372036854775808 0x0 0x12ab 0xffffffffffffffff 007");
}

TEST(CrashText, ALineStaysOne) {
  Line line;
  line << "a\nb\tc\x7f";
  line.end();
  EXPECT_STREQ(line.text(), "a?b?c?\n");
}

TEST(CrashText, WhatIsTooLongIsCutButHasItsEnd) {
  Line line;
  const std::string text(10'000, 'x');
  line << text.c_str() << text.c_str();
  line.end();
  EXPECT_EQ(line.size(), std::strlen(line.text()));
  EXPECT_EQ(line.text()[line.size() - 1], '\n');
}

/// The C library tells the same time.
TEST(CrashText, TellsTheTime) {
  for (time_t time : {0L, 951'782'399L, 951'782'400L, 1'709'251'199L, 1'795'243'674L, 4'107'542'400L}) {
    tm parts;
    char iso[40], file[40];
    strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &parts));
    strftime(file, sizeof file, "%Y%m%d-%H%M%S", &parts);
    Line line, other;
    add_time(line, time);
    add_time_for_file(other, time);
    EXPECT_STREQ(line.text(), iso);
    EXPECT_STREQ(other.text(), file);
  }
}

}  // namespace
}  // namespace ark::container::crash
