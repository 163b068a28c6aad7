/// Reads JSON in one pass straight into its destination and knows at each moment the line and the path
/// ("files[2].size") it is at.
///
/// Libraries that build a tree have lost the lines by the time a wrong value is found in it; and a manifest is read at
/// every installation, where one pass costs a small part of a tree (docs/manifest.md has the figures).
///
/// The first failure sticks: from then on every function returns at once with an empty value, so callers need no checks
/// between reads. One thread at a time; the text must outlive the reader.
#pragma once

#include <ark/container/status.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::package {

class JsonReader {
 public:
  static constexpr size_t kMaxDepth = 32;

  /// origin: what messages call the text; it must outlive the reader.
  JsonReader(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {}

  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }

  /// Calls on_key(key) for each key of the object that comes next; it must read the value.
  template <class F>
  void object(F&& on_key) {
    if (!open('{', "an object")) return;
    for (std::string_view key; next_key(key);) on_key(key);
  }

  /// Calls on_element() for each element of the array that comes next; it must read the element.
  template <class F>
  void array(F&& on_element) {
    if (!open('[', "an array")) return;
    while (next_element()) on_element();
  }

  std::string string();  ///< UTF-8 without NUL
  bool boolean();
  int64_t integer(int64_t least, int64_t most);  ///< both ends included
  uint64_t unsigned_integer(uint64_t most = UINT64_MAX);
  uint32_t u32() { return static_cast<uint32_t>(unsigned_integer(UINT32_MAX)); }

  /// Reads any value and drops it.
  void skip();
  /// Only white space may follow. The last call.
  void finish();

  /// Where the value that comes next begins, for fail_at.
  size_t position();
  /// Fails at the key or value read last: "origin:line: path: text".
  void fail(Code code, std::string_view text) { fail_at(last_, code, text); }
  void fail_at(size_t position, Code code, std::string_view text);

  std::string path() const;  ///< "files[2].size"; "" at the top

 private:
  struct Step {  // one open object or array, and the member of it that is being read
    std::string_view key;
    size_t index = 0;
    bool is_array = false, entered = false;
  };

  void skip_space();
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool begin_value();
  bool open(char bracket, std::string_view kind);
  bool next_member(char close);
  bool next_key(std::string_view& key);
  bool next_element() { return next_member(']'); }
  std::string_view read_text();  ///< at the opening quote; valid as long as the reader
  std::string_view read_escaped(size_t begin);
  bool read_escape(std::string& out);
  bool read_hex4(uint32_t& code);
  std::string_view read_number();
  bool read_word(std::string_view word);
  template <class T>
  T read_whole(T least, T most);
  std::string describe_next() const;
  void expected(std::string_view what);

  std::string_view text_, origin_;
  size_t at_ = 0;
  size_t last_ = 0;  ///< where the key or value read last begins
  std::vector<Step> path_;
  std::deque<std::string> decoded_;  ///< texts that had escapes
  Status status_;
};

}  // namespace ark::container::package
