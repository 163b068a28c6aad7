/// Lines of text made by a signal handler: no memory is asked for, nothing but write is called.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ark::container::crash {

/// One line. What does not fit is cut off, but never its end. Async-signal-safe.
class Line {
 public:
  /// Bytes that would break the line become '?'.
  Line& operator<<(const char* text);
  Line& operator<<(uint64_t decimal);
  Line& operator<<(int64_t decimal);
  Line& operator<<(int decimal) { return *this << static_cast<int64_t>(decimal); }
  /// "0x12ab"
  Line& hex(uint64_t number);
  /// At least `digits` of them, with zeros in front.
  Line& padded(uint64_t decimal, int digits);

  /// Line feed: nothing is to be added after it.
  void end();

  const char* text() const { return text_; }  ///< with a NUL at its end
  size_t size() const { return size_; }

 private:
  void add(char c);
  char text_[8192] = {};
  size_t size_ = 0;
};

/// "2026-11-21T06:53:54Z", or 20261121-065354 for a file's name. seconds: since 1970. Async-signal-safe.
void add_time(Line& line, int64_t seconds);
void add_time_for_file(Line& line, int64_t seconds);

}  // namespace ark::container::crash
