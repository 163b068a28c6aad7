/// UTF-8, as far as names in zips need it; texts of JSON are checked by its parser. Source: RFC 3629.
#pragma once

#include <string_view>

namespace ark::container::package {

/// Well formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace ark::container::package
