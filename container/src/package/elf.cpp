#include "package/elf.hpp"

#include <ark/abi/fingerprint.h>
#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "base/files.hpp"

namespace ark::container::package {
namespace {

constexpr size_t kMaxFile = size_t{1} << 30;
/// Names may share bytes, so that a small file could ask for any amount of memory and time.
constexpr uint64_t kMaxNames = uint64_t{256} << 20;
constexpr size_t kMaxSegments = 256;
/// The start code that compilers put into .init is about 25 bytes.
constexpr uint64_t kMaxInitCode = 64;

/// Functions that work only if the process has one of them: two unwinders, or two C++ run times, do not see each
/// other's exceptions.
constexpr std::string_view kRuntimeFunctions[] = {"_Unwind_RaiseException", "__cxa_throw"};

class ElfReader {
 public:
  explicit ElfReader(std::string_view bytes) : bytes_(bytes) {}

  Status read(ElfInfo& info);

 private:
  struct Table {  // of a dynamic entry: an address and a number of bytes
    uint64_t address = 0, size = 0;
  };

  // Every read is checked. The first that fails is the fault; from then on all return zeros, and the loops end.
  template <class T>
  T get(uint64_t offset);
  template <class T>
  T get_at(uint64_t address) {
    return get<T>(offset_of(address, sizeof(T)));
  }
  void fail(std::string_view fault) {
    if (fault_.empty()) fault_ = fault;
  }
  bool ok() const { return fault_.empty(); }
  bool inside(uint64_t offset, uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  uint64_t offset_of(uint64_t address, uint64_t size);
  std::string text(uint64_t table, uint64_t table_size, uint64_t at);
  std::string dynamic_text(uint64_t at) { return text(strings_, strings_size_, at); }
  uint64_t value(int64_t tag) const;

  void read_segments();
  void read_dynamic();
  void read_flags(ElfInfo& info);
  ElfArray array(int64_t tag, int64_t size_tag);
  void read_names(ElfInfo& info);
  uint64_t count_symbols();
  uint64_t count_gnu_hash(uint64_t address);
  uint64_t count_relocated(int64_t tag, int64_t size_tag);
  void read_symbols(ElfInfo& info);
  void read_versions(ElfInfo& info);
  void read_notes(ElfInfo& info);
  void read_sections(ElfInfo& info);
  void read_symbol_table(const Elf64_Shdr& table, ElfInfo& info);
  bool is_start_code(std::string_view section, int64_t tag);

  std::string_view bytes_;
  std::string fault_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Shdr> sections_;
  std::vector<std::string> section_names_;
  struct DynamicEntry {
    int64_t tag;
    uint64_t value, value_offset;
  };
  std::vector<DynamicEntry> dynamic_;
  uint64_t strings_ = 0, strings_size_ = 0;  // .dynstr, in the file
  uint64_t names_cost_ = 0;
};

template <class T>
T ElfReader::get(uint64_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  if (!ok()) return value;
  if (inside(offset, sizeof(T))) {
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
  } else {
    fail("it ends too early, or refers to bytes beyond its end");
  }
  return value;
}

uint64_t ElfReader::offset_of(uint64_t address, uint64_t size) {
  for (const auto& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    uint64_t at = address - segment.p_vaddr;
    if (at <= segment.p_filesz && size <= segment.p_filesz - at) return segment.p_offset + at;
  }
  fail("it refers to an address that none of its segments contains");
  return UINT64_MAX;
}

std::string ElfReader::text(uint64_t table, uint64_t table_size, uint64_t at) {
  if (!ok()) return {};
  if (at < table_size && inside(table, table_size)) {
    auto rest = bytes_.substr(table + at, table_size - at);
    if (auto end = rest.find('\0'); end != rest.npos) {
      names_cost_ += end + sizeof(std::string);
      if (names_cost_ > kMaxNames) fail("its names take up more than 256 MiB");
      return std::string(rest.substr(0, end));
    }
  }
  fail("a name lies outside its table of names");
  return {};
}

uint64_t ElfReader::value(int64_t tag) const {
  auto found = std::find_if(dynamic_.begin(), dynamic_.end(), [tag](const auto& entry) { return entry.tag == tag; });
  return found == dynamic_.end() ? 0 : found->value;
}

void ElfReader::read_segments() {
  header_ = get<Elf64_Ehdr>(0);
  if (header_.e_phentsize != sizeof(Elf64_Phdr)) fail("its table of segments has entries of a wrong size");
  if (header_.e_phnum > kMaxSegments) fail("it has more than 256 segments");
  for (uint64_t i = 0; ok() && i < header_.e_phnum; ++i) {
    auto segment = get<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
    if (!inside(segment.p_offset, segment.p_filesz)) fail("a segment lies beyond its end; it is cut off");
    segments_.push_back(segment);
  }
}

void ElfReader::read_dynamic() {
  auto found = std::find_if(segments_.begin(), segments_.end(), [](const auto& s) { return s.p_type == PT_DYNAMIC; });
  if (found == segments_.end()) return fail("it has no dynamic section; it is no shared object");
  const uint64_t end = found->p_offset + found->p_filesz;
  for (uint64_t at = found->p_offset; ok(); at += sizeof(Elf64_Dyn)) {
    if (end - at < sizeof(Elf64_Dyn)) return fail("its dynamic section has no end");
    auto entry = get<Elf64_Dyn>(at);
    if (entry.d_tag == DT_NULL) break;
    dynamic_.push_back({entry.d_tag, entry.d_un.d_val, at + offsetof(Elf64_Dyn, d_un)});
  }
  strings_size_ = value(DT_STRSZ);
  strings_ = offset_of(value(DT_STRTAB), strings_size_);
}

ElfArray ElfReader::array(int64_t tag, int64_t size_tag) {
  auto found = std::find_if(dynamic_.begin(), dynamic_.end(), [&](const auto& entry) { return entry.tag == size_tag; });
  if (found == dynamic_.end()) return {};
  ElfArray array{value(tag), found->value, found->value_offset};
  if (array.size % sizeof(Elf64_Addr) != 0) fail("its table of constructors or destructors has a broken entry");
  if (array.size != 0) offset_of(array.address, array.size);
  return array;
}

void ElfReader::read_flags(ElfInfo& info) {
  info.type = header_.e_type;
  info.machine = header_.e_machine;
  info.flags = value(DT_FLAGS);
  info.flags_1 = value(DT_FLAGS_1);
  info.static_tls = (info.flags & DF_STATIC_TLS) != 0;
  auto has = [this](int64_t tag) {
    return std::any_of(dynamic_.begin(), dynamic_.end(), [tag](const auto& entry) { return entry.tag == tag; });
  };
  info.text_relocations = (info.flags & DF_TEXTREL) != 0 || has(DT_TEXTREL);
  // Without PT_GNU_STACK the loader assumes that the stack must be executable.
  info.executable_stack = true;
  for (const auto& segment : segments_) {
    if (segment.p_type == PT_GNU_STACK) info.executable_stack = (segment.p_flags & PF_X) != 0;
    if (segment.p_type == PT_TLS) info.tls_size = segment.p_memsz;
    constexpr uint32_t kBoth = PF_W | PF_X;
    if (segment.p_type == PT_LOAD && (segment.p_flags & kBoth) == kBoth) info.writable_code = true;
  }
  info.init_array = array(DT_INIT_ARRAY, DT_INIT_ARRAYSZ);
  info.fini_array = array(DT_FINI_ARRAY, DT_FINI_ARRAYSZ);
}

void ElfReader::read_names(ElfInfo& info) {
  for (const auto& entry : dynamic_) {
    if (entry.tag == DT_NEEDED) info.needed.push_back(dynamic_text(entry.value));
    if (entry.tag == DT_SONAME) info.soname = dynamic_text(entry.value);
    if (entry.tag == DT_RPATH || entry.tag == DT_RUNPATH) info.run_paths.push_back(dynamic_text(entry.value));
  }
}

/// No table says how many dynamic symbols there are: the hash tables know the last one that is defined, relocations the
/// last one that is used.
uint64_t ElfReader::count_symbols() {
  uint64_t count = std::max(count_relocated(DT_RELA, DT_RELASZ), count_relocated(DT_JMPREL, DT_PLTRELSZ));
  if (uint64_t hash = value(DT_GNU_HASH)) count = std::max(count, count_gnu_hash(hash));
  if (uint64_t hash = value(DT_HASH)) count = std::max<uint64_t>(count, get_at<uint32_t>(hash + sizeof(uint32_t)));
  return count;
}

uint64_t ElfReader::count_gnu_hash(uint64_t address) {
  struct Header {
    uint32_t buckets, first_symbol, bloom_words, bloom_shift;
  };
  auto header = get_at<Header>(address);
  const uint64_t buckets = address + sizeof(Header) + uint64_t{header.bloom_words} * sizeof(uint64_t);
  const uint64_t chains = buckets + uint64_t{header.buckets} * sizeof(uint32_t);
  uint64_t last = 0;
  for (uint64_t i = 0; ok() && i < header.buckets; ++i) {
    last = std::max<uint64_t>(last, get_at<uint32_t>(buckets + i * sizeof(uint32_t)));
  }
  if (last < header.first_symbol) return header.first_symbol;
  // The end of a chain has its lowest bit set; a chain without an end runs into the end of its segment.
  while (ok() && (get_at<uint32_t>(chains + (last - header.first_symbol) * sizeof(uint32_t)) & 1) == 0) ++last;
  return last + 1;
}

uint64_t ElfReader::count_relocated(int64_t tag, int64_t size_tag) {
  const uint64_t size = value(size_tag);
  if (size == 0) return 0;
  const uint64_t begin = offset_of(value(tag), size);
  uint64_t count = 0;
  for (uint64_t at = 0; ok() && size - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela)) {
    count = std::max<uint64_t>(count, ELF64_R_SYM(get<Elf64_Rela>(begin + at).r_info) + 1);
  }
  return count;
}

void ElfReader::read_symbols(ElfInfo& info) {
  const uint64_t table = value(DT_SYMTAB), count = count_symbols();
  for (uint64_t i = 1; ok() && i < count; ++i) {
    auto symbol = get_at<Elf64_Sym>(table + i * sizeof(Elf64_Sym));
    if (ELF64_ST_TYPE(symbol.st_info) == STT_SECTION) continue;
    info.symbols.push_back(
        {dynamic_text(symbol.st_name), symbol.st_shndx != SHN_UNDEF, ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE});
  }
}

void ElfReader::read_versions(ElfInfo& info) {
  uint64_t at = value(DT_VERNEED);
  for (uint64_t files = at == 0 ? 0 : value(DT_VERNEEDNUM); ok() && files > 0; --files) {
    auto need = get_at<Elf64_Verneed>(at);
    std::string file = dynamic_text(need.vn_file);
    uint64_t version_at = at + need.vn_aux;
    for (uint32_t i = 0; ok() && i < need.vn_cnt; ++i) {
      auto version = get_at<Elf64_Vernaux>(version_at);
      info.versions.push_back({file, dynamic_text(version.vna_name)});
      // Offsets only lead forward, so that no chain can be a loop.
      if (version.vna_next == 0) break;
      version_at += version.vna_next;
    }
    if (need.vn_next == 0) break;
    at += need.vn_next;
  }
}

void ElfReader::read_notes(ElfInfo& info) {
  for (const auto& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    const uint64_t align = segment.p_align == 8 ? 8 : 4;
    auto padded = [align](uint64_t size) { return (size + align - 1) / align * align; };
    const uint64_t end = segment.p_offset + segment.p_filesz;
    for (uint64_t at = segment.p_offset; ok() && at < end && end - at >= sizeof(Elf64_Nhdr);) {
      auto note = get<Elf64_Nhdr>(at);
      const uint64_t name = at + sizeof(Elf64_Nhdr);
      const uint64_t body = at + padded(sizeof(Elf64_Nhdr) + note.n_namesz);
      if (!inside(name, note.n_namesz) || !inside(body, note.n_descsz)) return fail("a note lies beyond its end");
      if (note.n_type == NT_GNU_BUILD_ID && bytes_.substr(name, note.n_namesz) == std::string_view("GNU\0", 4)) {
        constexpr char kDigits[] = "0123456789abcdef";
        info.build_id.clear();
        for (unsigned char byte : bytes_.substr(body, note.n_descsz)) {
          info.build_id += kDigits[byte >> 4];
          info.build_id += kDigits[byte & 15];
        }
      }
      at = body + padded(note.n_descsz);
    }
  }
}

void ElfReader::read_sections(ElfInfo& info) {
  if (header_.e_shoff != 0 && header_.e_shentsize != sizeof(Elf64_Shdr)) fail("its table of sections is broken");
  for (uint64_t i = 0; ok() && header_.e_shoff != 0 && i < header_.e_shnum; ++i) {
    auto section = get<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_NOBITS && !inside(section.sh_offset, section.sh_size)) {
      fail("a section lies beyond its end; it is cut off");
    }
    sections_.push_back(section);
  }
  if (!ok()) return;
  const Elf64_Shdr* names = header_.e_shstrndx < sections_.size() ? &sections_[header_.e_shstrndx] : nullptr;
  for (const auto& section : sections_) {
    section_names_.push_back(names ? text(names->sh_offset, names->sh_size, section.sh_name) : std::string());
    if (section.sh_type == SHT_SYMTAB) read_symbol_table(section, info);
  }
  info.own_init = !is_start_code(".init", DT_INIT);
  info.own_fini = !is_start_code(".fini", DT_FINI);
}

void ElfReader::read_symbol_table(const Elf64_Shdr& table, ElfInfo& info) {
  if (table.sh_link >= sections_.size()) return fail("its symbol table has no names");
  const auto& names = sections_[table.sh_link];
  if (!inside(names.sh_offset, names.sh_size)) return fail("the names of its symbol table lie beyond its end");
  const auto all_names = bytes_.substr(names.sh_offset, names.sh_size);
  for (uint64_t at = 0; ok() && table.sh_size - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
    auto symbol = get<Elf64_Sym>(table.sh_offset + at);
    if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
    if (symbol.st_name >= all_names.size()) return fail("a name lies outside its table of names");
    for (auto name : kRuntimeFunctions) {
      // With the NUL that ends it.
      if (all_names.substr(symbol.st_name, name.size() + 1) == std::string_view(name.data(), name.size() + 1)) {
        info.private_runtime.emplace_back(name);
      }
    }
  }
}

bool ElfReader::is_start_code(std::string_view section, int64_t tag) {
  const uint64_t address = value(tag);
  if (address == 0) return true;
  for (size_t i = 0; i < sections_.size(); ++i) {
    if (section_names_[i] == section) return sections_[i].sh_addr == address && sections_[i].sh_size <= kMaxInitCode;
  }
  return false;
}

Status ElfReader::read(ElfInfo& info) {
  constexpr std::string_view kMagic(ELFMAG, SELFMAG);
  if (bytes_.substr(0, SELFMAG) != kMagic)
    return {Code::kCorrupt, "it is no ELF file; a shared object (.so) is wanted"};
  if (bytes_.size() >= EI_NIDENT && (bytes_[EI_CLASS] != ELFCLASS64 || bytes_[EI_DATA] != ELFDATA2LSB)) {
    return {Code::kIncompatible, "it is no 64-bit little-endian ELF file; build it for this machine"};
  }
  read_segments();
  if (ok()) read_dynamic();
  if (ok()) read_flags(info);
  if (ok()) read_names(info);
  if (ok()) read_symbols(info);
  if (ok()) read_versions(info);
  if (ok()) read_notes(info);
  if (ok()) read_sections(info);
  if (ok()) return {};
  return {Code::kCorrupt, "it is no sound ELF file: " + fault_ + "; build it again"};
}

}  // namespace

Result<ElfInfo> parse_elf(std::string_view bytes, std::string_view origin) {
  ElfInfo info;
  if (auto status = ElfReader(bytes).read(info); !status.ok()) return status.within(origin);
  return info;
}

Result<ElfInfo> read_elf(const std::filesystem::path& file) {
  auto bytes = base::read_file(file, kMaxFile);
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
