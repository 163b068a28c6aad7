#include "package/json_reader.hpp"

#include <utility>

namespace ark::container::package {
namespace {

using base::JsonItem;
using base::JsonToken;

/// What stands there, for messages.
std::string describe(const JsonItem& item) {
  constexpr size_t kMost = 40;
  switch (item.token) {
    case JsonToken::kBeginObject:
      return "an object";
    case JsonToken::kBeginArray:
      return "an array";
    case JsonToken::kString:
      return "the text \"" + std::string(item.text.substr(0, kMost)) + (item.text.size() > kMost ? "...\"" : "\"");
    case JsonToken::kInteger:
    case JsonToken::kUnsigned:
    case JsonToken::kReal:
      return "the number " + std::string(item.text.substr(0, kMost));
    case JsonToken::kBoolean:
      return item.integer != 0 ? "true" : "false";
    default:
      return "null";
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string_view origin) : origin_(origin) {
  auto tape = base::parse_json(text, origin, base::JsonComments::kRefused);
  if (tape.ok()) {
    tape_ = std::move(*tape);
  } else {
    status_ = tape.status();
  }
}

std::string JsonReader::path() const {
  std::string path;
  for (const auto& step : path_) {
    if (!step.entered) continue;
    if (step.is_array) {
      path += "[" + std::to_string(step.index) + "]";
    } else if (!step.key.empty()) {
      if (!path.empty()) path += ".";
      path += step.key;
    }
  }
  return path;
}

void JsonReader::fail_at(size_t position, Code code, std::string_view text) {
  if (!ok()) return;
  auto where = std::string(origin_) + ":" + std::to_string(tape_.items[position].line) + ": ";
  if (auto at = path(); !at.empty()) where += at + ": ";
  status_ = Status(code, where.append(text));
}

void JsonReader::expected(std::string_view what) {
  fail_at(at_, Code::kCorrupt, "found " + describe(next()) + ", expected " + std::string(what));
}

bool JsonReader::begin_value() {
  if (!ok()) return false;
  last_ = at_;
  return true;
}

bool JsonReader::open(JsonToken bracket, std::string_view kind) {
  if (!begin_value()) return false;
  if (next().token != bracket) {
    expected(kind);
    return false;
  }
  ++at_;
  path_.push_back(Step{{}, 0, bracket == JsonToken::kBeginArray, false});
  return true;
}

bool JsonReader::next_member() {
  if (!ok()) return false;
  if (next().token == JsonToken::kEndObject || next().token == JsonToken::kEndArray) {
    ++at_;
    path_.pop_back();
    return false;
  }
  auto& step = path_.back();
  if (step.entered) ++step.index;
  step.entered = true;
  return true;
}

bool JsonReader::next_key(std::string_view& key) {
  if (!next_member()) return false;
  last_ = at_;
  path_.back().key = key = tape_.items[at_++].text;
  return true;
}

std::string JsonReader::string() {
  if (!begin_value()) return {};
  if (next().token == JsonToken::kString) return std::string(tape_.items[at_++].text);
  expected("a text");
  return {};
}

bool JsonReader::boolean() {
  if (!begin_value()) return false;
  if (next().token == JsonToken::kBoolean) return tape_.items[at_++].integer != 0;
  expected("true or false");
  return false;
}

void JsonReader::expected_whole(const std::string& least, const std::string& most) {
  expected("a whole number from " + least + " to " + most);
}

int64_t JsonReader::integer(int64_t least, int64_t most) {
  if (!begin_value()) return 0;
  const auto& item = next();
  // An unsigned number beyond the signed ones would look negative.
  const bool fits = item.token == JsonToken::kInteger || (item.token == JsonToken::kUnsigned && item.integer >= 0);
  if (!fits || item.integer < least || item.integer > most) {
    expected_whole(std::to_string(least), std::to_string(most));
    return 0;
  }
  ++at_;
  return item.integer;
}

uint64_t JsonReader::unsigned_integer(uint64_t most) {
  if (!begin_value()) return 0;
  const auto& item = next();
  const auto number = static_cast<uint64_t>(item.integer);
  if (item.token != JsonToken::kUnsigned || number > most) {
    expected_whole("0", std::to_string(most));
    return 0;
  }
  ++at_;
  return number;
}

void JsonReader::skip() {
  if (!begin_value()) return;
  size_t depth = 0;
  do {
    const auto token = tape_.items[at_++].token;
    if (token == JsonToken::kBeginObject || token == JsonToken::kBeginArray) ++depth;
    if (token == JsonToken::kEndObject || token == JsonToken::kEndArray) --depth;
  } while (depth != 0);
}

}  // namespace ark::container::package
