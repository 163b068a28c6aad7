/// What keeps a shared object from being a module: it could not be loaded beside others, or not be unmapped again.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "package/elf.hpp"

namespace ark::packaging {

/// A sentence for each fault, with what to do about it. Empty: it can be packed.
std::vector<std::string> faults_of(const container::package::ElfInfo& elf);

/// kIncompatible with all the faults, a line each.
container::Status check_loadable(const container::package::ElfInfo& elf, const std::filesystem::path& file);

}  // namespace ark::packaging
