#include "package/elf_file.hpp"

#include <algorithm>

namespace ark::container::package {
namespace {

constexpr uint64_t kMaxNames = uint64_t{256} << 20;

Status check_kind(std::string_view bytes) {
  constexpr std::string_view kMagic(ELFMAG, SELFMAG);
  if (bytes.substr(0, SELFMAG) != kMagic) {
    return {Code::kCorrupt, "it is no ELF file; a shared object (.so) is wanted"};
  }
  if (bytes.size() >= EI_NIDENT && (bytes[EI_CLASS] != ELFCLASS64 || bytes[EI_DATA] != ELFDATA2LSB)) {
    return {Code::kIncompatible, "it is no 64-bit little-endian ELF file; build it for this machine"};
  }
  return {};
}

}  // namespace

ElfFile::ElfFile(std::string_view bytes) : bytes_(bytes), status_(check_kind(bytes)) {
  if (ok()) read_segments();
  if (ok()) read_dynamic();
  if (ok()) read_symbols();
  if (ok()) read_version_needs();
  if (ok()) read_defined_versions();
  if (ok()) read_sections();
}

void ElfFile::fail(std::string_view fault) {
  if (ok()) status_ = {Code::kCorrupt, "it is no sound ELF file: " + std::string(fault) + "; build it again"};
}

uint64_t ElfFile::offset_of(uint64_t address, uint64_t size) {
  for (const auto& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    uint64_t at = address - segment.p_vaddr;
    if (at <= segment.p_filesz && size <= segment.p_filesz - at) return segment.p_offset + at;
  }
  fail("it refers to an address that none of its segments contains");
  return UINT64_MAX;
}

std::string_view ElfFile::text(uint64_t table, uint64_t table_size, uint64_t at) {
  if (!ok()) return {};
  if (at < table_size && inside(table, table_size)) {
    auto rest = bytes_.substr(table + at, table_size - at);
    if (auto end = rest.find('\0'); end != rest.npos) {
      count_name(rest.substr(0, end));
      return rest.substr(0, end);
    }
  }
  fail("a name lies outside its table of names");
  return {};
}

void ElfFile::count_name(std::string_view name) {
  names_cost_ += name.size() + sizeof(std::string);
  if (names_cost_ > kMaxNames) fail("its names take up more than 256 MiB");
}

const ElfDynamic* ElfFile::find(int64_t tag) const {
  auto found = std::find_if(dynamic_.rbegin(), dynamic_.rend(), [tag](const auto& entry) { return entry.tag == tag; });
  return found == dynamic_.rend() ? nullptr : &*found;
}

uint64_t ElfFile::value(int64_t tag) const {
  const auto* entry = find(tag);
  return entry == nullptr ? 0 : entry->value;
}

size_t ElfFile::strings_section() const {
  auto found = std::find_if(sections_.begin(), sections_.end(), [this](const auto& section) {
    return section.sh_type == SHT_STRTAB && section.sh_offset == strings_ && section.sh_addr == value(DT_STRTAB);
  });
  return static_cast<size_t>(found - sections_.begin());
}

void ElfFile::read_segments() {
  header_ = get<Elf64_Ehdr>(0);
  if (header_.e_phentsize != sizeof(Elf64_Phdr)) fail("its table of segments has entries of a wrong size");
  if (header_.e_phnum > kMaxSegments) fail("it has more than 256 segments");
  for (uint64_t i = 0; ok() && i < header_.e_phnum; ++i) {
    auto segment = get<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
    if (!inside(segment.p_offset, segment.p_filesz)) fail("a segment lies beyond its end; it is cut off");
    segments_.push_back(segment);
  }
}

void ElfFile::read_dynamic() {
  auto found = std::find_if(segments_.begin(), segments_.end(), [](const auto& s) { return s.p_type == PT_DYNAMIC; });
  if (found == segments_.end()) return fail("it has no dynamic section; it is no shared object");
  // The loader looks for it in memory.
  if (offset_of(found->p_vaddr, found->p_filesz) != found->p_offset) {
    return fail("its dynamic section is in another place of the file than of its memory");
  }
  const uint64_t end = found->p_offset + found->p_filesz;
  uint64_t at = found->p_offset;
  for (; ok(); at += sizeof(Elf64_Dyn)) {
    if (end - at < sizeof(Elf64_Dyn)) return fail("its dynamic section has no end");
    auto entry = get<Elf64_Dyn>(at);
    if (entry.d_tag == DT_NULL) break;
    dynamic_.push_back({entry.d_tag, entry.d_un.d_val, at});
  }
  dynamic_end_ = at;
  for (at += sizeof(Elf64_Dyn); ok() && at + sizeof(Elf64_Dyn) <= end; at += sizeof(Elf64_Dyn)) {
    if (get<Elf64_Dyn>(at).d_tag != DT_NULL) break;
    ++spare_dynamic_;
  }
  strings_size_ = value(DT_STRSZ);
  strings_ = offset_of(value(DT_STRTAB), strings_size_);
}

/// No table says how many dynamic symbols there are: the hash tables know the last one that is defined, relocations the
/// last one that is used.
uint64_t ElfFile::count_symbols() {
  relocated_.resize(bytes_.size() / sizeof(Elf64_Sym));
  uint64_t count = std::max(count_relocated(DT_RELA, DT_RELASZ), count_relocated(DT_JMPREL, DT_PLTRELSZ));
  if (uint64_t hash = value(DT_GNU_HASH)) count = std::max(count, count_gnu_hash(hash));
  if (uint64_t hash = value(DT_HASH)) count = std::max<uint64_t>(count, get_at<uint32_t>(hash + sizeof(uint32_t)));
  return count;
}

uint64_t ElfFile::count_gnu_hash(uint64_t address) {
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

uint64_t ElfFile::count_relocated(int64_t tag, int64_t size_tag) {
  const uint64_t size = value(size_tag);
  if (size == 0) return 0;
  const uint64_t begin = offset_of(value(tag), size);
  uint64_t count = 0;
  for (uint64_t at = 0; ok() && size - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela)) {
    const uint64_t symbol = ELF64_R_SYM(get<Elf64_Rela>(begin + at).r_info);
    count = std::max(count, symbol + 1);
    if (symbol < relocated_.size()) relocated_[symbol] = true;
  }
  return count;
}

void ElfFile::read_symbols() {
  const uint64_t count = count_symbols();
  if (count == 0) return;
  // As wholes first, so that no address can wrap around.
  const uint64_t table = value(DT_SYMTAB), versions = value(DT_VERSYM);
  (void)offset_of(table, count * sizeof(Elf64_Sym));
  if (versions != 0) (void)offset_of(versions, count * sizeof(Elf64_Versym));
  for (uint64_t i = 1; ok() && i < count; ++i) {
    ElfDynamicSymbol symbol;
    symbol.offset = offset_of(table + i * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
    symbol.raw = get<Elf64_Sym>(symbol.offset);
    symbol.name = dynamic_text(symbol.raw.st_name);
    symbol.relocated = relocated_[i];
    if (versions != 0) {
      symbol.version_offset = offset_of(versions + i * sizeof(Elf64_Versym), sizeof(Elf64_Versym));
      symbol.version = get<Elf64_Versym>(symbol.version_offset);
    }
    symbols_.push_back(symbol);
  }
}

// Offsets between the entries of both tables of versions only lead forward, so that no chain can be a loop.

void ElfFile::read_version_needs() {
  uint64_t at = value(DT_VERNEED);
  for (uint64_t files = at == 0 ? 0 : value(DT_VERNEEDNUM); ok() && files > 0; --files) {
    ElfVersionNeed found;
    found.offset = offset_of(at, sizeof(Elf64_Verneed));
    auto need = get<Elf64_Verneed>(found.offset);
    found.file = dynamic_text(need.vn_file);
    uint64_t version_at = at + need.vn_aux;
    for (uint32_t i = 0; ok() && i < need.vn_cnt; ++i) {
      auto version = get_at<Elf64_Vernaux>(version_at);
      found.versions.push_back(
          {static_cast<uint16_t>(version.vna_other & ~kVersionHidden), dynamic_text(version.vna_name)});
      if (version.vna_next == 0) break;
      version_at += version.vna_next;
    }
    version_needs_.push_back(std::move(found));
    if (need.vn_next == 0) break;
    at += need.vn_next;
  }
}

void ElfFile::read_defined_versions() {
  uint64_t at = value(DT_VERDEF);
  for (uint64_t left = at == 0 ? 0 : value(DT_VERDEFNUM); ok() && left > 0; --left) {
    auto definition = get_at<Elf64_Verdef>(at);
    // The first of its names is its own; the others are of those it inherits from.
    auto name = dynamic_text(get_at<Elf64_Verdaux>(at + definition.vd_aux).vda_name);
    const auto index = static_cast<uint16_t>(definition.vd_ndx & ~kVersionHidden);
    if ((definition.vd_flags & VER_FLG_BASE) == 0) defined_versions_.push_back({index, name});
    if (definition.vd_next == 0) break;
    at += definition.vd_next;
  }
}

void ElfFile::read_sections() {
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
    section_names_.push_back(names ? text(names->sh_offset, names->sh_size, section.sh_name) : std::string_view());
  }
}

}  // namespace ark::container::package
