/// Whether a module and the libraries that it brings are bound as their authors meant, in every container.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <vector>

#include "pack/closure.hpp"
#include "pack/finding.hpp"
#include "package/elf.hpp"

namespace ark::packaging {

/// Looks up every symbol as the loader will: first in the platform's libraries, as a container has them and as they are
/// on this machine, then in the module's own file, then in its libraries, by distance. Found are: symbols that nobody
/// there defines; definitions that lose against the platform's; functions of which a process must have one, inside a
/// library; definitions that several files have; versions of libraries that the file does not name. That last one is
/// looked for in `libraries` only: lint.hpp does it for the module.
///
/// file:      the module's, for messages.
/// libraries: closure_of(module).
/// Errors:    what keeps the platform's libraries from being read.
container::Result<std::vector<Finding>> check_closed_world(const container::package::ElfInfo& module,
                                                           const std::filesystem::path& file,
                                                           const std::vector<BundledLibrary>& libraries);

}  // namespace ark::packaging
