#include "crash/platform_code.hpp"

#include <link.h>

#include <algorithm>
#include <filesystem>

#include "crash/code_table.hpp"

namespace ark::container::crash {
namespace {

int note(dl_phdr_info* info, size_t, void*) {
  Code code;
  code.base = info->dlpi_addr;
  code.begin = UINTPTR_MAX;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    code.begin = std::min<uintptr_t>(code.begin, code.base + segment.p_vaddr);
    code.end = std::max<uintptr_t>(code.end, code.base + segment.p_vaddr + segment.p_memsz);
  }
  const std::string name = info->dlpi_name ? info->dlpi_name : "";
  std::error_code ignored;  // then it has no name
  code.file = name.empty() ? std::filesystem::read_symlink("/proc/self/exe", ignored).string() : name;
  CodeReader reader;
  if (code.begin < code.end && !reader.find(code.begin)) MappedCode(std::move(code)).leave();
  return 0;
}

}  // namespace

void note_platform_code() { dl_iterate_phdr(note, nullptr); }

}  // namespace ark::container::crash
