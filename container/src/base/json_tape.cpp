#include "base/json_tape.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

namespace ark::container::base {
namespace {

constexpr size_t kDeepest = 64;

/// Counts the lines that the parser has read.
struct Lines {
  uint32_t now = 1;
  uint32_t before_last = 1;  // before the last character: numbers are known to end only by the character behind them
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, Lines* lines) : at_(at), lines_(lines) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    lines_->before_last = lines_->now;
    if (*at_ == '\n') ++lines_->now;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    auto old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  Lines* lines_;
};

/// What is said after nlohmann's "[json.exception.parse_error.101] parse error at line 3, column 7: ".
std::string essence(const char* what) {
  std::string_view text = what;
  const auto colon = text.find(": ");
  return std::string(colon == std::string_view::npos ? text : text.substr(colon + 2));
}

class Recorder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Recorder(const Lines& lines) : lines_(lines) {}

  bool null() override { return add(JsonToken::kNull, lines_.now, {}, 0); }
  bool boolean(bool value) override { return add(JsonToken::kBoolean, lines_.now, {}, value); }
  bool number_integer(int64_t value) override { return add(JsonToken::kInteger, lines_.before_last, std::to_string(value), value); }
  bool number_unsigned(uint64_t value) override {
    return add(JsonToken::kUnsigned, lines_.before_last, std::to_string(value), static_cast<int64_t>(value));
  }
  bool number_float(double, const string_t& text) override { return add(JsonToken::kReal, lines_.before_last, text, 0); }
  bool string(string_t& text) override { return add(JsonToken::kString, lines_.now, std::move(text), 0); }
  bool binary(binary_t&) override { return false; }  // no JSON text has it
  bool start_object(size_t) override { return descend(JsonToken::kBeginObject); }
  bool key(string_t& text) override { return add(JsonToken::kKey, lines_.now, std::move(text), 0); }
  bool end_object() override { return ascend(JsonToken::kEndObject); }
  bool start_array(size_t) override { return descend(JsonToken::kBeginArray); }
  bool end_array() override { return ascend(JsonToken::kEndArray); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    problem = essence(error.what());
    return false;
  }

  std::vector<JsonItem> items;
  std::string problem;

 private:
  bool add(JsonToken token, uint32_t line, std::string text, int64_t integer) {
    items.push_back({token, line, std::move(text), integer});
    return true;
  }
  bool descend(JsonToken token) {
    if (++depth_ <= kDeepest) return add(token, lines_.now, {}, 0);
    problem = "it is nested deeper than " + std::to_string(kDeepest) + " levels";
    return false;
  }
  bool ascend(JsonToken token) {
    --depth_;
    return add(token, lines_.now, {}, 0);
  }
  const Lines& lines_;
  size_t depth_ = 0;
};

}  // namespace

Result<std::vector<JsonItem>> parse_json(std::string_view text, std::string_view origin, JsonComments comments) {
  Lines lines;
  Recorder recorder(lines);
  const CountingIterator begin(text.data(), &lines), end(text.data() + text.size(), &lines);
  const bool whole = nlohmann::json::sax_parse(begin, end, &recorder, nlohmann::json::input_format_t::json, true,
                                               comments == JsonComments::kAllowed);
  if (whole) return std::move(recorder.items);
  return Status(Code::kCorrupt, std::string(origin) + ":" + std::to_string(lines.now) + ": " + recorder.problem);
}

}  // namespace ark::container::base
