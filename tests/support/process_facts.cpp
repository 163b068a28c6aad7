#include "support/process_facts.hpp"

#include <ark/abi/fingerprint.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ark::test {
namespace {

int64_t entries_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

}  // namespace

bool is_sanitized() {
#if defined(ARK_HAS_ASAN) || defined(ARK_HAS_TSAN)
  return true;
#else
  return false;
#endif
}

std::set<std::filesystem::path> mapped_files(const std::filesystem::path& below) {
  std::set<std::filesystem::path> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto at = line.find(below.native() + "/");
    if (at != std::string::npos) found.insert(line.substr(at));
  }
  return found;
}

ProcessFacts ProcessFacts::now() {
  ProcessFacts facts;
  facts.threads = entries_of("/proc/self/task");
  facts.descriptors = entries_of("/proc/self/fd");
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) ++facts.mappings;
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  facts.resident_bytes = pages * sysconf(_SC_PAGESIZE);
  if (!is_sanitized()) {
    const auto heap = mallinfo2();
    facts.heap_bytes = static_cast<int64_t>(heap.uordblks + heap.hblkhd);
  }
  return facts;
}

}  // namespace ark::test
