#include "pack/edit.hpp"

#include <algorithm>
#include <cstring>

namespace ark::packaging {

using container::Code;
using container::Status;
using container::package::ElfArray;
using container::package::ElfInfo;

std::vector<Edit> plan_edits(const ElfInfo& elf) {
  std::vector<Edit> edits;
  auto empty = [&](const ElfArray& array, const char* what) {
    if (array.size > 0) edits.push_back({array.size_offset, array.size, 0, what});
  };
  empty(elf.init_array, "DT_INIT_ARRAYSZ");
  empty(elf.fini_array, "DT_FINI_ARRAYSZ");
  return edits;
}

void apply_edits(std::string& bytes, const std::vector<Edit>& edits) {
  for (const auto& edit : edits) std::memcpy(bytes.data() + edit.offset, &edit.to, sizeof edit.to);
}

Status check_edits(std::string_view original, std::string_view written, const std::vector<Edit>& edits) {
  for (const auto& edit : edits) {
    uint64_t value = 0;
    if (edit.offset + sizeof value <= written.size()) std::memcpy(&value, written.data() + edit.offset, sizeof value);
    if (edit.offset + sizeof value > written.size() || value != edit.to) {
      return {Code::kCorrupt, edit.what + " was to become " + std::to_string(edit.to) + " and is " +
                                  std::to_string(value) + " in the file that was written; check the disk"};
    }
  }
  std::string expected(original);
  apply_edits(expected, edits);
  if (expected == written) return {};
  auto [a, b] = std::mismatch(expected.begin(), expected.end(), written.begin(), written.end());
  return {Code::kCorrupt, "the file that was written differs from what was to be written at byte " +
                              std::to_string(a - expected.begin()) + "; check the disk"};
}

}  // namespace ark::packaging
