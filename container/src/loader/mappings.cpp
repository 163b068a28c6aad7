#include "loader/mappings.hpp"

#include <dlfcn.h>
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

/// The loader maps and unmaps a file as one, so that not every page of a large one has to be asked for.
constexpr uintptr_t kPagesAsked = 16;

bool anything_at(const MappedRange& range) {
  const auto pages = (range.end - range.begin) / page_size();
  const auto step = std::max<uintptr_t>(1, pages / kPagesAsked);
  for (uintptr_t page = 0; page < pages; page += step) {
    unsigned char resident;
    if (mincore(reinterpret_cast<void*>(range.begin + page * page_size()), 1, &resident) == 0 || errno != ENOMEM) return true;
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

MappedRange range_of(const void* address) {
  dl_find_object found;
  if (_dl_find_object(const_cast<void*>(address), &found) != 0) return {};
  const auto begin = reinterpret_cast<uintptr_t>(found.dlfo_map_start), end = reinterpret_cast<uintptr_t>(found.dlfo_map_end);
  return {begin & ~(page_size() - 1), (end + page_size() - 1) & ~(page_size() - 1)};
}

bool still_mapped(const MappedRange& range, const std::filesystem::path& file) {
  if (!anything_at(range)) return false;
  const std::unique_ptr<std::FILE, CloseFile> maps(std::fopen("/proc/self/maps", "re"));
  if (!maps) return true;  // cannot be told: assume the worse
  char line[8192];
  while (std::fgets(line, sizeof line, maps.get())) {
    uintptr_t begin, end;
    if (!names(line, file.native()) || std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &begin, &end) != 2) continue;
    if (begin < range.end && range.begin < end) return true;
  }
  return false;
}

}  // namespace ark::container::loader
