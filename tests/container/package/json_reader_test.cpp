#include "package/json_reader.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

#include "package/json_text.hpp"

namespace ark::container::package {
namespace {

using ::testing::HasSubstr;

/// What is wrong with a text that is JSON or not; empty: nothing.
std::string fault_of(std::string_view text) {
  JsonReader in(text, "t");
  in.skip();
  in.finish();
  return in.status().text();
}

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
  in.finish();
  EXPECT_TRUE(in.ok()) << in.status().text();
  EXPECT_EQ(seen, "a1-2bcd");
}

TEST(JsonReader, AcceptsWhatTheStandardAcceptsAndNothingElse) {
  for (std::string_view text : {"0", "-0", "1.5e-3", "1E5", "\"\"", "[]", "[[],{}]", "{\"a\":null}", " \t\r\n1 ",
                                R"("\"\\\/\b\f\n\r\t")", "\"\x7f\""})
    EXPECT_EQ(fault_of(text), "") << text;
  for (std::string_view text : {"",
                                " ",
                                "01",
                                "+1",
                                "1.",
                                ".5",
                                "1e",
                                "--1",
                                "nul",
                                "True",
                                "'a'",
                                "\"",
                                "\"a",
                                "\"\n\"",
                                R"("\x")",
                                R"("\u12")",
                                R"("\ud800")",
                                R"("\udc00")",
                                R"("\u0000")",
                                R"("\ud800\u0041")",
                                "[",
                                "[1",
                                "[1,",
                                "[1,]",
                                "[,1]",
                                "[1 2]",
                                "{",
                                "{\"a\"",
                                "{\"a\":",
                                "{\"a\":1",
                                "{\"a\":1,",
                                "{\"a\":1,}",
                                "{a:1}",
                                "{1:1}",
                                "{\"a\" 1}",
                                "1 2",
                                "{} x",
                                "// c\n1",
                                "\xef\xbb\xbf{}",
                                "\"\xff\"",
                                "\"\xc0\x80\"",
                                "\"\xed\xa0\x80\"",
                                "\"\xf5\x80\x80\x80\"",
                                "\"\xe2\x82\""}) {
    EXPECT_NE(fault_of(text), "") << text;
  }
}

TEST(JsonReader, NamesLineAndPathAndWhatItFound) {
  auto fault = [](std::string_view text) {
    JsonReader in(text, "file");
    in.object([&](std::string_view) { in.array([&] { in.object([&](std::string_view) { in.integer(0, 9); }); }); });
    in.finish();
    return in.status().text();
  };
  EXPECT_EQ(fault("{\"a\": [\n{\"b\": 1},\n{\"b\":\n\"x\"}]}"),
            "file:4: a[1].b: found the text \"x\", expected a whole number from 0 to 9");
  EXPECT_EQ(fault("{\"a\": [{\"b\": 10}]}"),
            "file:1: a[0].b: found the number 10, expected a whole number from 0 to 9");
  EXPECT_EQ(fault("{\"a\": [{\"b\": 1.0}]}"),
            "file:1: a[0].b: found the number 1.0, expected a whole number from 0 to 9");
  EXPECT_EQ(fault("{\"a\":\n{}}"), "file:2: a: found an object, expected an array");
  EXPECT_EQ(fault("{\"a\": [], \n\n oops}"), "file:3: a: found oops, expected a key in double quotes");
  EXPECT_EQ(fault("[]"), "file:1: found an array, expected an object");
  EXPECT_EQ(fault("{\"a\": []"), "file:1: a: found the end of the text, expected ',' or '}'");
  EXPECT_EQ(fault("{\"a\": []}\n}"), "file:2: found '}', expected the end of the text");
}

TEST(JsonReader, RefusesDeepNestingInsteadOfOverflowing) {
  EXPECT_EQ(fault_of(std::string(JsonReader::kMaxDepth, '[') + std::string(JsonReader::kMaxDepth, ']')), "");
  EXPECT_THAT(fault_of(std::string(1'000'000, '[')), HasSubstr("nested deeper than 32"));
}

TEST(JsonReader, TheFirstFailureSticks) {
  JsonReader in("[1, x]", "t");
  in.array([&] { in.integer(0, 9); });
  auto first = in.status().text();
  EXPECT_EQ(in.string(), "");
  EXPECT_EQ(in.unsigned_integer(), 0u);
  in.fail(Code::kInternal, "later");
  in.finish();
  EXPECT_EQ(in.status().text(), first);
}

TEST(JsonReader, AgreesWithAnotherReaderOnDamagedTexts) {
  const std::string good = R"({"a":[1,-2.5e3,true,false,null,"x\u00e9\\n",{"b":{}}],"c":"\ud83d\ude00","":[[]]})";
  std::mt19937 random(7);
  const std::string letters = "{}[]\",:\\u0019.eE+-truefalsn x\n\x01\xc3\xa9";
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = good;
    for (unsigned change = 0; change < 1 + random() % 3; ++change) {
      auto at = random() % text.size();
      if (random() % 2 == 0) {
        text.erase(at, 1);
      } else {
        text[at] = letters[random() % letters.size()];
      }
    }
    bool other = nlohmann::json::accept(text);
    bool nul = text.find("\\u0000") != text.npos;  // ours refuses NUL on purpose
    bool ours = fault_of(text).empty();
    refused += !ours;
    if (nul) continue;
    EXPECT_EQ(ours, other) << text;
  }
  EXPECT_GT(refused, 5'000);
  EXPECT_LT(refused, 20'000);
}

TEST(JsonText, IsReadBackAsItWas) {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  all += "\xc3\xa9\xf0\x9f\x98\x80";
  auto text = json_quoted(all);
  JsonReader in(text, "t");
  EXPECT_EQ(in.string(), all);
  EXPECT_TRUE(in.ok()) << in.status().text();
  EXPECT_EQ(nlohmann::json::parse(text).get<std::string>(), all);
}

}  // namespace
}  // namespace ark::container::package
