#include "event/names.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ark::container::event {

std::optional<Id> find_id(std::string_view name) {
  const auto found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.name == name; });
  if (found == kKnown.end()) return {};
  return static_cast<Id>(found - kKnown.begin());
}

std::string all_names() {
  std::string names;
  for (const auto& known : kKnown) base::add_to_list(&names, ", ", known.name);
  return names;
}

}  // namespace ark::container::event
