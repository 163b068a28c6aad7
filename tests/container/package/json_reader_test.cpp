#include "package/json_reader.hpp"

#include <gmock/gmock.h>

namespace ark::container::package {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(JsonReader, ReadsValuesInPlace) {
  JsonReader in(R"( {"a": [1, -2, 18446744073709551615], "b": true, "c": "x\n\u00e9\ud83d\ude00", "d": {}} )", "t");
  std::string seen;
  in.object([&](std::string_view key) {
    seen += key;
    if (key == "a") {
      int i = 0;
      in.array([&] {
        if (i++ < 2) {
          seen += std::to_string(in.integer(-5, 5));
        } else {
          EXPECT_EQ(in.unsigned_integer(), UINT64_MAX);
        }
      });
    } else if (key == "b") {
      EXPECT_TRUE(in.boolean());
    } else if (key == "c") {
      EXPECT_EQ(in.string(), "x\n\xc3\xa9\xf0\x9f\x98\x80");
    } else {
      in.object([](std::string_view) { FAIL(); });
    }
  });
  EXPECT_TRUE(in.ok()) << in.status().text();
  EXPECT_EQ(seen, "a1-2bcd");
}

TEST(JsonReader, NamesLineAndPathAndWhatItFound) {
  auto fault = [](std::string_view text) {
    JsonReader in(text, "file");
    in.object([&](std::string_view) { in.array([&] { in.object([&](std::string_view) { in.integer(0, 9); }); }); });
    return in.status().text();
  };
  EXPECT_EQ(fault("{\"a\": [\n{\"b\": 1},\n{\"b\":\n\"x\"}]}"),
            "file:4: a[1].b: found the text \"x\", expected a whole number from 0 to 9");
  EXPECT_EQ(fault("{\"a\": [{\"b\": 10\n}]}"),
            "file:1: a[0].b: found the number 10, expected a whole number from 0 to 9");
  EXPECT_EQ(fault("{\"a\": [{\"b\": 1.0\n}]}"),
            "file:1: a[0].b: found the number 1.0, expected a whole number from 0 to 9");
  EXPECT_EQ(fault("{\"a\":\n{}}"), "file:2: a: found an object, expected an array");
  EXPECT_EQ(fault("{\"a\": null}"), "file:1: a: found null, expected an array");
  EXPECT_EQ(fault("{\"a\":\n\nfalse}"), "file:3: a: found false, expected an array");
  EXPECT_EQ(fault("[]"), "file:1: found an array, expected an object");
}

TEST(JsonReader, WholeNumbersKeepTheirBounds) {
  auto is_whole = [](std::string_view text, int64_t least, int64_t most) {
    JsonReader in(text, "t");
    in.integer(least, most);
    return in.ok();
  };
  EXPECT_TRUE(is_whole("-9223372036854775808", INT64_MIN, INT64_MAX));
  EXPECT_TRUE(is_whole("9223372036854775807", INT64_MIN, INT64_MAX));
  EXPECT_FALSE(is_whole("9223372036854775808", INT64_MIN, INT64_MAX));
  EXPECT_FALSE(is_whole("18446744073709551615", INT64_MIN, INT64_MAX));
  EXPECT_FALSE(is_whole("18446744073709551616", INT64_MIN, INT64_MAX));
  EXPECT_FALSE(is_whole("-1", 0, 9));
  auto is_unsigned = [](std::string_view text, uint64_t most) {
    JsonReader in(text, "t");
    in.unsigned_integer(most);
    return in.ok();
  };
  EXPECT_TRUE(is_unsigned("18446744073709551615", UINT64_MAX));
  EXPECT_FALSE(is_unsigned("18446744073709551616", UINT64_MAX));
  EXPECT_FALSE(is_unsigned("-1", UINT64_MAX));
  EXPECT_FALSE(is_unsigned("256", 255));
  EXPECT_FALSE(is_unsigned("1e1", 255));
}

TEST(JsonReader, LongTextsAreCutInMessages) {
  const std::string text = "\"" + std::string(100'000, 'x') + "\"";
  JsonReader in(text, "t");
  in.boolean();
  EXPECT_EQ(in.status().text(), "t:1: found the text \"" + std::string(40, 'x') + "...\", expected true or false");
}

TEST(JsonReader, SkippingLeadsBehindTheValue) {
  JsonReader in(R"({"a": {"b": [1, {"c": []}], "d": "x"}, "e": [], "f": null, "g": 7})", "t");
  int64_t g = 0;
  in.object([&](std::string_view key) {
    if (key == "g") {
      g = in.integer(0, 9);
    } else {
      in.skip();
    }
  });
  EXPECT_TRUE(in.ok()) << in.status().text();
  EXPECT_EQ(g, 7);
}

TEST(JsonReader, WhatIsNotJsonFailsBeforeAnythingIsRead) {
  JsonReader in("[1,\n2", "t");
  in.array([] { FAIL(); });
  EXPECT_THAT(in.status().text(), StartsWith("t:2: syntax error while parsing array - unexpected end of input"));
}

TEST(JsonReader, RefusesDeepNestingInsteadOfOverflowing) {
  auto fault_of = [](const std::string& text) {
    JsonReader in(text, "t");
    in.skip();
    return in.status().text();
  };
  EXPECT_EQ(fault_of(std::string(base::kJsonMaxDepth, '[') + std::string(base::kJsonMaxDepth, ']')), "");
  EXPECT_THAT(fault_of(std::string(1'000'000, '[')), HasSubstr("nested deeper than 32"));
}

TEST(JsonReader, TheFirstFailureSticks) {
  JsonReader in("[1, \"x\", 2]", "t");
  in.array([&] { in.integer(0, 9); });
  auto first = in.status().text();
  EXPECT_EQ(first, "t:1: [1]: found the text \"x\", expected a whole number from 0 to 9");
  EXPECT_EQ(in.string(), "");
  EXPECT_EQ(in.unsigned_integer(), 0u);
  in.skip();
  in.fail(Code::kInternal, "later");
  EXPECT_EQ(in.status().text(), first);
}

}  // namespace
}  // namespace ark::container::package
