#include "base/json_tape.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>

namespace ark::container::base {
namespace {

/// Leaves behind how far the parser has read: it tells its listener what it found, but not where.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** read_to) : at_(at), read_to_(read_to) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *read_to_ = ++at_;
    return *this;
  }
  TrackedIterator operator++(int) {
    auto old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const TrackedIterator& a, const TrackedIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** read_to_;
};

/// The end of what was read, for a message: short, and fit for any terminal or JSON.
std::string excerpt(std::string_view read) {
  constexpr size_t kMost = 32;
  auto text = std::string(read.size() > kMost ? read.substr(read.size() - kMost) : read);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c >= 0x80; }, '?');
  return text;
}

/// What nlohmann says, without its own way to say where: "[json.exception.parse_error.101] parse error at line 3,
/// column 7: ".
std::string essence(std::string_view what, const std::string& last_read) {
  for (std::string_view intro : {"] ", "column "}) {
    if (auto at = what.find(intro); at != what.npos) what.remove_prefix(at + intro.size());
  }
  const auto digits = std::min(what.find_first_not_of("0123456789"), what.size());
  if (digits != 0 && what.substr(digits, 2) == ": ") what.remove_prefix(digits + 2);
  std::string text(what);
  if (auto at = text.find(last_read); !last_read.empty() && at != text.npos)
    text.replace(at, last_read.size(), excerpt(last_read));
  return text;
}

bool belongs_to_number(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '+';
}

class Recorder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Recorder(std::string_view text, const char* const& read_to)
      : begin_(text.data()), counted_(text.data()), read_to_(read_to) {
    tape.items.reserve(text.size() / 12);  // what manifests have; more costs a copy
  }

  bool null() override { return add(JsonToken::kNull); }
  bool boolean(bool value) override { return add(JsonToken::kBoolean, {}, value); }
  bool number_integer(int64_t value) override { return add(JsonToken::kInteger, number(), value); }
  bool number_unsigned(uint64_t value) override {
    return add(JsonToken::kUnsigned, number(), static_cast<int64_t>(value));
  }
  bool number_float(double, const string_t&) override { return add(JsonToken::kReal, number()); }
  bool string(string_t& text) override { return add_text(JsonToken::kString, text); }
  bool binary(binary_t&) override { return false; }  // no JSON text has it
  bool start_object(size_t) override { return descend(JsonToken::kBeginObject); }
  bool key(string_t& text) override { return add_text(JsonToken::kKey, text); }
  bool end_object() override { return ascend(JsonToken::kEndObject); }
  bool start_array(size_t) override { return descend(JsonToken::kBeginArray); }
  bool end_array() override { return ascend(JsonToken::kEndArray); }
  bool parse_error(size_t, const std::string& last_read, const nlohmann::detail::exception& error) override {
    return refuse(essence(error.what(), last_read));
  }

  /// Of the character read last. A line break ends its line: numbers are known to end only by what follows them.
  uint32_t line() {
    if (read_to_ - counted_ > 1) {
      line_ += static_cast<uint32_t>(std::count(counted_, read_to_ - 1, '\n'));
      counted_ = read_to_ - 1;
    }
    return line_;
  }

  JsonTape tape;
  std::string problem;

 private:
  bool refuse(std::string text) {
    problem = std::move(text);
    return false;
  }
  bool add(JsonToken token, std::string_view text = {}, int64_t integer = 0) {
    tape.items.push_back({token, line(), text, integer});
    return true;
  }
  /// The parser is behind the closing quote. Where no escapes were, the text stands before it as it is.
  bool add_text(JsonToken token, std::string& text) {
    const char* end = read_to_ - 1;
    if (std::string_view(begin_, static_cast<size_t>(end - begin_)).ends_with(text))
      return add(token, {end - text.size(), text.size()});
    if (text.find('\0') != text.npos) return refuse("a text holds a NUL");
    return add(token, tape.decoded.emplace_back(std::move(text)));
  }
  /// The parser is behind the number's end, or behind the character that showed the end.
  std::string_view number() const {
    const char* end = std::isdigit(static_cast<unsigned char>(read_to_[-1])) ? read_to_ : read_to_ - 1;
    const char* begin = end;
    while (begin != begin_ && belongs_to_number(begin[-1])) --begin;
    return {begin, static_cast<size_t>(end - begin)};
  }
  bool descend(JsonToken token) {
    if (++depth_ <= kJsonMaxDepth) return add(token);
    return refuse("objects and arrays are nested deeper than " + std::to_string(kJsonMaxDepth));
  }
  bool ascend(JsonToken token) {
    --depth_;
    return add(token);
  }

  const char* const begin_;
  const char* counted_;  // line_ is the line of the character here
  const char* const& read_to_;
  uint32_t line_ = 1;
  size_t depth_ = 0;
};

}  // namespace

Result<JsonTape> parse_json(std::string_view text, std::string_view origin, JsonComments comments) {
  const char* read_to = text.data();
  Recorder recorder(text, read_to);
  const TrackedIterator begin(text.data(), &read_to), end(text.data() + text.size(), &read_to);
  const bool whole = nlohmann::json::sax_parse(begin, end, &recorder, nlohmann::json::input_format_t::json, true,
                                               comments == JsonComments::kAllowed);
  if (whole) return std::move(recorder.tape);
  return Status(Code::kCorrupt, std::string(origin) + ":" + std::to_string(recorder.line()) + ": " + recorder.problem);
}

}  // namespace ark::container::base
