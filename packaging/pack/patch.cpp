#include "pack/patch.hpp"

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <vector>

#include "pack/patchable.hpp"
#include "package/elf_file.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::Result;
using container::Status;
using container::package::ElfDynamic;
using container::package::ElfFile;

/// A string table is looked into by 32-bit offsets.
constexpr uint64_t kMaxStrings = uint64_t{1} << 31;

constexpr uint64_t value_of(const ElfDynamic& entry) { return entry.offset + offsetof(Elf64_Dyn, d_un); }

/// Nothing that is mapped moves. Names rarely fit into the places of the old ones, which often are the ends of other
/// names; so new ones go behind the old ones in a copy of the string table, at the end of the file, in a segment of its
/// own. That needs one more program header, and there is seldom room for it: so these are copied there, too.
class Patcher {
 public:
  Patcher(std::string_view bytes, const Patch& patch) : patch_(patch), file_(bytes), bytes_(bytes) {}

  Status run();
  std::string take() { return std::move(bytes_); }

 private:
  template <class T>
  void put(uint64_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }
  uint64_t string(const std::string& name);
  const std::string* renamed(const std::map<std::string, std::string>& names, std::string_view name) const;

  void change_dynamic();
  void change_entry(const ElfDynamic& entry);
  void change_text(const ElfDynamic& entry, const std::string& text);
  Status add_entries();
  void change_symbols();
  void change_symbol_tables();
  void change_version_files();
  void append_segment();
  void lead_to_strings(uint64_t address, uint64_t offset);

  const Patch& patch_;
  ElfFile file_;       // as it was
  std::string bytes_;  // as it becomes
  std::map<std::string, uint64_t> new_names_;
  std::string new_strings_;
};

/// Of a name in the new string table.
uint64_t Patcher::string(const std::string& name) {
  auto [known, is_new] = new_names_.emplace(name, file_.strings().size() + new_strings_.size());
  if (is_new) new_strings_.append(name).push_back('\0');
  return known->second;
}

/// Null: it stays as it is.
const std::string* Patcher::renamed(const std::map<std::string, std::string>& names, std::string_view name) const {
  auto found = names.find(std::string(name));
  return found == names.end() || found->second == name ? nullptr : &found->second;
}

void Patcher::change_text(const ElfDynamic& entry, const std::string& text) {
  if (file_.dynamic_text(entry.value) != text) put(value_of(entry), string(text));
}

void Patcher::change_entry(const ElfDynamic& entry) {
  switch (entry.tag) {
    case DT_NEEDED:
      if (auto* name = renamed(patch_.needed, file_.dynamic_text(entry.value))) put(value_of(entry), string(*name));
      break;
    case DT_SONAME:
      if (!patch_.soname.empty()) change_text(entry, patch_.soname);
      break;
    case DT_RUNPATH:
    case DT_RPATH:
      if (patch_.own_folder_first) put(entry.offset, int64_t{DT_RPATH});  // next to a DT_RUNPATH it would be ignored
      change_text(entry, std::string(kOwnFolder));
      break;
    case DT_FLAGS_1:
      put(value_of(entry), entry.value & ~uint64_t{DF_1_NODELETE});
      break;
    case DT_INIT_ARRAYSZ:
    case DT_FINI_ARRAYSZ:
      put(value_of(entry), uint64_t{0});
      break;
    default:
      break;
  }
}

Status Patcher::add_entries() {
  std::vector<Elf64_Dyn> entries;
  if (needs_soname(file_, patch_)) entries.push_back({DT_SONAME, {string(patch_.soname)}});
  if (needs_run_path(file_, patch_)) entries.push_back({DT_RPATH, {string(std::string(kOwnFolder))}});
  if (entries.size() > file_.spare_dynamic()) {
    return {Code::kIncompatible, "its dynamic section has " + std::to_string(file_.spare_dynamic()) +
                                     " free entries, and " + std::to_string(entries.size()) +
                                     " are wanted for its DT_SONAME or DT_RPATH: link it with GNU ld and "
                                     "-Wl,--spare-dynamic-tags=5, which is its default"};
  }
  // Over the DT_NULL that ended it; the spare ones are DT_NULL, too.
  uint64_t at = file_.dynamic_end();
  for (const auto& entry : entries) {
    put(at, entry);
    at += sizeof entry;
  }
  return {};
}

void Patcher::change_symbols() {
  for (const auto& symbol : file_.symbols()) {
    if (ELF64_ST_BIND(symbol.raw.st_info) == STB_GNU_UNIQUE) {
      put(symbol.offset + offsetof(Elf64_Sym, st_info), as_weak(symbol.raw.st_info));
    }
    const auto* name = symbol.raw.st_shndx == SHN_UNDEF ? renamed(patch_.imports, symbol.name) : nullptr;
    if (name == nullptr) continue;
    put(symbol.offset + offsetof(Elf64_Sym, st_name), static_cast<Elf64_Word>(string(*name)));
    if (symbol.version_offset != 0) put(symbol.version_offset, Elf64_Versym{VER_NDX_GLOBAL});
  }
}

/// For debuggers, which would wonder.
void Patcher::change_symbol_tables() {
  for (const auto& section : file_.sections()) {
    if (section.sh_type != SHT_SYMTAB) continue;
    for (uint64_t at = 0; section.sh_size - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
      auto info = file_.get<Elf64_Sym>(section.sh_offset + at).st_info;
      if (ELF64_ST_BIND(info) != STB_GNU_UNIQUE) continue;
      put(section.sh_offset + at + offsetof(Elf64_Sym, st_info), as_weak(info));
    }
  }
}

void Patcher::change_version_files() {
  for (const auto& need : file_.version_needs()) {
    const auto* name = renamed(patch_.needed, need.file);
    if (name == nullptr) continue;
    put(need.offset + offsetof(Elf64_Verneed, vn_file), static_cast<Elf64_Word>(string(*name)));
  }
}

void Patcher::append_segment() {
  auto segments = file_.segments();
  const size_t last = last_load(file_);
  Elf64_Phdr added{};
  added.p_type = PT_LOAD;
  added.p_flags = PF_R;
  added.p_align = kPageSize;
  // Both from a new page on: the loader takes the headers to be in the first segment whose pages contain e_phoff, and
  // the rest of the last page of data is no longer what the file has there but the zeros of .bss.
  added.p_offset = to_page(bytes_.size());
  added.p_vaddr = added.p_paddr = to_page(segments[last].p_vaddr + segments[last].p_memsz);
  const uint64_t headers_size = (segments.size() + 1) * sizeof(Elf64_Phdr);
  added.p_filesz = added.p_memsz = headers_size + file_.strings().size() + new_strings_.size();
  segments.insert(segments.begin() + static_cast<std::ptrdiff_t>(last) + 1, added);
  for (auto& segment : segments) {
    if (segment.p_type != PT_PHDR) continue;
    segment.p_offset = added.p_offset;
    segment.p_vaddr = segment.p_paddr = added.p_vaddr;
    segment.p_filesz = segment.p_memsz = headers_size;
  }
  bytes_.resize(added.p_offset);
  bytes_.append(reinterpret_cast<const char*>(segments.data()), headers_size);
  bytes_.append(file_.strings()).append(new_strings_);
  put(offsetof(Elf64_Ehdr, e_phoff), Elf64_Off{added.p_offset});
  put(offsetof(Elf64_Ehdr, e_phnum), static_cast<Elf64_Half>(segments.size()));
  lead_to_strings(added.p_vaddr + headers_size, added.p_offset + headers_size);
}

void Patcher::lead_to_strings(uint64_t address, uint64_t offset) {
  const uint64_t size = file_.strings().size() + new_strings_.size();
  for (const auto& entry : file_.dynamic()) {
    if (entry.tag == DT_STRTAB) put(value_of(entry), address);
    if (entry.tag == DT_STRSZ) put(value_of(entry), size);
  }
  if (file_.sections().empty()) return;
  const uint64_t header = file_.header().e_shoff + file_.strings_section() * sizeof(Elf64_Shdr);
  put(header + offsetof(Elf64_Shdr, sh_addr), address);
  put(header + offsetof(Elf64_Shdr, sh_offset), offset);
  put(header + offsetof(Elf64_Shdr, sh_size), size);
}

Status Patcher::run() {
  if (!file_.ok()) return file_.status();
  if (auto status = check_patchable(file_, patch_); !status.ok()) return status;
  for (const auto& entry : file_.dynamic()) change_entry(entry);
  if (auto status = add_entries(); !status.ok()) return status;
  change_symbols();
  change_symbol_tables();
  change_version_files();
  if (file_.strings().size() + new_strings_.size() > kMaxStrings) {
    return {Code::kIncompatible, "its names and the new ones take up more than 2 GiB"};
  }
  if (!new_strings_.empty()) append_segment();
  return file_.status();
}

}  // namespace

Result<std::string> patched(std::string_view bytes, const Patch& patch, std::string_view origin) {
  Patcher patcher(bytes, patch);
  if (auto status = patcher.run(); !status.ok()) return status.within(origin);
  return patcher.take();
}

}  // namespace ark::packaging
