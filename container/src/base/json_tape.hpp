/// JSON as the sequence of its tokens, each with the line it stands in: for readers that must name the place of a wrong value.
/// A tree would have lost the lines by the time it is looked at. Parsing is nlohmann's.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::base {

enum class JsonToken : uint8_t { kBeginObject, kEndObject, kBeginArray, kEndArray, kKey, kString, kInteger, kUnsigned, kReal, kBoolean, kNull };

struct JsonItem {
  JsonToken token;
  uint32_t line;      ///< from 1
  std::string text;   ///< kKey, kString: UTF-8; numbers: as they are written
  int64_t integer = 0;  ///< kInteger: a negative number; kUnsigned: its bits; kBoolean: 0 or 1
};

enum class JsonComments { kRefused, kAllowed };

/// origin: what messages call the text. Errors: kCorrupt, "origin:line: what is wrong"; nesting deeper than 64 and texts that are not UTF-8 included.
Result<std::vector<JsonItem>> parse_json(std::string_view text, std::string_view origin, JsonComments comments);

}  // namespace ark::container::base
