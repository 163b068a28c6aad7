/// Texts made of parts. Any thread; no state.
#pragma once

#include <string>
#include <string_view>

namespace ark::container::base {

/// Adds `part` to the list, after `separator` unless the list is empty.
inline void add_to_list(std::string* list, std::string_view separator, std::string_view part) {
  if (!list->empty()) list->append(separator);
  list->append(part);
}

}  // namespace ark::container::base
