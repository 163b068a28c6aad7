/// What is wrong with a module or a library that it brings, for people.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace ark::packaging {

enum class Severity {
  kError,    ///< it is not packed
  kWarning,  ///< it is packed, and may do what nobody expects
};

struct Finding {
  Severity severity = Severity::kError;
  std::string text;    ///< a sentence: what, in which file, why it matters
  std::string remedy;  ///< what to do about it
};

/// "a, b and 3 more": at most five of them.
std::string list_of(const std::vector<std::string>& names);
std::string list_of(const std::set<std::string>& names);

}  // namespace ark::packaging
