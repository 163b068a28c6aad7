/// Everything in which the dynamic loader looks for the symbols of one module and its libraries.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <vector>

#include "pack/closure.hpp"
#include "pack/library_search.hpp"
#include "pack/symbol_scope.hpp"
#include "package/elf.hpp"

namespace ark::packaging {

/// A value of one thread at a time; can be moved. It refers to the module and the libraries that it was made of.
struct LoaderScope {
  SymbolScope symbols;
  /// How many objects at the front are the sanitizers' run time (none in other builds), and how many belong to the
  /// program and the platform, those included: they come before the module's.
  uint32_t sanitizers = 0, globals = 0;
  std::deque<FoundLibrary> platform;  ///< its libraries, as they are on this machine
};

/// First the libraries that every container links, with what they need, then the module, then what it needs, breadth
/// first: its own libraries, and those of the platform that no container links (libresolv). They are read from where
/// the loader of this machine has them.
///
/// Errors: what keeps one of the platform's libraries from being read.
container::Result<LoaderScope> scope_of(const container::package::ElfInfo& module, const std::filesystem::path& file,
                                        const std::vector<BundledLibrary>& libraries);

}  // namespace ark::packaging
