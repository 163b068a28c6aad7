/// Shared objects as the tests want them, of which the reader finds everything and nobody can load anything: 600 of
/// them are made faster than one is linked.
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ark::test {

#if defined(__aarch64__)
inline constexpr uint16_t kThisMachine = EM_AARCH64, kOtherMachine = EM_X86_64;
#else
inline constexpr uint16_t kThisMachine = EM_X86_64, kOtherMachine = EM_AARCH64;
#endif

struct MadeSymbol {
  std::string name;
  bool defined = false;
  std::string version = {};        ///< needed of `file`, or defined
  std::string file = "libc.so.6";  ///< of the version of an undefined symbol
  bool weak = false, hidden_version = false;
  bool relocated = true;
  unsigned char type = STT_FUNC;
};

struct MadeLibrary {
  std::string soname = {};
  std::vector<std::string> needed = {};
  std::vector<MadeSymbol> symbols = {};
  std::string rpath = {}, runpath = {};
  uint16_t machine = kThisMachine;
  unsigned char elf_class = ELFCLASS64;

  std::string bytes() const;
  /// Makes the folders above it, too.
  std::filesystem::path write(const std::filesystem::path& file) const {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes();
    return file;
  }
};

namespace detail {

class LibraryMaker {
 public:
  explicit LibraryMaker(const MadeLibrary& made) : made_(made) {}

  std::string make() {
    bytes_.resize(sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr));
    add_symbols();
    for (const auto& name : made_.needed) tag(DT_NEEDED, text(name));
    if (!made_.soname.empty()) tag(DT_SONAME, text(made_.soname));
    if (!made_.rpath.empty()) tag(DT_RPATH, text(made_.rpath));
    if (!made_.runpath.empty()) tag(DT_RUNPATH, text(made_.runpath));
    tag(DT_STRTAB, bytes_.size());
    tag(DT_STRSZ, strings_.size());
    bytes_ += strings_;
    tag(DT_NULL, 0);
    const size_t dynamic = bytes_.size();
    append(dynamic_);
    add_headers(dynamic);
    return bytes_;
  }

 private:
  uint32_t text(const std::string& text) {
    strings_ += text + '\0';
    return static_cast<uint32_t>(strings_.size() - text.size() - 1);
  }
  void tag(int64_t tag, uint64_t value) { dynamic_.push_back({tag, {value}}); }
  template <class T>
  void append(const std::vector<T>& values) {
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  template <class T>
  void add_table(int64_t where, const std::vector<T>& values) {
    tag(where, bytes_.size());
    append(values);
  }

  /// Numbers from 2 on, as linkers give them: first to the versions that are defined.
  uint16_t version_number(const std::vector<MadeSymbol>& versions, const MadeSymbol& symbol) const {
    if (symbol.version.empty()) return symbol.defined ? VER_NDX_GLOBAL : VER_NDX_LOCAL;
    auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& other) { return same(other, symbol); });
    return static_cast<uint16_t>(found - versions.begin() + 2);
  }
  static bool same(const MadeSymbol& a, const MadeSymbol& b) {
    return a.defined == b.defined && a.version == b.version && (a.defined || a.file == b.file);
  }

  void add_symbols() {
    std::vector<MadeSymbol> versions;  // one of each
    for (bool defined : {true, false}) {
      for (const auto& symbol : made_.symbols) {
        auto like = [&](const auto& other) { return same(other, symbol); };
        if (symbol.version.empty() || symbol.defined != defined || std::any_of(versions.begin(), versions.end(), like))
          continue;
        versions.push_back(symbol);
      }
    }
    std::vector<Elf64_Sym> table(1);
    std::vector<Elf64_Versym> numbers(1);
    std::vector<Elf64_Rela> relocations;
    for (const auto& symbol : made_.symbols) {
      if (symbol.relocated) relocations.push_back({0, ELF64_R_INFO(table.size(), R_X86_64_64), 0});
      const unsigned char info = ELF64_ST_INFO(symbol.weak ? STB_WEAK : STB_GLOBAL, symbol.type);
      table.push_back(
          {text(symbol.name), info, STV_DEFAULT, static_cast<uint16_t>(symbol.defined ? 1 : SHN_UNDEF), 64, 0});
      numbers.push_back(static_cast<uint16_t>(version_number(versions, symbol) | (symbol.hidden_version ? 0x8000 : 0)));
    }
    add_table(DT_SYMTAB, table);
    if (!versions.empty()) add_table(DT_VERSYM, numbers);
    add_table(DT_HASH, std::vector<uint32_t>{0, static_cast<uint32_t>(table.size())});
    add_table(DT_RELA, relocations);
    tag(DT_RELASZ, relocations.size() * sizeof(Elf64_Rela));
    add_versions(versions);
  }

  void add_versions(const std::vector<MadeSymbol>& versions) {
    struct Defined {
      Elf64_Verdef version;
      Elf64_Verdaux name;
    };
    struct Needed {
      Elf64_Verneed file;
      Elf64_Vernaux version;
    };
    std::vector<Defined> defined;
    std::vector<Needed> needed;
    for (const auto& one : versions) {
      const auto number = version_number(versions, one);
      if (one.defined) {
        defined.push_back({{1, 0, number, 1, 0, sizeof(Elf64_Verdef), sizeof(Defined)}, {text(one.version), 0}});
      } else {
        needed.push_back(
            {{1, 1, text(one.file), sizeof(Elf64_Verneed), sizeof(Needed)}, {0, 0, number, text(one.version), 0}});
      }
    }
    if (!defined.empty()) add_table(DT_VERDEF, defined);
    tag(DT_VERDEFNUM, defined.size());
    if (!needed.empty()) add_table(DT_VERNEED, needed);
    tag(DT_VERNEEDNUM, needed.size());
  }

  void add_headers(size_t dynamic) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = made_.elf_class;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_machine = made_.machine;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    Elf64_Phdr segments[2]{};
    segments[0].p_type = PT_LOAD;
    segments[0].p_filesz = bytes_.size();
    segments[1].p_type = PT_DYNAMIC;
    segments[1].p_offset = segments[1].p_vaddr = dynamic;
    segments[1].p_filesz = bytes_.size() - dynamic;
    std::memcpy(bytes_.data(), &header, sizeof header);
    std::memcpy(bytes_.data() + sizeof header, segments, sizeof segments);
  }

  const MadeLibrary& made_;
  std::string bytes_, strings_ = std::string(1, '\0');
  std::vector<Elf64_Dyn> dynamic_;
};

}  // namespace detail

inline std::string MadeLibrary::bytes() const { return detail::LibraryMaker(*this).make(); }

}  // namespace ark::test
