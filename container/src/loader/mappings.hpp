/// Which part of the address space a file was mapped to, and whether it still is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ark::container::loader {

/// Page-aligned.
struct MappedRange {
  uintptr_t begin, end;
  bool contains(uintptr_t address) const { return begin <= address && address < end; }
};

/// The loaded segments of an object, as its program headers say. base: where address 0 of the file lies.
std::vector<MappedRange> loaded_ranges(uintptr_t base);

/// Is anything of `file` still mapped inside `ranges`? Asks mincore page by page; only where something is there, which may be
/// somebody else's by now, it reads the maps file and compares path and place.
bool still_mapped(const std::vector<MappedRange>& ranges, const std::filesystem::path& file);

}  // namespace ark::container::loader
