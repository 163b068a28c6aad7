#include "package/platform.hpp"

#include <elf.h>
#include <gnu/libc-version.h>
#include <link.h>

#include <algorithm>
#include <charconv>

namespace ark::container::package {
namespace {

struct Tables {
  const char* strings = nullptr;
  const char* definitions = nullptr;
  size_t count = 0;
};

Tables find_tables(const dl_phdr_info& library) {
  // glibc replaces some of the addresses in a dynamic section by absolute ones (DT_STRTAB) and leaves others
  // (DT_VERDEF).
  auto at = [&](ElfW(Addr) address) {
    return reinterpret_cast<const char*>(address < library.dlpi_addr ? library.dlpi_addr + address : address);
  };
  Tables tables;
  for (size_t i = 0; i < library.dlpi_phnum; ++i) {
    if (library.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    for (auto* entry = reinterpret_cast<const ElfW(Dyn)*>(library.dlpi_addr + library.dlpi_phdr[i].p_vaddr);
         entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_STRTAB) tables.strings = at(entry->d_un.d_ptr);
      if (entry->d_tag == DT_VERDEF) tables.definitions = at(entry->d_un.d_ptr);
      if (entry->d_tag == DT_VERDEFNUM) tables.count = entry->d_un.d_val;
    }
  }
  return tables;
}

void keep_highest(std::string& highest, std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return;
  auto numbers = name.substr(prefix.size());
  // CXXABI_TM_1 and CXXABI_FLOAT128 are no versions.
  if (numbers.empty() || numbers[0] < '0' || numbers[0] > '9') return;
  if (comes_before(highest, numbers)) highest = numbers;
}

int read_library(dl_phdr_info* library, size_t, void* result) {
  if (std::string_view(library->dlpi_name).find("/libstdc++.so") == std::string_view::npos) return 0;
  auto& platform = *static_cast<Platform*>(result);
  auto tables = find_tables(*library);
  if (tables.strings == nullptr || tables.definitions == nullptr) return 0;
  auto* at = tables.definitions;
  for (size_t i = 0; i < tables.count; ++i) {
    auto* definition = reinterpret_cast<const ElfW(Verdef)*>(at);
    auto* name = reinterpret_cast<const ElfW(Verdaux)*>(at + definition->vd_aux);
    keep_highest(platform.glibcxx, tables.strings + name->vda_name, "GLIBCXX_");
    keep_highest(platform.cxxabi, tables.strings + name->vda_name, "CXXABI_");
    if (definition->vd_next == 0) break;
    at += definition->vd_next;
  }
  return 1;
}

}  // namespace

const Platform& host_platform() {
  static const Platform platform = [] {
    Platform found;
    found.glibc = gnu_get_libc_version();
    dl_iterate_phdr(read_library, &found);
    return found;
  }();
  return platform;
}

bool comes_before(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    uint64_t x = 0, y = 0;
    auto x_end = std::from_chars(a.data(), a.data() + a.size(), x).ptr,
         y_end = std::from_chars(b.data(), b.data() + b.size(), y).ptr;
    if (x != y) return x < y;
    a.remove_prefix(std::min(a.size(), static_cast<size_t>(x_end - a.data()) + 1));
    b.remove_prefix(std::min(b.size(), static_cast<size_t>(y_end - b.data()) + 1));
  }
  return a.empty() && !b.empty();
}

}  // namespace ark::container::package
