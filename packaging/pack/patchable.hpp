/// What can be patched, and the rules that both the patcher and the check of its work go by.
#pragma once

#include <elf.h>
#include <ark/container/status.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pack/patch.hpp"
#include "package/elf_file.hpp"

namespace ark::packaging {

constexpr uint64_t kPageSize = 4096;
/// As a DT_RPATH: the folder that the file itself is in.
constexpr std::string_view kOwnFolder = "$ORIGIN";

constexpr uint64_t to_page(uint64_t at) { return (at + kPageSize - 1) / kPageSize * kPageSize; }

/// st_info of a symbol, of its type and STB_WEAK.
constexpr unsigned char as_weak(unsigned char info) { return ELF64_ST_INFO(STB_WEAK, ELF64_ST_TYPE(info)); }

/// Index of the last PT_LOAD, which has the highest address too.
size_t last_load(const container::package::ElfFile& file);

/// Whether the dynamic section gets an entry more.
bool needs_soname(const container::package::ElfFile& file, const Patch& patch);
bool needs_run_path(const container::package::ElfFile& file, const Patch& patch);

/// What patched() refuses. file: ok().
container::Status check_patchable(container::package::ElfFile& file, const Patch& patch);

}  // namespace ark::packaging
