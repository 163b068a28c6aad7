/// What the program brings into the scope in which the loader looks first, before any module: its definitions win over
/// those of every library that a module brings.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <vector>

namespace ark::container::loader {

/// Libraries in that scope that are not the platform's, in the order of the loader. A clean host has none, and then this
/// costs nothing; else their symbols are read.
std::vector<std::filesystem::path> foreign_libraries();

/// INCOMPATIBLE names a symbol that `file`, a shared object of a package, defines, and the library of `foreign` that
/// defines it too.
Status check_definitions(const std::filesystem::path& file, const std::vector<std::filesystem::path>& foreign);

}  // namespace ark::container::loader
