#pragma once

#include <cstddef>
#include <cstdint>

namespace ark::container::crash {

/// The function at an address of an object.
struct Symbol {
  char name[512];      ///< mangled; a longer one is cut off
  uint64_t offset = 0; ///< of the address from the function's begin
};

/// Looks up `address` (as the file counts them) in the symbol table of the ELF file `path`, else among its exports: stripped files have nothing else.
/// False: the file cannot be read, is none, or knows no function there.
/// Async-signal-safe: reads with pread into memory of the caller's, takes nothing in the file for granted.
bool find_symbol(const char* path, uint64_t address, Symbol* found);

}  // namespace ark::container::crash
