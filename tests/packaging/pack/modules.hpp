/// The shared objects of modules/, by the names they have in CMakeLists.txt.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/files.hpp"

namespace ark::test {

inline std::filesystem::path module_file(const std::string& name) {
  return std::filesystem::path(PACK_MODULES) / ("pack_" + name + ".so");
}

inline std::string module_bytes(const std::string& name) { return *container::base::read_file(module_file(name)); }

inline constexpr bool kPlainBuild = std::string_view(PACK_SANITIZER) == "none";
inline constexpr bool kGcc = std::string_view(PACK_COMPILER) == "GNU";

}  // namespace ark::test
