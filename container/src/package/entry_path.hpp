/// Paths inside packages: relative, with '/', and safe to extract.
#pragma once

#include <string_view>

namespace ark::container::package {

/// Empty if the path may stand in a package; otherwise what is wrong with it, to follow "the path".
std::string_view path_fault(std::string_view path);

}  // namespace ark::container::package
