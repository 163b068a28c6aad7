#include "package/elf.hpp"

#include <ark/abi/fingerprint.h>

#include <algorithm>
#include <map>

#include "base/files.hpp"
#include "package/elf_file.hpp"

namespace ark::container::package {
namespace {

/// The start code that compilers put into .init is about 25 bytes.
constexpr uint64_t kMaxInitCode = 64;

/// Functions that work only if the process has one of them: two unwinders, or two C++ run times, do not see each
/// other's exceptions.
constexpr std::string_view kRuntimeFunctions[] = {"_Unwind_RaiseException", "__cxa_throw"};

ElfArray array_of(ElfFile& file, int64_t tag, int64_t size_tag) {
  const auto* size = file.find(size_tag);
  if (size == nullptr) return {};
  ElfArray array{file.value(tag), size->value, size->offset + offsetof(Elf64_Dyn, d_un)};
  if (array.size % sizeof(Elf64_Addr) != 0) file.fail("its table of constructors or destructors has a broken entry");
  if (array.size != 0) file.offset_of(array.address, array.size);
  return array;
}

void read_flags(ElfFile& file, ElfInfo& info) {
  info.type = file.header().e_type;
  info.machine = file.header().e_machine;
  info.flags = file.value(DT_FLAGS);
  info.flags_1 = file.value(DT_FLAGS_1);
  info.static_tls = (info.flags & DF_STATIC_TLS) != 0;
  info.text_relocations = (info.flags & DF_TEXTREL) != 0 || file.find(DT_TEXTREL) != nullptr;
  // Without PT_GNU_STACK the loader assumes that the stack must be executable.
  info.executable_stack = true;
  for (const auto& segment : file.segments()) {
    if (segment.p_type == PT_GNU_STACK) info.executable_stack = (segment.p_flags & PF_X) != 0;
    if (segment.p_type == PT_TLS) info.tls_size = segment.p_memsz;
    constexpr uint32_t kBoth = PF_W | PF_X;
    if (segment.p_type == PT_LOAD && (segment.p_flags & kBoth) == kBoth) info.writable_code = true;
  }
  info.init_array = array_of(file, DT_INIT_ARRAY, DT_INIT_ARRAYSZ);
  info.fini_array = array_of(file, DT_FINI_ARRAY, DT_FINI_ARRAYSZ);
}

void read_names(ElfFile& file, ElfInfo& info) {
  for (const auto& entry : file.dynamic()) {
    if (entry.tag == DT_NEEDED) info.needed.emplace_back(file.dynamic_text(entry.value));
    if (entry.tag == DT_SONAME) info.soname = file.dynamic_text(entry.value);
    if (entry.tag == DT_RPATH || entry.tag == DT_RUNPATH) info.run_paths.emplace_back(file.dynamic_text(entry.value));
  }
  info.inherited_run_paths = file.find(DT_RPATH) && !file.find(DT_RUNPATH);
}

void read_symbols(ElfFile& file, ElfInfo& info) {
  std::map<uint16_t, std::string_view> versions;
  for (const auto& version : file.defined_versions()) {
    versions.emplace(version.index, version.name);
    info.defined_versions.emplace_back(version.name);
  }
  for (const auto& need : file.version_needs()) {
    for (const auto& version : need.versions) {
      versions.emplace(version.index, version.name);
      info.versions.push_back({std::string(need.file), std::string(version.name)});
    }
  }
  for (const auto& symbol : file.symbols()) {
    if (!file.ok()) return;
    const auto binding = ELF64_ST_BIND(symbol.raw.st_info);
    if (ELF64_ST_TYPE(symbol.raw.st_info) == STT_SECTION || binding == STB_LOCAL) continue;
    constexpr uint16_t kOldest = 2;  // 0 and 1 stand for no version
    const uint16_t number = symbol.version & ~kVersionHidden;
    auto found = versions.find(number);
    const auto version = found == versions.end() ? std::string_view() : found->second;
    file.count_name(version);
    ElfSymbol read;
    read.name = symbol.name;
    read.defined = symbol.raw.st_shndx != SHN_UNDEF;
    read.gnu_unique = binding == STB_GNU_UNIQUE;
    read.weak = binding == STB_WEAK;
    read.relocated = symbol.relocated && !(read.defined && ELF64_ST_VISIBILITY(symbol.raw.st_other) == STV_PROTECTED);
    read.default_version = (symbol.version & kVersionHidden) == 0 || number <= kOldest;
    read.version = version;
    info.symbols.push_back(std::move(read));
  }
}

void read_notes(ElfFile& file, ElfInfo& info) {
  for (const auto& segment : file.segments()) {
    if (segment.p_type != PT_NOTE) continue;
    const uint64_t align = segment.p_align == 8 ? 8 : 4;
    auto padded = [align](uint64_t size) { return (size + align - 1) / align * align; };
    const uint64_t end = segment.p_offset + segment.p_filesz;
    for (uint64_t at = segment.p_offset; file.ok() && at < end && end - at >= sizeof(Elf64_Nhdr);) {
      auto note = file.get<Elf64_Nhdr>(at);
      const uint64_t name = at + sizeof(Elf64_Nhdr);
      const uint64_t body = at + padded(sizeof(Elf64_Nhdr) + note.n_namesz);
      if (!file.inside(name, note.n_namesz) || !file.inside(body, note.n_descsz)) {
        return file.fail("a note lies beyond its end");
      }
      if (note.n_type == NT_GNU_BUILD_ID && file.bytes().substr(name, note.n_namesz) == std::string_view("GNU\0", 4)) {
        constexpr char kDigits[] = "0123456789abcdef";
        info.build_id.clear();
        for (unsigned char byte : file.bytes().substr(body, note.n_descsz)) {
          info.build_id += kDigits[byte >> 4];
          info.build_id += kDigits[byte & 15];
        }
      }
      at = body + padded(note.n_descsz);
    }
  }
}

void read_symbol_table(ElfFile& file, const Elf64_Shdr& table, ElfInfo& info) {
  if (table.sh_link >= file.sections().size()) return file.fail("its symbol table has no names");
  const auto& names = file.sections()[table.sh_link];
  if (!file.inside(names.sh_offset, names.sh_size))
    return file.fail("the names of its symbol table lie beyond its end");
  const auto all_names = file.bytes().substr(names.sh_offset, names.sh_size);
  for (uint64_t at = 0; file.ok() && table.sh_size - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
    auto symbol = file.get<Elf64_Sym>(table.sh_offset + at);
    if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
    if (symbol.st_name >= all_names.size()) return file.fail("a name lies outside its table of names");
    for (auto name : kRuntimeFunctions) {
      // With the NUL that ends it.
      if (all_names.substr(symbol.st_name, name.size() + 1) == std::string_view(name.data(), name.size() + 1)) {
        info.private_runtime.emplace_back(name);
      }
    }
  }
}

bool is_start_code(const ElfFile& file, std::string_view section, int64_t tag) {
  const uint64_t address = file.value(tag);
  if (address == 0) return true;
  for (size_t i = 0; i < file.sections().size(); ++i) {
    const auto& found = file.sections()[i];
    if (file.section_name(i) == section) return found.sh_addr == address && found.sh_size <= kMaxInitCode;
  }
  return false;
}

void read_sections(ElfFile& file, ElfInfo& info) {
  for (const auto& section : file.sections()) {
    if (section.sh_type == SHT_SYMTAB) read_symbol_table(file, section, info);
  }
  info.own_init = !is_start_code(file, ".init", DT_INIT);
  info.own_fini = !is_start_code(file, ".fini", DT_FINI);
}

}  // namespace

Result<ElfInfo> parse_elf(std::string_view bytes, std::string_view origin) {
  ElfFile file(bytes);
  ElfInfo info;
  if (file.ok()) read_flags(file, info);
  if (file.ok()) read_names(file, info);
  if (file.ok()) read_symbols(file, info);
  if (file.ok()) read_notes(file, info);
  if (file.ok()) read_sections(file, info);
  if (!file.ok()) return file.status().within(origin);
  return info;
}

Result<ElfInfo> read_elf(const std::filesystem::path& file) {
  auto bytes = base::read_file(file, kMaxElfFile);
  if (!bytes.ok()) return bytes.status();
  return parse_elf(*bytes, file.native());
}

bool is_platform_library(std::string_view soname) {
  static constexpr std::string_view kNames[] = {
      "libc.so.6",      "libm.so.6",      "libdl.so.2",    "librt.so.1",           "libpthread.so.0",
      "libresolv.so.2", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"};
  if (std::find(std::begin(kNames), std::end(kNames), soname) != std::end(kNames)) return true;
#if defined(ARK_HAS_ASAN)
  return soname.starts_with("libasan.so.") || soname.starts_with("libubsan.so.");
#elif defined(ARK_HAS_TSAN)
  return soname.starts_with("libtsan.so.");
#else
  return false;
#endif
}

}  // namespace ark::container::package
