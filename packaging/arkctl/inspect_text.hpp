/// What `arkctl inspect` prints for people.
#pragma once

#include <string>

#include "package/manifest.hpp"

namespace ark::arkctl {

/// Several lines, the last with its end.
std::string inspect_text(const container::package::Manifest& manifest);

}  // namespace ark::arkctl
