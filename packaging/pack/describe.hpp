/// Reads what a module says of itself: its ark_module, constant data that is there before any of its code runs.
#pragma once

#include <ark/abi/module.h>
#include <ark/container/status.hpp>

#include <filesystem>

#include "package/manifest.hpp"

namespace ark::packaging {

/// Completes `draft` from the table: name, version, kind, fingerprint, exports and imports with their layouts.
///
/// Errors: kIncompatible for another ABI; kInvalidArgument for what the author must change: an export or import whose
/// contract
///         was not compiled in, a version that is not the contract's, a virtual function that the contract does not
///         list.
container::Result<container::package::Manifest> describe(const ark_module_t& module,
                                                         container::package::Manifest draft);

/// Maps the file, describes it, unmaps it and looks whether anything of it is left. None of its code runs but IFUNC
/// resolvers, which may do anything: for a process that can be spared. file: absolute, with emptied tables (patch.hpp).
container::Result<container::package::Manifest> load_and_describe(const std::filesystem::path& file,
                                                                  container::package::Manifest draft);

/// kIncompatible if this process has a mapping of the file. Asks the kernel and not the loader: a mapping that the
/// loader has forgotten is still one. file: absolute, without links.
container::Status check_unmapped(const std::filesystem::path& folder);

}  // namespace ark::packaging
