/// The code of a package: a module's main file and the libraries that travel with it, under names that no other module, version or generation has
/// (docs/isolation.md).
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "pack/closure.hpp"
#include "package/manifest.hpp"

namespace ark::packaging {

/// A file as it was built.
struct BuiltFile {
  std::filesystem::path file;
  std::string bytes;
  container::package::ElfInfo elf;
};

/// A file as it is packed.
struct CodeFile {
  std::filesystem::path file;                 ///< where it was written to
  container::package::PackagedFile described;  ///< but for the path, which it has in the package
};

/// Patches all of them and writes them to `folder`, where they can be loaded; what was written is read again and compared.
///
/// libraries: closure_of(main).
/// Returns:   the main file, written as module.so, and behind it the libraries in their order.
/// Errors:    as of patched() and check_patched(); and if the main file lacks a function that a library must call instead of
///            the C library's.
container::Result<std::vector<CodeFile>> write_code(const BuiltFile& main, const std::vector<BundledLibrary>& libraries,
                                                    const std::filesystem::path& folder);

}  // namespace ark::packaging
