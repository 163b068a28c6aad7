#include "pack/finding.hpp"

#include <algorithm>
#include <cstddef>

namespace ark::packaging {

std::string list_of(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) text.append(i > 0 ? ", " : "").append(names[i]);
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

std::string list_of(const std::set<std::string>& names) {
  return list_of(std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace ark::packaging
