#include "base/json_tape.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>

namespace ark::container::base {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

using Placed = std::vector<std::pair<std::string, uint32_t>>;

/// What stands in which line: `{`, `}`, `[`, `]`, else the text of the item.
Placed places(std::string_view text, JsonComments comments = JsonComments::kRefused) {
  auto tape = parse_json(text, "t", comments);
  EXPECT_TRUE(tape.ok()) << tape.status().text();
  Placed out;
  if (!tape.ok()) return out;
  constexpr std::string_view kBrackets = "{}[]";
  for (const auto& item : tape->items) {
    const auto kind = static_cast<size_t>(item.token);
    out.emplace_back(kind < 4 ? std::string(1, kBrackets[kind]) : std::string(item.text), item.line);
  }
  return out;
}

std::string fault(std::string_view text, JsonComments comments = JsonComments::kRefused) {
  return parse_json(text, "t", comments).status().text();
}

TEST(JsonTape, EachTokenHasTheLineItEndsIn) {
  EXPECT_THAT(
      places("\n{\n\"a\"\n:\n\"b\",\n\"c\": [\n]\n}\n"),
      ElementsAre(Pair("{", 2), Pair("a", 3), Pair("b", 5), Pair("c", 6), Pair("[", 6), Pair("]", 7), Pair("}", 8)));
}

TEST(JsonTape, ANumberBeforeALineBreakStandsInItsOwnLine) {
  EXPECT_THAT(places("[1\n,\n-2\n\n,3.5e1\n,\n4]"),
              ElementsAre(Pair("[", 1), Pair("1", 1), Pair("-2", 3), Pair("3.5e1", 5), Pair("4", 7), Pair("]", 7)));
  EXPECT_THAT(places("\n7"), ElementsAre(Pair("7", 2)));
  EXPECT_THAT(places("\n70\n"), ElementsAre(Pair("70", 2)));
}

TEST(JsonTape, NumbersAreKeptAsValueAndAsWritten) {
  const std::string_view text = "[0, -0, -5, 18446744073709551615, 18446744073709551616, 1.50, 1E2]";
  auto tape = parse_json(text, "t", JsonComments::kRefused);
  ASSERT_TRUE(tape.ok()) << tape.status().text();
  const auto& items = tape->items;
  ASSERT_EQ(items.size(), 9u);
  EXPECT_EQ(items[1].token, JsonToken::kUnsigned);
  EXPECT_EQ(items[2].integer, 0);
  EXPECT_EQ(items[3].token, JsonToken::kInteger);
  EXPECT_EQ(items[3].integer, -5);
  EXPECT_EQ(items[4].token, JsonToken::kUnsigned);
  EXPECT_EQ(static_cast<uint64_t>(items[4].integer), UINT64_MAX);
  EXPECT_EQ(items[5].token, JsonToken::kReal);
  EXPECT_EQ(items[5].text, "18446744073709551616");
  EXPECT_EQ(items[6].text, "1.50");
  EXPECT_EQ(items[7].token, JsonToken::kReal);
  EXPECT_EQ(items[7].text, "1E2");
}

TEST(JsonTape, TextsWithoutEscapesAreNotCopied) {
  const std::string text = R"({"plain": "h\u00e9", "": "a\"b", "b\"": "\"b"})";
  auto tape = parse_json(text, "t", JsonComments::kRefused);
  ASSERT_TRUE(tape.ok()) << tape.status().text();
  auto stands_in_the_text = [&](std::string_view view) {
    return view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size();
  };
  const auto& items = tape->items;
  EXPECT_TRUE(stands_in_the_text(items[1].text));
  EXPECT_EQ(items[1].text, "plain");
  EXPECT_FALSE(stands_in_the_text(items[2].text));
  EXPECT_EQ(items[2].text, "h\xc3\xa9");
  EXPECT_EQ(items[3].text, "");
  EXPECT_EQ(items[4].text, "a\"b");
  EXPECT_EQ(items[5].text, "b\"");
  EXPECT_EQ(items[6].text, "\"b");
}

TEST(JsonTape, MovedItStillHoldsItsTexts) {
  const std::string text = R"(["\u0061 text that is too long to stand in a std::string itself", "\n"])";
  auto tape = parse_json(text, "t", JsonComments::kRefused);
  ASSERT_TRUE(tape.ok());
  const JsonTape moved = std::move(*tape);
  EXPECT_EQ(moved.items[1].text, "a text that is too long to stand in a std::string itself");
  EXPECT_EQ(moved.items[2].text, "\n");
}

TEST(JsonTape, CommentsAreReadOverWhereTheyAreAllowedAndTheirLinesCount) {
  const std::string_view text = "// one\n{ /* two\nthree */ \"a\": 1 // four\n, /**/ \"b\": 2/* end */}\n";
  EXPECT_THAT(places(text, JsonComments::kAllowed),
              ElementsAre(Pair("{", 2), Pair("a", 3), Pair("1", 3), Pair("b", 4), Pair("2", 4), Pair("}", 4)));
  EXPECT_THAT(fault(text), StartsWith("t:1: syntax error while parsing value - invalid literal; last read: '/'"));
  EXPECT_THAT(fault("{}\n/* no end", JsonComments::kAllowed), StartsWith("t:2: syntax error"));
}

TEST(JsonTape, DepthIsBounded) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(fault(nested(kJsonMaxDepth)), "");
  EXPECT_EQ(fault("\n" + nested(kJsonMaxDepth + 1)), "t:2: objects and arrays are nested deeper than 32");
  EXPECT_EQ(fault("[" + nested(kJsonMaxDepth - 1) + "," + nested(kJsonMaxDepth - 1) + "]"), "");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(fault(objects), "t:1: objects and arrays are nested deeper than 32");
}

TEST(JsonTape, FaultsNameTheLineAndWhatWasRead) {
  EXPECT_EQ(fault("{\"a\": [], \n\n oops}"),
            "t:3: syntax error while parsing object key - invalid literal; last read: '\"a\": [], <U+000A><U+000A> o'; "
            "expected string literal");
  EXPECT_EQ(fault("{\"a\": 1\n\"b\": 2}"),
            "t:2: syntax error while parsing object - unexpected string literal; expected '}'");
  EXPECT_THAT(fault("[\"a\nb\"]"), StartsWith("t:1: syntax error while parsing value - invalid string: control"));
  EXPECT_EQ(fault("[1,\n1e999]"), "t:2: number overflow parsing '1e999'");
  EXPECT_EQ(fault("[\n\"a\\u0000b\"]"), "t:2: a text holds a NUL");
  EXPECT_THAT(fault(""), StartsWith("t:1: syntax error while parsing value - unexpected end of input"));
  EXPECT_THAT(fault(std::string_view()), StartsWith("t:1: syntax error while parsing value - unexpected end of input"));
}

TEST(JsonTape, TextsThatAreNotUtf8AreRefusedInAMessageThatIsUtf8) {
  for (std::string_view bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    const auto text = fault("[\n\"" + std::string(bad) + "\"]");
    EXPECT_THAT(text, StartsWith("t:2: syntax error while parsing value - invalid string: ill-formed UTF-8 byte"));
    EXPECT_NO_THROW((void)json(text).dump()) << "a message that no JSON can carry";
  }
  EXPECT_EQ(fault("\"\xc3\xa9\xf0\x9f\x98\x80\""), "");
}

TEST(JsonTape, MessagesStayShort) {
  EXPECT_LT(fault("\"" + std::string(1'000'000, 'x')).size(), 200u);
  EXPECT_LT(fault("[" + std::string(1'000'000, '9') + "]").size(), 200u);
}

TEST(JsonTape, WhatJsonIsNotIsRefused) {
  for (std::string_view text :
       {" ",     "01",      "+1",        "1.",          ".5",          "1e",         "--1",      "nul",
        "True",  "'a'",     "\"",        "[",           "[1",          "[1,",        "[1,]",     "[,1]",
        "[1 2]", "{",       "{\"a\"",    "{\"a\":",     "1 2",         "{} x",       "{a:1}",    "{1:1}",
        "\"a",   "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "{\"a\":1,}", "{\"a\" 1}"})
    EXPECT_THAT(fault(text), HasSubstr("syntax error")) << text;
}

TEST(JsonTape, EveryTruncationIsRefused) {
  const std::string text = R"({"a": [1, -2.5e3, true, null, "x\u00e9"], "b": {"c": "d"}})";
  ASSERT_EQ(fault(text), "");
  for (size_t size = 0; size < text.size(); ++size) EXPECT_NE(fault(text.substr(0, size)), "") << size;
}

/// The tree that the tape stands for.
json tree(const std::vector<JsonItem>& items, size_t& at) {
  const auto& item = items[at++];
  switch (item.token) {
    case JsonToken::kBeginObject: {
      auto out = json::object();
      while (items[at].token != JsonToken::kEndObject) {
        EXPECT_EQ(items[at].token, JsonToken::kKey);
        const std::string key(items[at++].text);
        out[key] = tree(items, at);
      }
      ++at;
      return out;
    }
    case JsonToken::kBeginArray: {
      auto out = json::array();
      while (items[at].token != JsonToken::kEndArray) out.push_back(tree(items, at));
      ++at;
      return out;
    }
    case JsonToken::kString:
      return std::string(item.text);
    case JsonToken::kInteger:
      EXPECT_EQ(std::stoll(std::string(item.text)), item.integer);
      return item.integer;
    case JsonToken::kUnsigned:
      EXPECT_EQ(std::stoull(std::string(item.text)), static_cast<uint64_t>(item.integer));
      return static_cast<uint64_t>(item.integer);
    case JsonToken::kReal:
      return std::stod(std::string(item.text));
    case JsonToken::kBoolean:
      return item.integer != 0;
    default:
      EXPECT_EQ(item.token, JsonToken::kNull);
      return nullptr;
  }
}

TEST(JsonTape, SaysOfDamagedTextsWhatATreeSays) {
  const std::string good = R"({"a":[1,-25,2.5e3,true,false,null,"x\u00e9\\n",{"b":{}}],"c":"\ud83d\ude00","":[[]]})";
  std::mt19937 random(7);
  const std::string letters = "{}[]\",:\\u0019.eE+-truefalsn x\n\x01\xc3\xa9";
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = good;
    for (unsigned change = 0; change < 1 + random() % 3; ++change) {
      const auto at = random() % text.size();
      if (random() % 2 == 0) {
        text.erase(at, 1);
      } else {
        text[at] = letters[random() % letters.size()];
      }
    }
    auto tape = parse_json(text, "t", JsonComments::kRefused);
    if (text.find("\\u0000") != text.npos) continue;  // refused on purpose
    ASSERT_EQ(tape.ok(), json::accept(text)) << text;
    if (!tape.ok()) continue;
    size_t at = 0;
    EXPECT_EQ(tree(tape->items, at), json::parse(text)) << text;
    EXPECT_EQ(at, tape->items.size()) << text;
    ++accepted;
  }
  EXPECT_GT(accepted, 1'000);
  EXPECT_LT(accepted, 15'000);
}

}  // namespace
}  // namespace ark::container::base
