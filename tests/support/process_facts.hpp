/// What a process must not have more and more of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>

namespace ark::test {

struct ProcessFacts {
  int64_t threads = 0, descriptors = 0, mappings = 0;
  int64_t heap_bytes = 0;      ///< in use; 0 in sanitizer builds, whose heap is another
  int64_t resident_bytes = 0;  ///< of the whole process

  static ProcessFacts now();
};

/// Files below the folder that are mapped into this process, also those that have been removed meanwhile.
std::set<std::filesystem::path> mapped_files(const std::filesystem::path& below);

/// A sanitizer keeps memory and maps of its own: only threads and descriptors mean the same as without.
bool is_sanitized();

}  // namespace ark::test
