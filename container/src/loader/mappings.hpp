/// Which part of the address space a file was mapped to, and whether it still is.
#pragma once

#include <cstdint>
#include <filesystem>

namespace ark::container::loader {

/// Page-aligned.
struct MappedRange {
  uintptr_t begin = 0, end = 0;
  bool contains(uintptr_t address) const { return begin <= address && address < end; }
};

/// Where the object that contains the address is mapped, from its first segment to its last. Empty if no object does.
MappedRange range_of(const void* address);

/// Is anything of `file` still mapped inside `range`? Asks mincore; only where something is there, which may be somebody
/// else's by now, it reads the maps file and compares path and place.
bool still_mapped(const MappedRange& range, const std::filesystem::path& file);

}  // namespace ark::container::loader
