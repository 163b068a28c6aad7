#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>

#include "pack/patch.hpp"
#include "pack/patchable.hpp"
#include "package/elf_file.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::Status;
using container::package::ElfDynamic;
using container::package::ElfDynamicSymbol;
using container::package::ElfFile;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string quoted(uint64_t number) { return std::to_string(number); }

/// Goes through all that a patch may change, compares what it finds there in the file that was written with what the
/// patch asks for, and then puts the old bytes back into a copy. What differs after that was not to change.
class Check {
 public:
  Check(std::string_view original, std::string_view written, const Patch& patch)
      : patch_(patch), before_(original), after_(written), undone_(written) {}

  Status run();

 private:
  void fail(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
  }
  template <class T>
  void expect(const T& found, const T& wanted, std::string_view what) {
    if (found != wanted) fail(std::string(what) + " is " + quoted(found) + " and should be " + quoted(wanted));
  }
  /// The bytes of one field were compared; they are as they should be.
  void undo(uint64_t offset, size_t size) {
    if (before_.inside(offset, size) && after_.inside(offset, size)) {
      std::memcpy(undone_.data() + offset, before_.bytes().data() + offset, size);
    }
  }
  void expect_text(uint64_t at, std::string_view wanted, std::string_view what);
  static std::string_view renamed(const std::map<std::string, std::string>& names, std::string_view name);

  void check_header();
  void check_segment(const Elf64_Phdr& added);
  void check_string_table();
  void check_strings_section();
  void check_dynamic();
  void check_entry(const ElfDynamic& old_entry, const ElfDynamic& entry);
  void check_value(const ElfDynamic& old_entry, const ElfDynamic& entry);
  void check_added(size_t index, int64_t tag, std::string_view text, std::string_view what);
  void check_symbols();
  void check_symbol(const ElfDynamicSymbol& old_symbol, const ElfDynamicSymbol& symbol);
  void check_symbol_tables();
  void check_version_files();
  void check_new_strings();
  void check_rest();

  const Patch& patch_;
  ElfFile before_, after_;
  std::string undone_;
  std::string fault_;
  bool grown_ = false;
  uint64_t table_address_ = 0, table_offset_ = 0;  // of the strings, if it has grown
  std::map<uint64_t, uint64_t> new_strings_;       // that something refers to: from, to
};

std::string_view Check::renamed(const std::map<std::string, std::string>& names, std::string_view name) {
  auto found = names.find(std::string(name));
  return found == names.end() ? name : std::string_view(found->second);
}

void Check::expect_text(uint64_t at, std::string_view wanted, std::string_view what) {
  auto found = after_.dynamic_text(at);
  expect(found, wanted, what);
  if (at >= before_.strings().size()) new_strings_[at] = at + found.size() + 1;
}

void Check::check_header() {
  const auto &old_header = before_.header(), &header = after_.header();
  grown_ = header.e_phoff != old_header.e_phoff;
  if (!grown_) return expect<uint64_t>(after_.bytes().size(), before_.bytes().size(), "its size");
  const auto &old_segments = before_.segments(), &segments = after_.segments();
  expect<uint64_t>(header.e_phnum, old_header.e_phnum + 1u, "the number of its segments");
  if (!fault_.empty()) return;
  undo(offsetof(Elf64_Ehdr, e_phoff), sizeof header.e_phoff);
  undo(offsetof(Elf64_Ehdr, e_phnum), sizeof header.e_phnum);
  const size_t place = last_load(before_) + 1;
  check_segment(segments[place]);
  for (size_t i = 0; i < old_segments.size(); ++i) {
    auto wanted = old_segments[i];
    if (wanted.p_type == PT_PHDR) {
      wanted.p_offset = header.e_phoff;
      wanted.p_vaddr = wanted.p_paddr = segments[place].p_vaddr;
      wanted.p_filesz = wanted.p_memsz = segments.size() * sizeof(Elf64_Phdr);
    }
    if (std::memcmp(&wanted, &segments[i < place ? i : i + 1], sizeof wanted) != 0) {
      fail("program header " + std::to_string(i) + " has changed");
    }
  }
}

void Check::check_segment(const Elf64_Phdr& added) {
  const auto& last = before_.segments()[last_load(before_)];
  const uint64_t headers_size = after_.segments().size() * sizeof(Elf64_Phdr);
  expect<uint64_t>(added.p_type, PT_LOAD, "the type of the new segment");
  expect<uint64_t>(added.p_flags, PF_R, "the permissions of the new segment");
  expect<uint64_t>(added.p_align, kPageSize, "the alignment of the new segment");
  expect<uint64_t>(added.p_offset, to_page(before_.bytes().size()), "the place of the new segment");
  expect<uint64_t>(added.p_offset, after_.header().e_phoff, "the start of the new segment");
  expect<uint64_t>(added.p_vaddr, to_page(last.p_vaddr + last.p_memsz), "the address of the new segment");
  expect<uint64_t>(added.p_paddr, added.p_vaddr, "the physical address of the new segment");
  expect<uint64_t>(added.p_memsz, added.p_filesz, "the size of the new segment in memory");
  expect<uint64_t>(added.p_offset + added.p_filesz, after_.bytes().size(), "the end of the new segment");
  table_address_ = added.p_vaddr + headers_size;
  table_offset_ = added.p_offset + headers_size;
}

void Check::check_string_table() {
  const auto old_strings = before_.strings(), strings = after_.strings();
  if (!strings.starts_with(old_strings)) return fail("its table of names does not begin with the old one");
  expect<uint64_t>(strings.size(), grown_ ? after_.bytes().size() - table_offset_ : old_strings.size(),
                   "the size of its table of names");
  const uint64_t offset = static_cast<uint64_t>(strings.data() - after_.bytes().data());
  if (grown_) expect(offset, table_offset_, "the place of its table of names");
  if (grown_) check_strings_section();
}

void Check::check_strings_section() {
  const size_t index = before_.strings_section();
  expect<uint64_t>(after_.sections().size(), before_.sections().size(), "the number of its sections");
  if (!fault_.empty() || index == before_.sections().size()) return;
  const auto& section = after_.sections()[index];
  expect<uint64_t>(section.sh_addr, table_address_, "the address of section .dynstr");
  expect<uint64_t>(section.sh_offset, table_offset_, "the place of section .dynstr");
  expect<uint64_t>(section.sh_size, after_.strings().size(), "the size of section .dynstr");
  const uint64_t header = before_.header().e_shoff + index * sizeof(Elf64_Shdr);
  undo(header + offsetof(Elf64_Shdr, sh_addr), sizeof section.sh_addr);
  undo(header + offsetof(Elf64_Shdr, sh_offset), sizeof section.sh_offset);
  undo(header + offsetof(Elf64_Shdr, sh_size), sizeof section.sh_size);
}

void Check::check_dynamic() {
  const auto &old_entries = before_.dynamic(), &entries = after_.dynamic();
  const bool soname = needs_soname(before_, patch_), run_path = needs_run_path(before_, patch_);
  expect<uint64_t>(entries.size(), old_entries.size() + (soname ? 1 : 0) + (run_path ? 1 : 0),
                   "the number of its dynamic entries");
  if (!fault_.empty()) return;
  for (size_t i = 0; i < old_entries.size(); ++i) check_entry(old_entries[i], entries[i]);
  if (soname) check_added(old_entries.size(), DT_SONAME, patch_.soname, "the new DT_SONAME");
  if (run_path) check_added(entries.size() - 1, DT_RPATH, kOwnFolder, "the new DT_RPATH");
}

void Check::check_entry(const ElfDynamic& old_entry, const ElfDynamic& entry) {
  const bool is_path = old_entry.tag == DT_RPATH || old_entry.tag == DT_RUNPATH;
  const int64_t tag = is_path && patch_.own_folder_first ? DT_RPATH : old_entry.tag;
  expect(static_cast<uint64_t>(entry.tag), static_cast<uint64_t>(tag), "the tag of a dynamic entry");
  check_value(old_entry, entry);
  undo(old_entry.offset, sizeof(Elf64_Dyn));
}

void Check::check_value(const ElfDynamic& old_entry, const ElfDynamic& entry) {
  auto old_text = [&] { return before_.dynamic_text(old_entry.value); };
  switch (old_entry.tag) {
    case DT_NEEDED:
      return expect_text(entry.value, renamed(patch_.needed, old_text()), "DT_NEEDED");
    case DT_SONAME:
      return expect_text(entry.value, patch_.soname.empty() ? old_text() : patch_.soname, "DT_SONAME");
    case DT_RPATH:
    case DT_RUNPATH:
      return expect_text(entry.value, kOwnFolder, "DT_RPATH or DT_RUNPATH");
    case DT_FLAGS_1:
      return expect(entry.value, old_entry.value & ~uint64_t{DF_1_NODELETE}, "DT_FLAGS_1");
    case DT_INIT_ARRAYSZ:
      return expect(entry.value, uint64_t{0}, "DT_INIT_ARRAYSZ");
    case DT_FINI_ARRAYSZ:
      return expect(entry.value, uint64_t{0}, "DT_FINI_ARRAYSZ");
    case DT_STRTAB:
      return expect(entry.value, grown_ ? table_address_ : old_entry.value, "DT_STRTAB");
    case DT_STRSZ:
      return expect<uint64_t>(entry.value, grown_ ? after_.strings().size() : old_entry.value, "DT_STRSZ");
    default:
      return expect(entry.value, old_entry.value, "the value of dynamic entry " + std::to_string(old_entry.tag));
  }
}

void Check::check_added(size_t index, int64_t tag, std::string_view text, std::string_view what) {
  const auto& entry = after_.dynamic()[index];
  expect(static_cast<uint64_t>(entry.tag), static_cast<uint64_t>(tag), what);
  expect_text(entry.value, text, what);
  undo(entry.offset, sizeof(Elf64_Dyn));
}

void Check::check_symbols() {
  const auto &old_symbols = before_.symbols(), &symbols = after_.symbols();
  expect<uint64_t>(symbols.size(), old_symbols.size(), "the number of its dynamic symbols");
  for (size_t i = 0; fault_.empty() && i < symbols.size(); ++i) check_symbol(old_symbols[i], symbols[i]);
}

void Check::check_symbol(const ElfDynamicSymbol& old_symbol, const ElfDynamicSymbol& symbol) {
  const std::string what = "symbol " + std::string(old_symbol.name);
  const bool is_import = old_symbol.raw.st_shndx == SHN_UNDEF;
  const auto name = is_import ? renamed(patch_.imports, old_symbol.name) : old_symbol.name;
  expect_text(symbol.raw.st_name, name, what);
  const auto info = old_symbol.raw.st_info;
  const bool unique = ELF64_ST_BIND(info) == STB_GNU_UNIQUE;
  expect<uint64_t>(symbol.raw.st_info, unique ? as_weak(info) : info, what + ", its kind");
  const bool has_version = old_symbol.version_offset != 0 && name == old_symbol.name;
  const uint64_t unversioned = old_symbol.version_offset == 0 ? 0 : VER_NDX_GLOBAL;
  expect<uint64_t>(symbol.version, has_version ? old_symbol.version : unversioned, what + ", its version");
  undo(old_symbol.offset + offsetof(Elf64_Sym, st_name), sizeof symbol.raw.st_name);
  undo(old_symbol.offset + offsetof(Elf64_Sym, st_info), sizeof symbol.raw.st_info);
  if (old_symbol.version_offset != 0) undo(old_symbol.version_offset, sizeof symbol.version);
}

void Check::check_symbol_tables() {
  for (const auto& section : before_.sections()) {
    if (section.sh_type != SHT_SYMTAB) continue;
    for (uint64_t at = 0; section.sh_size - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
      const auto info = before_.get<Elf64_Sym>(section.sh_offset + at).st_info;
      if (ELF64_ST_BIND(info) != STB_GNU_UNIQUE) continue;
      const auto found = after_.get<Elf64_Sym>(section.sh_offset + at).st_info;
      expect<uint64_t>(found, as_weak(info), "the kind of a symbol in .symtab");
      undo(section.sh_offset + at + offsetof(Elf64_Sym, st_info), sizeof info);
    }
  }
}

void Check::check_version_files() {
  const auto &old_needs = before_.version_needs(), &needs = after_.version_needs();
  expect<uint64_t>(needs.size(), old_needs.size(), "the number of libraries it needs versions of");
  for (size_t i = 0; fault_.empty() && i < needs.size(); ++i) {
    const uint64_t place = old_needs[i].offset + offsetof(Elf64_Verneed, vn_file);
    expect_text(after_.get<Elf64_Word>(place), renamed(patch_.needed, old_needs[i].file), "a file of DT_VERNEED");
    undo(place, sizeof(Elf64_Word));
  }
}

/// Nothing between them that nobody asked for.
void Check::check_new_strings() {
  uint64_t end = before_.strings().size();
  for (auto [from, to] : new_strings_) {
    if (from == end) end = to;
  }
  expect<uint64_t>(after_.strings().size(), end, "the end of the names that it uses");
  if (grown_ && new_strings_.empty()) fail("it has a segment more that nothing asks for");
}

void Check::check_rest() {
  const auto original = before_.bytes();
  undone_.resize(std::max(undone_.size(), original.size()));
  const uint64_t grown_from = grown_ ? after_.header().e_phoff : original.size();
  for (uint64_t at = 0; at < grown_from; ++at) {
    const char wanted = at < original.size() ? original[at] : '\0';
    if (undone_[at] != wanted) return fail("byte " + std::to_string(at) + " has changed, and nothing asked for that");
  }
}

Status Check::run() {
  if (!before_.ok()) return before_.status();
  if (auto status = check_patchable(before_, patch_); !status.ok()) return status;
  if (!after_.ok()) fail(after_.status().text());
  constexpr void (Check::*kSteps[])() = {
      &Check::check_header,        &Check::check_string_table,  &Check::check_dynamic,     &Check::check_symbols,
      &Check::check_symbol_tables, &Check::check_version_files, &Check::check_new_strings, &Check::check_rest};
  for (auto step : kSteps) {
    if (fault_.empty()) (this->*step)();
    if (!after_.ok()) fail(after_.status().text());
  }
  if (fault_.empty()) return before_.status();
  return {Code::kInternal, "it was not patched as it should be: " + fault_ +
                               ". Pack it again; if that does not help, look at the disk, and report it"};
}

}  // namespace

Status check_patched(std::string_view original, std::string_view written, const Patch& patch, std::string_view origin) {
  return Check(original, written, patch).run().within(origin);
}

}  // namespace ark::packaging
