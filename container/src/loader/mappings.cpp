#include "loader/mappings.hpp"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>

namespace ark::container::loader {
namespace {

uintptr_t page_size() {
  static const auto size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  return size;
}

bool anything_at(const std::vector<MappedRange>& ranges) {
  for (const auto& range : ranges) {
    for (auto page = range.begin; page < range.end; page += page_size()) {
      unsigned char resident;
      if (mincore(reinterpret_cast<void*>(page), 1, &resident) == 0 || errno != ENOMEM) return true;
    }
  }
  return false;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Several names for one file would be another line; a deleted file keeps its path with " (deleted)" after it.
bool names(const char* line, const std::string& path) {
  const char* at = std::strchr(line, '/');
  return at && std::strncmp(at, path.c_str(), path.size()) == 0 && (at[path.size()] == '\n' || at[path.size()] == ' ');
}

}  // namespace

std::vector<MappedRange> loaded_ranges(uintptr_t base) {
  std::vector<MappedRange> ranges;
  const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(base);
  const auto* segments = reinterpret_cast<const ElfW(Phdr)*>(base + header->e_phoff);
  for (int i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type != PT_LOAD) continue;
    const auto begin = (base + segments[i].p_vaddr) & ~(page_size() - 1);
    const auto end = (base + segments[i].p_vaddr + segments[i].p_memsz + page_size() - 1) & ~(page_size() - 1);
    ranges.push_back({begin, end});
  }
  return ranges;
}

bool still_mapped(const std::vector<MappedRange>& ranges, const std::filesystem::path& file) {
  if (!anything_at(ranges)) return false;
  const std::unique_ptr<std::FILE, CloseFile> maps(std::fopen("/proc/self/maps", "re"));
  if (!maps) return true;  // cannot be told: assume the worse
  char line[8192];
  while (std::fgets(line, sizeof line, maps.get())) {
    uintptr_t begin, end;
    if (!names(line, file.native()) || std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &begin, &end) != 2) continue;
    const bool meets = std::any_of(ranges.begin(), ranges.end(), [&](auto& r) { return begin < r.end && r.begin < end; });
    if (meets) return true;
  }
  return false;
}

}  // namespace ark::container::loader
