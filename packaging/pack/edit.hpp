/// Changes to a module's file. What is changed is written down, and what was written is read again and compared.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "package/elf.hpp"

namespace ark::packaging {

/// A word of 8 bytes in the file.
struct Edit {
  uint64_t offset = 0;
  uint64_t from = 0, to = 0;
  std::string what;  ///< "DT_INIT_ARRAYSZ"
};

/// Empties the tables of static constructors and destructors: the container runs them itself, where they can be timed
/// and what they throw can be caught (spec of the loader: docs/manifest.md).
std::vector<Edit> plan_edits(const container::package::ElfInfo& elf);

void apply_edits(std::string& bytes, const std::vector<Edit>& edits);

/// Whether `written`, as read from the disk, is `original` with exactly these edits. kCorrupt names the first
/// difference.
container::Status check_edits(std::string_view original, std::string_view written, const std::vector<Edit>& edits);

}  // namespace ark::packaging
