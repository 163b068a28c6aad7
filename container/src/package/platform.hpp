/// What this process's platform offers to modules.
#pragma once

#include <string_view>

#include "package/manifest.hpp"

namespace ark::container::package {

/// Highest symbol versions of the libraries that are loaded. Found once; any thread.
const Platform& host_platform();

/// Whether the dotted numbers of `a` come before those of `b`: "3.4.9" before "3.4.30". An empty text comes before all.
bool comes_before(std::string_view a, std::string_view b);

}  // namespace ark::container::package
