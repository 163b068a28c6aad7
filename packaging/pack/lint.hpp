/// What keeps a shared object from being a module: it could not be loaded beside others, or not be unmapped again.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "package/elf.hpp"

namespace ark::packaging {

/// A sentence for each fault, with what to do about it. Empty: it can be packed.
/// libraries_travel: it may need others than the platform's, which are judged by themselves.
std::vector<std::string> faults_of(const container::package::ElfInfo& elf, bool libraries_travel = false);
/// The same of a library that travels with a module: what the patcher does not mend.
std::vector<std::string> library_faults_of(const container::package::ElfInfo& elf);

/// "LIB_2 of liblib.so": versions of libraries that are not in DT_NEEDED. The loader ends the process when it meets one.
std::vector<std::string> versions_without_library(const container::package::ElfInfo& elf);

/// kIncompatible with all the faults, a line each.
container::Status check_loadable(const container::package::ElfInfo& elf, const std::filesystem::path& file, bool libraries_travel = false);

}  // namespace ark::packaging
