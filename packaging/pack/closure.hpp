/// The shared libraries that travel with a module.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "package/elf.hpp"

namespace ark::packaging {

/// A shared library that travels inside a module.
struct BundledLibrary {
  std::filesystem::path file;      ///< absolute, as the search found it: it may be a link
  std::string soname;              ///< DT_SONAME; without one the name of the file, links followed
  std::vector<std::string> names;  ///< all that DT_NEEDED call it; the first is its soname
  container::package::ElfInfo elf;
  std::string bytes;
};

/// The libraries that `module` needs, directly or not, without the platform's. Each stands behind all that it needs,
/// as far as there is no circle. Of two files of one name the loader's choice: the first, by distance from the module.
///
/// file:   where `module` was read, for $ORIGIN and messages.
/// search: folders to look in first; then as ld.so(8) does.
/// Errors: kNotFound names who needs what and where was looked; kResourceExhausted for more than 1,000 libraries or
///         one of more than 1 GiB; what else keeps a library from being read.
container::Result<std::vector<BundledLibrary>> closure_of(const container::package::ElfInfo& module,
                                                          const std::filesystem::path& file,
                                                          const std::vector<std::filesystem::path>& search);

}  // namespace ark::packaging
