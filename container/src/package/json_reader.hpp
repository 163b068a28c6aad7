/// Reads JSON straight into its destination and knows at each moment the line and the path ("files[2].size") it is at.
#pragma once

#include <ark/container/status.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_tape.hpp"

namespace ark::container::package {

/// The first failure sticks: from then on every function returns at once with an empty value, so callers need no checks
/// between reads. A text that is not JSON is a failure from the beginning, whatever stands before the fault.
/// One thread at a time.
class JsonReader {
 public:
  /// origin: what messages call the text. Both must outlive the reader.
  JsonReader(std::string_view text, std::string_view origin);

  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }

  /// Calls on_key(key) for each key of the object that comes next; it must read the value or fail. Keys live as long as
  /// the reader.
  template <class F>
  void object(F&& on_key) {
    if (!open(base::JsonToken::kBeginObject, "an object")) return;
    for (std::string_view key; next_key(key);) on_key(key);
  }

  /// Calls on_element() for each element of the array that comes next; it must read the element or fail.
  template <class F>
  void array(F&& on_element) {
    if (!open(base::JsonToken::kBeginArray, "an array")) return;
    while (next_element()) on_element();
  }

  std::string string();  ///< UTF-8 without NUL
  bool boolean();
  int64_t integer(int64_t least, int64_t most);  ///< both ends included
  uint64_t unsigned_integer(uint64_t most = UINT64_MAX);
  uint32_t u32() { return static_cast<uint32_t>(unsigned_integer(UINT32_MAX)); }

  /// Reads any value and drops it.
  void skip();

  /// Where the value that comes next begins, for fail_at. 0 only for the whole text.
  size_t position() const { return at_; }
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

  const base::JsonItem& next() const { return tape_.items[at_]; }
  bool begin_value();
  bool open(base::JsonToken bracket, std::string_view kind);
  bool next_member();
  bool next_key(std::string_view& key);
  bool next_element() { return next_member(); }
  void expected(std::string_view what);
  void expected_whole(const std::string& least, const std::string& most);

  std::string_view origin_;
  base::JsonTape tape_;
  size_t at_ = 0;    ///< the item that comes next
  size_t last_ = 0;  ///< the key or value read last
  std::vector<Step> path_;
  Status status_;
};

}  // namespace ark::container::package
