#include "package/json_reader.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "package/utf8.hpp"

namespace ark::container::package {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void JsonReader::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

size_t JsonReader::position() {
  skip_space();
  return at_;
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
  auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(position, text_.size()));
  auto where = std::string(origin_) + ":" + std::to_string(1 + std::count(text_.begin(), end, '\n')) + ": ";
  if (auto at = path(); !at.empty()) where += at + ": ";
  status_ = Status(code, where.append(text));
}

void JsonReader::expected(std::string_view what) {
  fail_at(at_, Code::kCorrupt, "found " + describe_next() + ", expected " + std::string(what));
}

std::string JsonReader::describe_next() const {
  if (at_ >= text_.size()) return "the end of the text";
  auto rest = text_.substr(at_);
  switch (rest[0]) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case '"': {
      auto end = rest.find('"', 1);
      bool cut = end == rest.npos || end > 41;
      return "the text " + std::string(rest.substr(0, cut ? 41 : end + 1)) + (cut ? "...\"" : "");
    }
    default:
      break;
  }
  size_t size = 0;
  while (size < rest.size() && size < 20 &&
         (std::isalnum(static_cast<unsigned char>(rest[size])) || rest[size] == '.' || rest[size] == '-' ||
          rest[size] == '+'))
    ++size;
  if (size == 0)
    return static_cast<unsigned char>(rest[0]) < 0x80 && rest[0] >= ' ' ? "'" + std::string(1, rest[0]) + "'"
                                                                        : "a byte that cannot stand here";
  auto word = std::string(rest.substr(0, size));
  return is_digit(word[0]) || word[0] == '-' ? "the number " + word : word;
}

bool JsonReader::begin_value() {
  if (!ok()) return false;
  skip_space();
  last_ = at_;
  return true;
}

bool JsonReader::open(char bracket, std::string_view kind) {
  if (!begin_value()) return false;
  if (peek() != bracket) {
    expected(kind);
    return false;
  }
  if (path_.size() == kMaxDepth) {
    fail(Code::kCorrupt, "objects and arrays are nested deeper than " + std::to_string(kMaxDepth));
    return false;
  }
  ++at_;
  path_.push_back(Step{{}, 0, bracket == '[', false});
  return true;
}

bool JsonReader::next_member(char close) {
  if (!ok()) return false;
  skip_space();
  auto& step = path_.back();
  if (peek() == close) {
    ++at_;
    path_.pop_back();
    return false;
  }
  if (!step.entered) {
    step.entered = true;
    return true;
  }
  if (peek() != ',') {
    expected(close == '}' ? "',' or '}'" : "',' or ']'");
    return false;
  }
  ++at_;
  ++step.index;
  skip_space();
  return true;
}

bool JsonReader::next_key(std::string_view& key) {
  if (!next_member('}')) return false;
  last_ = at_;
  if (peek() != '"') {
    expected("a key in double quotes");
    return false;
  }
  key = read_text();
  path_.back().key = key;
  if (!ok()) return false;
  skip_space();
  if (peek() != ':') {
    expected("':' after the key");
    return false;
  }
  ++at_;
  return true;
}

std::string_view JsonReader::read_text() {
  size_t begin = ++at_;
  bool ascii = true;
  for (; at_ < text_.size(); ++at_) {
    auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"') {
      auto text = text_.substr(begin, at_++ - begin);
      if (!ascii && !is_utf8(text)) fail(Code::kCorrupt, "the text is not UTF-8");
      return text;
    }
    if (c == '\\') return read_escaped(begin);
    if (c < 0x20) {
      fail_at(at_, Code::kCorrupt,
              "a text holds a line break or another control character; write it as an escape, such as \\n");
      return {};
    }
    ascii &= c < 0x80;
  }
  fail(Code::kCorrupt, "a text has no closing quote");
  return {};
}

std::string_view JsonReader::read_escaped(size_t begin) {
  auto& out = decoded_.emplace_back(text_.substr(begin, at_ - begin));
  for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    if (text_[at_] != '\\') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) break;
      out += text_[at_];
    } else if (!read_escape(out)) {
      fail_at(at_, Code::kCorrupt, "an escape in a text is not one of JSON's, or stands for a NUL or half a character");
      return {};
    }
  }
  if (peek() != '"') {
    fail_at(at_, Code::kCorrupt, "a text has no closing quote before the line ends");
    return {};
  }
  ++at_;
  if (!is_utf8(out)) fail(Code::kCorrupt, "the text is not UTF-8");
  return out;
}

/// At the backslash; leaves at_ at the last character of the escape.
bool JsonReader::read_escape(std::string& out) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  if (++at_ >= text_.size()) return false;
  if (text_[at_] != 'u') {
    auto letter = kLetters.find(text_[at_]);
    if (letter == kLetters.npos) return false;
    out += kMeanings[letter];
    return true;
  }
  uint32_t code = 0, low = 0;
  if (!read_hex4(code) || code == 0 || (code >= 0xdc00 && code < 0xe000)) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    if (text_.substr(at_ + 1, 2) != "\\u") return false;
    at_ += 2;
    if (!read_hex4(low) || low < 0xdc00 || low >= 0xe000) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(out, code);
  return true;
}

bool JsonReader::read_hex4(uint32_t& code) {
  auto digits = text_.substr(at_ + 1, 4);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) return false;
  at_ += 4;
  return true;
}

std::string JsonReader::string() {
  if (!begin_value()) return {};
  if (peek() == '"') return std::string(read_text());
  expected("a text");
  return {};
}

bool JsonReader::read_word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::boolean() {
  if (!begin_value()) return false;
  if (read_word("true")) return true;
  if (!read_word("false")) expected("true or false");
  return false;
}

/// The number at at_, as JSON writes them; empty if there is none.
std::string_view JsonReader::read_number() {
  size_t begin = at_;
  auto digits = [&] {
    size_t first = at_;
    while (is_digit(peek())) ++at_;
    return at_ > first;
  };
  auto none = [&] {
    at_ = begin;
    return std::string_view();
  };
  if (peek() == '-') ++at_;
  if (peek() == '0') {
    ++at_;
  } else if (!digits()) {
    return none();
  }
  if (peek() == '.' && (++at_, !digits())) return none();
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!digits()) return none();
  }
  return text_.substr(begin, at_ - begin);
}

template <class T>
T JsonReader::read_whole(T least, T most) {
  if (!begin_value()) return 0;
  auto digits = read_number();
  T number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (!digits.empty() && error == std::errc() && end == digits.data() + digits.size() && number >= least &&
      number <= most)
    return number;
  at_ = last_;
  expected("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return 0;
}

int64_t JsonReader::integer(int64_t least, int64_t most) { return read_whole<int64_t>(least, most); }
uint64_t JsonReader::unsigned_integer(uint64_t most) { return read_whole<uint64_t>(0, most); }

void JsonReader::skip() {
  if (!begin_value()) return;
  switch (peek()) {
    case '{':
      return object([&](std::string_view) { skip(); });
    case '[':
      return array([&] { skip(); });
    case '"':
      read_text();
      return;
    default:
      break;
  }
  if (read_word("true") || read_word("false") || read_word("null")) return;
  if (read_number().empty()) expected("a value");
}

void JsonReader::finish() {
  if (!ok()) return;
  skip_space();
  if (at_ != text_.size()) expected("the end of the text");
}

}  // namespace ark::container::package
