#include "pack/patchable.hpp"

#include <algorithm>

namespace ark::packaging {
namespace {

using container::Code;
using container::Status;
using container::package::ElfFile;

constexpr size_t kMaxName = 4095;
/// The end of what a process of x86_64 or aarch64 may have.
constexpr uint64_t kMaxAddress = uint64_t{1} << 47;

Status refused(std::string text) { return {Code::kIncompatible, std::move(text)}; }

Status check_name(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxName && name.find('\0') == name.npos) return {};
  return {Code::kInvalidArgument, "a new name for what it needs, imports or is called has " +
                                      std::to_string(name.size()) + " bytes, or a NUL among them; give it 1 to " +
                                      std::to_string(kMaxName)};
}

Status check_names(const Patch& patch) {
  Status status = patch.soname.empty() ? Status() : check_name(patch.soname);
  for (const auto* names : {&patch.needed, &patch.imports}) {
    for (const auto& [from, to] : *names) {
      if (status.ok()) status = check_name(to);
    }
  }
  return status;
}

Status check_dynamic(const ElfFile& file) {
  for (const auto& entry : file.dynamic()) {
    if (entry.tag == DT_FLAGS_1 && (entry.value & DF_1_GLOBAL) != 0) {
      return refused("it would give its symbols to all modules (DF_1_GLOBAL): link it without -z global");
    }
    if (entry.tag == DT_FLAGS_1 && (entry.value & DF_1_INITFIRST) != 0) {
      return refused("it asks to be initialised before everything else (DF_1_INITFIRST): link it without -z initfirst");
    }
    if (entry.tag == DT_FILTER || entry.tag == DT_AUXILIARY) {
      return refused(
          "it has another library loaded to stand in for it (DT_FILTER or DT_AUXILIARY): link it without -F and -f");
    }
    if (entry.tag == DT_GNU_PRELINKED) {
      return refused("prelink has moved it to a fixed address: undo that with prelink -u, or take it from its package");
    }
  }
  return {};
}

Status check_needed(ElfFile& file, const Patch& patch) {
  for (const auto& [name, ignored] : patch.needed) {
    const bool found = std::any_of(file.dynamic().begin(), file.dynamic().end(), [&](const auto& entry) {
      return entry.tag == DT_NEEDED && file.dynamic_text(entry.value) == name;
    });
    if (!found)
      return refused("it does not need " + name +
                     " (DT_NEEDED), which was to be renamed; take the names from the file itself");
  }
  return {};
}

/// An import without a version has the number VER_NDX_GLOBAL, which must not be that of a version.
Status check_versions(const ElfFile& file) {
  auto is_reserved = [](const auto& version) { return version.index <= VER_NDX_GLOBAL; };
  bool found = std::any_of(file.defined_versions().begin(), file.defined_versions().end(), is_reserved);
  for (const auto& need : file.version_needs()) {
    found = found || std::any_of(need.versions.begin(), need.versions.end(), is_reserved);
  }
  if (!found) return {};
  return refused("one of its symbol versions has the number of symbols without one; link it again, with GNU ld or lld");
}

/// The new segment goes behind the last, which must be so in the table and in memory, and the loader must not put one
/// over another: what is changed in the file would not be what is in memory.
Status check_segments(const ElfFile& file) {
  constexpr std::string_view kAgain = "; link it again, with GNU ld or lld";
  uint64_t end = 0, loads = 0;
  for (const auto& segment : file.segments()) {
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_memsz < segment.p_filesz || segment.p_vaddr >= kMaxAddress || segment.p_memsz >= kMaxAddress) {
      return refused("one of its segments has an impossible size or address" + std::string(kAgain));
    }
    if (segment.p_vaddr / kPageSize * kPageSize < end) {
      return refused("its segments overlap in memory, or are not in the order of their addresses" +
                     std::string(kAgain));
    }
    end = to_page(segment.p_vaddr + segment.p_memsz);
    ++loads;
  }
  if (loads == 0) return refused("it has nothing to load (no PT_LOAD)" + std::string(kAgain));
  if (file.segments().size() < ElfFile::kMaxSegments) return {};
  return refused("it has " + std::to_string(file.segments().size()) +
                 " segments, and no room for one more: link it without a linker script of its own");
}

Status check_sections(const ElfFile& file) {
  if (file.sections().empty() || file.strings_section() < file.sections().size()) return {};
  return refused(
      "it has a table of sections, and its dynamic names are in none of them: link it again, or drop the table with "
      "llvm-objcopy --strip-sections");
}

}  // namespace

size_t last_load(const ElfFile& file) {
  size_t last = 0;
  for (size_t i = 0; i < file.segments().size(); ++i) {
    if (file.segments()[i].p_type == PT_LOAD) last = i;
  }
  return last;
}

bool needs_soname(const ElfFile& file, const Patch& patch) {
  return !patch.soname.empty() && file.find(DT_SONAME) == nullptr;
}

bool needs_run_path(const ElfFile& file, const Patch& patch) {
  return patch.own_folder_first && file.find(DT_RPATH) == nullptr && file.find(DT_RUNPATH) == nullptr;
}

Status check_patchable(ElfFile& file, const Patch& patch) {
  auto status = check_names(patch);
  if (status.ok()) status = check_dynamic(file);
  if (status.ok()) status = check_needed(file, patch);
  if (status.ok()) status = check_versions(file);
  if (status.ok()) status = check_segments(file);
  if (status.ok()) status = check_sections(file);
  return status;
}

}  // namespace ark::packaging
