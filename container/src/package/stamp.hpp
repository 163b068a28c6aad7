/// The generation in the names of the libraries that travel inside a module: eight digits, of the same width always, so that they are changed in place
/// when a package is staged. No two generations have a library of the same name, which the loader would take for one (docs/isolation.md).
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::package {

/// How the name of a bundled library ends before it is staged.
inline constexpr std::string_view kUnstampedEnd = "-g00000000.so";
inline constexpr uint32_t kLastGeneration = 99'999'999;

/// "lib/libz-3f09a1c2d4e5-g00000000.so" as "lib/libz-3f09a1c2d4e5-g00000042.so"; what does not end so is returned as it is.
std::string stamped(std::string_view path, uint32_t generation);

/// Offsets of the eight digits of all such names in the bytes of a file.
std::vector<uint64_t> find_stamps(std::string_view bytes);

/// Writes the digits at the offsets of an open file. CORRUPT if there are no eight zeros.
Status write_stamps(int file, const std::vector<uint64_t>& offsets, uint32_t generation);

}  // namespace ark::container::package
