/// Texts as JSON writes them.
#pragma once

#include <string>
#include <string_view>

namespace ark::container::package {

/// `text` in double quotes, with escapes where JSON demands them. text: UTF-8.
std::string json_quoted(std::string_view text);

}  // namespace ark::container::package
