/// The libraries of libraries/, by the names they have in CMakeLists.txt, and what the tests of the patcher do to them.
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "pack/patch.hpp"
#include "package/elf_file.hpp"
#include "packaging/pack/modules.hpp"

namespace ark::test {

inline std::string library_bytes(const std::string& name) {
  return *container::base::read_file(std::filesystem::path(PACK_MODULES) / ("libpatch_" + name + ".so"));
}

/// What an engine becomes in the bundle `name`.
inline packaging::Patch engine_patch(const std::string& name) {
  packaging::Patch patch;
  patch.soname = "engine-" + name + ".so";
  patch.imports = {{"exit", "ark_hook_exit"}, {"pthread_create", "ark_hook_pthread_create"}};
  patch.needed = {{"libpatch_parts.so", "parts-" + name + ".so"}};
  return patch;
}

template <class T>
void put(std::string& bytes, uint64_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// Cut off behind its segments, as sstrip does: the last page of the file is one of data.
inline std::string without_sections(std::string bytes) {
  uint64_t end = 0;
  const container::package::ElfFile file(bytes);
  for (const auto& segment : file.segments()) {
    end = std::max(end, segment.p_offset + segment.p_filesz);
  }
  bytes.resize(end);
  put(bytes, offsetof(Elf64_Ehdr, e_shoff), uint64_t{0});
  put(bytes, offsetof(Elf64_Ehdr, e_shnum), uint16_t{0});
  put(bytes, offsetof(Elf64_Ehdr, e_shstrndx), uint16_t{0});
  return bytes;
}

/// Symbols of a binding, in .dynsym and .symtab.
inline int count_bindings(const std::string& bytes, int binding) {
  container::package::ElfFile file(bytes);
  auto count = std::count_if(file.symbols().begin(), file.symbols().end(),
                             [binding](const auto& symbol) { return ELF64_ST_BIND(symbol.raw.st_info) == binding; });
  for (const auto& section : file.sections()) {
    if (section.sh_type != SHT_SYMTAB) continue;
    for (uint64_t at = 0; at < section.sh_size; at += sizeof(Elf64_Sym)) {
      count += ELF64_ST_BIND(file.get<Elf64_Sym>(section.sh_offset + at).st_info) == binding;
    }
  }
  return static_cast<int>(count);
}

/// Where in the file the headers of its PT_LOADs are.
inline std::vector<uint64_t> load_headers(const container::package::ElfFile& file) {
  std::vector<uint64_t> places;
  for (size_t i = 0; i < file.segments().size(); ++i) {
    if (file.segments()[i].p_type == PT_LOAD) places.push_back(file.header().e_phoff + i * sizeof(Elf64_Phdr));
  }
  return places;
}

}  // namespace ark::test
