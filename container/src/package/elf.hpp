/// What a shared object says of itself, read from its bytes. Nothing is executed and nothing is believed: a file that
/// is cut off or lies about its sizes is an error, whatever it holds. Values; any thread may use its own.
///
/// Source: System V gABI (ELF-64), and the GNU extensions as glibc's loader reads them.
#pragma once

#include <ark/container/status.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::package {

/// DT_INIT_ARRAY or DT_FINI_ARRAY. All zero: there is none.
struct ElfArray {
  uint64_t address = 0;      ///< virtual, relative to the load address
  uint64_t size = 0;         ///< bytes
  uint64_t size_offset = 0;  ///< in the file, of the word that holds `size`
  bool operator==(const ElfArray&) const = default;
};

/// An entry of the dynamic symbol table.
struct ElfSymbol {
  std::string name;
  bool defined = false;     ///< here; otherwise another object must define it
  bool gnu_unique = false;  ///< STB_GNU_UNIQUE: one definition for the whole process
  bool weak = false;        ///< STB_WEAK: undefined, it may be missing everywhere
  bool relocated = false;   ///< the loader looks it up for this file, even if that defines it, too
  /// Defined: a reference without a version takes it too (the newest version, and the oldest of the file).
  bool default_version = true;
  std::string version;  ///< defined: its own; undefined: the one that is needed. Empty: none
};

/// A symbol version that another library must have: "libc.so.6", "GLIBC_2.34".
struct ElfVersion {
  std::string file, version;
};

struct ElfInfo {
  uint16_t type = 0, machine = 0;   ///< ET_DYN, EM_X86_64
  uint64_t flags = 0, flags_1 = 0;  ///< DT_FLAGS, DT_FLAGS_1
  std::string soname;
  std::vector<std::string> needed;     ///< DT_NEEDED, in order
  std::vector<std::string> run_paths;  ///< DT_RPATH and DT_RUNPATH
  bool inherited_run_paths = false;    ///< DT_RPATH alone, which holds for what its libraries need, too
  bool text_relocations = false, executable_stack = false, writable_code = false;
  bool static_tls = false;  ///< thread-local data of the initial-exec model
  uint64_t tls_size = 0;    ///< bytes of thread-local data
  /// DT_INIT or DT_FINI lead to something else than the compiler's own start and end code.
  bool own_init = false, own_fini = false;
  ElfArray init_array, fini_array;
  std::vector<ElfSymbol> symbols;             ///< dynamic, without the null entry and those that are local
  std::vector<ElfVersion> versions;           ///< needed of other libraries
  std::vector<std::string> defined_versions;  ///< "CURL_OPENSSL_4", of this file
  std::string build_id;                       ///< hexadecimal; empty: none
  /// Which of the functions that must exist once in a process (the unwinder, the C++ run time) are defined inside.
  /// Known only while the file has its symbol table.
  std::vector<std::string> private_runtime;
};

/// Larger shared objects are not read.
inline constexpr size_t kMaxElfFile = size_t{1} << 30;

/// origin:  what the messages call the file.
/// Errors:  kCorrupt for what is no sound ELF file; kIncompatible for 32-bit and big-endian files.
Result<ElfInfo> parse_elf(std::string_view bytes, std::string_view origin);
/// The same for a file of at most kMaxElfFile bytes.
Result<ElfInfo> read_elf(const std::filesystem::path& file);

/// A library that every process of this build has and no package contains: "libc.so.6", "libstdc++.so.6", the
/// sanitizers' run time in a build with them.
bool is_platform_library(std::string_view soname);

}  // namespace ark::container::package
