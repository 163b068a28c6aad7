/// Texts made of parts. Any thread; no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ark::container::base {

/// Adds `part` to the list, after `separator` unless the list is empty.
inline void add_to_list(std::string* list, std::string_view separator, std::string_view part) {
  if (!list->empty()) list->append(separator);
  list->append(part);
}

/// "1 module", "2 modules", "0 modules".
inline std::string counted(uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

/// "orders 1.0.0: its destructor threw"; the text alone if it begins with the subject.
inline std::string said_of(std::string_view subject, std::string_view text) {
  return text.starts_with(subject) ? std::string(text) : std::string(subject) + ": " + std::string(text);
}

}  // namespace ark::container::base
