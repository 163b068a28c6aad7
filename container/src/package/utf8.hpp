/// UTF-8, as far as texts of manifests need it. Source: RFC 3629.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ark::container::package {

/// Well formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// code: a code point, not a surrogate.
void append_utf8(std::string& out, uint32_t code);

}  // namespace ark::container::package
