/// Writes JSON for people: objects and arrays over lines of their own, or in one line where they are short.
#pragma once

#include <string>
#include <string_view>

#include "package/json_text.hpp"

namespace ark::container::package {

/// One object or array. Its text begins when it is made and ends with close(). Indentation is two blanks a level.
class JsonLines {
 public:
  /// indent: of the line that holds the opening bracket. one_line: members follow each other on it.
  JsonLines(std::string& out, char open, size_t indent, bool one_line = false)
      : out_(out), close_(open == '{' ? '}' : ']'), indent_(indent), one_line_(one_line) {
    out_ += open;
  }

  /// Begins the next member of an object; its value is to be appended.
  std::string& key(std::string_view name) { return next().append(json_quoted(name)).append(": "); }
  /// Begins the next element of an array.
  std::string& next() {
    if (!empty_) out_ += ',';
    if (one_line_) {
      if (!empty_) out_ += ' ';
    } else {
      out_.append("\n").append(indent_ + 2, ' ');
    }
    empty_ = false;
    return out_;
  }
  void text(std::string_view name, std::string_view value) { key(name) += json_quoted(value); }
  void number(std::string_view name, int64_t value) { key(name) += std::to_string(value); }
  void size(std::string_view name, uint64_t value) { key(name) += std::to_string(value); }
  /// Leaves out what the reader assumes anyway.
  void text_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void flag_if_set(std::string_view name, bool value) {
    if (value) key(name) += "true";
  }

  void close() {
    if (!one_line_ && !empty_) out_.append("\n").append(indent_, ' ');
    out_ += close_;
  }

 private:
  std::string& out_;
  char close_;
  size_t indent_;
  bool one_line_;
  bool empty_ = true;
};

}  // namespace ark::container::package
