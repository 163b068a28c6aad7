#include "pack/lint.hpp"

#include <ark/abi/module.h>
#include <elf.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "pack/finding.hpp"
#include "pack/hooks.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::Status;
using container::package::ElfInfo;
using container::package::is_platform_library;
using Faults = std::vector<std::string>;

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#else
constexpr uint16_t kMachine = EM_AARCH64;
#endif

/// The loader reserves little room for thread-local data at a fixed place, for all modules together.
constexpr uint64_t kMaxStaticTls = 64;

std::string machine_name(uint16_t machine) {
  if (machine == EM_X86_64) return "x86_64";
  if (machine == EM_AARCH64) return "aarch64";
  return "machine " + std::to_string(machine);
}

void check_kind(const ElfInfo& elf, Faults& faults) {
  if (elf.machine != kMachine) {
    faults.push_back("it was built for " + machine_name(elf.machine) + ", and arkctl runs on " +
                     machine_name(kMachine) + ": pack it on a machine of its kind");
  }
  if (elf.type != ET_DYN || (elf.flags_1 & DF_1_PIE) != 0) {
    faults.emplace_back(
        "it is a program, or an object file, and no shared object: build it with ark_add_biz or ark_add_plugin");
  }
}

void check_flags(const ElfInfo& elf, Faults& faults) {
  if ((elf.flags_1 & DF_1_GLOBAL) != 0) {
    faults.emplace_back("it would give its symbols to all modules (DF_1_GLOBAL): link it without -z global");
  }
  if ((elf.flags_1 & DF_1_INITFIRST) != 0) {
    faults.emplace_back(
        "it asks to be initialised before everything else (DF_1_INITFIRST): link it without -z initfirst");
  }
  if (elf.text_relocations) {
    faults.emplace_back("it has relocations in its code (TEXTREL): compile everything in it with -fPIC");
  }
  if (elf.executable_stack) {
    faults.emplace_back(
        "it asks for an executable stack: link it with -z noexecstack, and end assembler sources with "
        ".section .note.GNU-stack,\"\",@progbits");
  }
  if (elf.writable_code) {
    faults.emplace_back(
        "one of its segments can be written and executed: link it without -N and without such a linker script");
  }
  if (elf.static_tls && elf.tls_size > kMaxStaticTls) {
    faults.push_back("it has " + std::to_string(elf.tls_size) +
                     " bytes of thread-local data at a fixed place, and a module may have " +
                     std::to_string(kMaxStaticTls) + ": compile without -ftls-model=initial-exec");
  }
}

void check_code(const ElfInfo& elf, Faults& faults) {
  constexpr std::string_view kWhy =
      " runs while it is loaded or unmapped, where it can be neither stopped nor caught: "
      "make it a static constructor or destructor, and do not strip the table of sections";
  if (elf.own_init) faults.push_back("code of its own in DT_INIT" + std::string(kWhy));
  if (elf.own_fini) faults.push_back("code of its own in DT_FINI" + std::string(kWhy));
  if (!elf.private_runtime.empty()) {
    faults.push_back("it contains the unwinder or the C++ run time (" + list_of(elf.private_runtime) +
                     "), which must exist once in a process: link it without -static-libgcc and -static-libstdc++");
  }
}

void check_needed(const ElfInfo& elf, bool libraries_travel, Faults& faults) {
  for (const auto& path : elf.run_paths) {
    faults.push_back("it brings a search path for libraries, \"" + path +
                     "\" (DT_RPATH or DT_RUNPATH): link it without -rpath, in CMake with SKIP_BUILD_RPATH");
  }
  for (const auto& library : elf.needed) {
    if (is_platform_library(library)) continue;
    if (library.starts_with("libc++")) {
      faults.push_back("it needs " + library + ", and modules share libstdc++: build it without -stdlib=libc++");
    } else if (!libraries_travel) {
      faults.push_back("it needs " + library +
                       ", which is not of the platform: let it travel with the module (BUNDLE auto), or link it "
                       "statically, with -Wl,--exclude-libs,ALL");
    }
  }
  for (const auto& version : versions_without_library(elf)) {
    faults.push_back("it needs " + version + " but not that library (DT_NEEDED): link it again");
  }
}

void check_symbols(const ElfInfo& elf, Faults& faults) {
  if ((elf.flags_1 & DF_1_NODELETE) != 0) {
    faults.emplace_back("it says that it must never be unmapped (DF_1_NODELETE): link it without -z nodelete");
  }
  std::vector<std::string> unique, exported;
  bool has_module = false;
  for (const auto& symbol : elf.symbols) {
    if (!symbol.defined) continue;
    if (symbol.name == ARK_MODULE_SYMBOL) {
      has_module = true;
    } else if (!is_hook(symbol.name)) {
      (symbol.gnu_unique ? unique : exported).push_back(symbol.name);
    }
  }
  if (!unique.empty()) {
    faults.push_back("it has symbols that are one for the whole process and can never be unmapped (STB_GNU_UNIQUE: " +
                     list_of(unique) + "): compile everything in it with -fno-gnu-unique");
  }
  if (!exported.empty()) {
    faults.push_back("it exports more than " ARK_MODULE_SYMBOL " (" + list_of(exported) +
                     "): link it with the version script of ark_add_biz and -Wl,--exclude-libs,ALL");
  }
  if (!has_module) {
    faults.emplace_back("it does not export " ARK_MODULE_SYMBOL
                        ": write ARK_BIZ(YourClass) or ARK_PLUGIN(YourClass) in one of its sources");
  }
}

void check_imports(const ElfInfo& elf, Faults& faults) {
  // What these change belongs to the whole process, and would lead into the module after it is gone.
  static const std::map<std::string_view, std::string_view> kProcessWide = {
      {"dlmopen", "dlmopen"},
      {"_ZSt13set_terminatePFvvE", "std::set_terminate"},
      {"_ZSt15set_new_handlerPFvvE", "std::set_new_handler"},
      {"_ZNSt6locale6globalERKS_", "std::locale::global"},
  };
  for (const auto& symbol : elf.symbols) {
    auto found = symbol.defined ? kProcessWide.end() : kProcessWide.find(symbol.name);
    if (found == kProcessWide.end()) continue;
    faults.push_back("it calls " + std::string(found->second) +
                     ", which changes the whole process and would outlive the module: do without it");
  }
}

}  // namespace

std::vector<std::string> versions_without_library(const ElfInfo& elf) {
  std::vector<std::string> versions;
  for (const auto& version : elf.versions) {
    if (std::find(elf.needed.begin(), elf.needed.end(), version.file) != elf.needed.end()) continue;
    versions.push_back(version.version + " of " + version.file);
  }
  return versions;
}

std::vector<std::string> faults_of(const ElfInfo& elf, bool libraries_travel) {
  Faults faults;
  check_kind(elf, faults);
  check_flags(elf, faults);
  check_code(elf, faults);
  check_needed(elf, libraries_travel, faults);
  check_symbols(elf, faults);
  check_imports(elf, faults);
  return faults;
}

std::vector<std::string> library_faults_of(const ElfInfo& elf) {
  Faults faults;
  check_flags(elf, faults);
  check_code(elf, faults);
  check_imports(elf, faults);
  return faults;
}

Status check_loadable(const ElfInfo& elf, const std::filesystem::path& file, bool libraries_travel) {
  auto faults = faults_of(elf, libraries_travel);
  if (faults.empty()) return {};
  std::string text = file.native() + " cannot be a module:";
  for (const auto& fault : faults) text += "\n  " + fault;
  return {Code::kIncompatible, std::move(text)};
}

}  // namespace ark::packaging
