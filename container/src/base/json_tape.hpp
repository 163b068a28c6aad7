/// JSON as the sequence of its tokens, each with the line it stands in: for readers that must name the place of a wrong
/// value. A tree would have lost the lines by the time it is looked at. Parsing is nlohmann's.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::base {

/// Objects and arrays within each other.
inline constexpr size_t kJsonMaxDepth = 32;

enum class JsonToken : uint8_t {
  kBeginObject,
  kEndObject,
  kBeginArray,
  kEndArray,
  kKey,
  kString,
  kInteger,
  kUnsigned,
  kReal,
  kBoolean,
  kNull
};

struct JsonItem {
  JsonToken token;
  uint32_t line;          ///< from 1
  std::string_view text;  ///< kKey, kString: UTF-8 without NUL; numbers: as they are written
  int64_t integer = 0;    ///< kInteger: a number not above 0; kUnsigned: its bits; kBoolean: 0 or 1
};

/// A whole value: each begin has its end, keys and values take turns. The items look into the parsed text, which must
/// outlive them, and into `decoded`.
struct JsonTape {
  std::vector<JsonItem> items;
  std::deque<std::string> decoded;  ///< texts that were written with escapes
};

enum class JsonComments { kRefused, kAllowed };

/// origin: what messages call the text.
/// Errors: kCorrupt, "origin:line: what is wrong", also for deeper nesting than kJsonMaxDepth, texts that are not UTF-8
/// or hold a NUL, and numbers beyond a double. Keys that stand twice are the reader's to find.
Result<JsonTape> parse_json(std::string_view text, std::string_view origin, JsonComments comments);

}  // namespace ark::container::base
