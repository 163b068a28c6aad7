/// The tables of a shared object and where they lie in its file, for those who read them and those who change them. One
/// thread at a time.
///
/// Source: System V gABI (ELF-64), and the GNU extensions as glibc's loader reads them.
#pragma once

#include <elf.h>
#include <ark/container/status.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ark::container::package {

/// In a word of DT_VERSYM, beside the number of the version.
constexpr uint16_t kVersionHidden = 0x8000;

/// An entry of the dynamic section.
struct ElfDynamic {
  int64_t tag = DT_NULL;
  uint64_t value = 0;
  uint64_t offset = 0;  ///< of the Elf64_Dyn in the file
};

/// An entry of the dynamic symbol table.
struct ElfDynamicSymbol {
  std::string_view name;
  Elf64_Sym raw{};
  uint64_t offset = 0;          ///< of `raw` in the file
  bool relocated = false;       ///< a relocation names it
  uint16_t version = 0;         ///< its word of DT_VERSYM; 0: there is no such table
  uint64_t version_offset = 0;  ///< of that word in the file; 0: there is no such table
};

/// A version as DT_VERSYM names it: a number of this file, without kVersionHidden.
struct ElfVersionName {
  uint16_t index = 0;
  std::string_view name;  ///< "GLIBC_2.34"
};

/// What DT_VERNEED says of one library.
struct ElfVersionNeed {
  std::string_view file;  ///< "libc.so.6"
  uint64_t offset = 0;    ///< of the Elf64_Verneed in the file
  std::vector<ElfVersionName> versions;
};

/// Every read is checked. The first that fails is the fault of the file; from then on all reads return zeros and empty
/// texts, so that loops end, and what was read before counts for nothing: ask status() at the end.
class ElfFile {
 public:
  static constexpr size_t kMaxSegments = 256;

  /// Reads all the tables. bytes: of the whole file; must outlive this object and the texts it gives.
  explicit ElfFile(std::string_view bytes);

  bool ok() const { return status_.ok(); }
  /// kCorrupt for what is no sound ELF file; kIncompatible for 32-bit and big-endian files.
  const Status& status() const { return status_; }
  /// fault:  "it ends too early".
  void fail(std::string_view fault);

  std::string_view bytes() const { return bytes_; }
  const Elf64_Ehdr& header() const { return header_; }
  const std::vector<Elf64_Phdr>& segments() const { return segments_; }
  /// Empty if the file has no table of sections.
  const std::vector<Elf64_Shdr>& sections() const { return sections_; }
  std::string_view section_name(size_t section) const { return section_names_[section]; }
  /// Index of the section that is the dynamic string table; sections().size(): none is.
  size_t strings_section() const;

  /// Without the DT_NULL that ends it.
  const std::vector<ElfDynamic>& dynamic() const { return dynamic_; }
  /// Where in the file that DT_NULL is, and how many more follow it.
  uint64_t dynamic_end() const { return dynamic_end_; }
  size_t spare_dynamic() const { return spare_dynamic_; }
  /// The entry that glibc's loader goes by, which is the last of its kind; null: none.
  const ElfDynamic* find(int64_t tag) const;
  uint64_t value(int64_t tag) const;  ///< 0: none
  std::string_view dynamic_text(uint64_t at) { return text(strings_, strings_size_, at); }
  /// DT_STRTAB, all of it.
  std::string_view strings() const { return ok() ? bytes_.substr(strings_, strings_size_) : std::string_view(); }

  /// By index, less the null entry.
  const std::vector<ElfDynamicSymbol>& symbols() const { return symbols_; }
  const std::vector<ElfVersionNeed>& version_needs() const { return version_needs_; }
  /// DT_VERDEF, without the entry that is the file's own name.
  const std::vector<ElfVersionName>& defined_versions() const { return defined_versions_; }

  bool inside(uint64_t offset, uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  /// Where in the file that memory comes from.
  uint64_t offset_of(uint64_t address, uint64_t size);
  /// The value at an offset in the file.
  template <class T>
  T get(uint64_t offset);
  template <class T>
  T get_at(uint64_t address) {
    return get<T>(offset_of(address, sizeof(T)));
  }
  /// The name at `at` in a table of names.
  std::string_view text(uint64_t table, uint64_t table_size, uint64_t at);
  /// Names may share bytes, so that a small file could ask for any amount of memory and time: fails if all names that
  /// were read, and those of which more copies are made, take up too much.
  void count_name(std::string_view name);

 private:
  void read_segments();
  void read_dynamic();
  uint64_t count_symbols();
  uint64_t count_gnu_hash(uint64_t address);
  uint64_t count_relocated(int64_t tag, int64_t size_tag);
  void read_symbols();
  void read_version_needs();
  void read_defined_versions();
  void read_sections();

  std::string_view bytes_;
  Status status_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Shdr> sections_;
  std::vector<std::string_view> section_names_;
  std::vector<ElfDynamic> dynamic_;
  uint64_t dynamic_end_ = 0;
  size_t spare_dynamic_ = 0;
  uint64_t strings_ = 0, strings_size_ = 0;  // in the file
  std::vector<ElfDynamicSymbol> symbols_;
  std::vector<bool> relocated_;  // by the index of a symbol
  std::vector<ElfVersionNeed> version_needs_;
  std::vector<ElfVersionName> defined_versions_;
  uint64_t names_cost_ = 0;
};

template <class T>
T ElfFile::get(uint64_t offset) {
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

}  // namespace ark::container::package
