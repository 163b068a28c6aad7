/// Functions of the C library that would leave something behind, or end the process. Libraries that travel with a module are led to functions of its
/// main file instead (plugin-sdk/glue/glue.cpp), which ask the container.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "package/elf.hpp"

namespace ark::packaging {

/// Of all these, the ones that the file imports: name, and name of the function that takes its place.
std::map<std::string, std::string> hooked_imports(const container::package::ElfInfo& elf);

/// Whether it is the name of such a function in a main file.
bool is_hook(std::string_view name);

}  // namespace ark::packaging
