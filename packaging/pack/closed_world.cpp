#include "pack/closed_world.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "pack/lint.hpp"
#include "pack/loader_scope.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::Result;
using container::package::ElfInfo;
using container::package::ElfSymbol;
using Findings = std::vector<Finding>;
using Definition = SymbolScope::Definition;

/// "acme::stop()"; names of C stay as they are.
std::string demangled(const std::string& symbol) {
  int failed = 0;
  std::unique_ptr<char, void (*)(void*)> name(nullptr, std::free);
  if (symbol.starts_with("_Z")) name.reset(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &failed));
  return name ? name.get() : symbol;
}

/// "acme::stop() (_ZN4acme4stopEv)"
std::string readable(const std::string& symbol) {
  auto name = demangled(symbol);
  return name == symbol ? name : name + " (" + symbol + ")";
}

bool is_strong(const ElfSymbol& symbol) { return !symbol.weak && !symbol.gnu_unique; }

bool is_process_wide(std::string_view name) {
  static const std::set<std::string_view> kAllocator = {
      "malloc",         "calloc", "realloc", "free",          "memalign",
      "posix_memalign", "valloc", "pvalloc", "aligned_alloc", "malloc_usable_size"};
  // The placement forms allocate nothing.
  static const std::set<std::string_view> kPlacement = {"_ZnwmPv", "_ZnamPv", "_ZdlPvS_", "_ZdaPvS_"};
  if (kAllocator.contains(name)) return true;
  for (std::string_view prefix : {"_Znw", "_Zna", "_Zdl", "_Zda"}) {
    if (name.starts_with(prefix)) return !kPlacement.contains(name);
  }
  return name.starts_with("__cxa_") || name.starts_with("pthread_");
}

bool is_unwinder(std::string_view name) { return name.starts_with("_Unwind_"); }

/// Linkers define these in many files, by no choice of their authors.
bool is_linkers_own(std::string_view name) {
  return name == "_end" || name == "_edata" || name == "_etext" || name == "__bss_start";
}

class Rules {
 public:
  explicit Rules(const LoaderScope& scope) : scope_(scope), symbols_(scope.symbols), lost_(scope.symbols.size()) {}

  void check_references(const std::string& name, const ElfInfo& elf);
  void check_process_wide(const BundledLibrary& library);
  void check_versions(const BundledLibrary& library);
  /// What comes of all references together.
  void report_lost();
  void report_duplicates();
  Findings findings;

 private:
  struct Bound {
    const Definition* platform = nullptr;  // that wins over all others
    const Definition* own = nullptr;       // of the module's files, that the reference is meant for
    bool found = false;
    bool ambiguous = false;  // several files of the module define it
  };
  struct Lost {  // definitions of one file
    std::set<std::string> strong, weak, users;
  };

  Bound bind(const ElfSymbol& symbol) const;
  void note_lost(const std::string& symbol, const Definition& own, const std::string& user);
  std::string describe_missing(const ElfSymbol& symbol) const;
  bool has_platform(std::string_view name) const;
  void add(Severity severity, std::string text, std::string remedy) {
    findings.push_back({severity, std::move(text), std::move(remedy)});
  }

  const LoaderScope& scope_;
  const SymbolScope& symbols_;
  std::vector<Lost> lost_;  // by object
  std::set<std::string_view> duplicates_;
};

Rules::Bound Rules::bind(const ElfSymbol& symbol) const {
  Bound bound;
  size_t strong = 0;
  for (const auto* one = symbols_.first(symbol.name); one; one = symbols_.after(*one)) {
    if (!SymbolScope::matches(*one->symbol, symbol.version)) continue;
    bound.found = true;
    if (one->object < scope_.globals) {
      const bool is_sanitizer = one->object < scope_.sanitizers;  // these are meant to win
      if (!is_sanitizer && !bound.platform) bound.platform = one;
      continue;
    }
    // A reference with a version was linked against a library that has this version, and not one without.
    if (!symbol.version.empty() && symbol.version != one->symbol->version) continue;
    if (!bound.own) bound.own = one;
    strong += is_strong(*one->symbol) ? 1 : 0;
  }
  bound.ambiguous = strong > 1;
  return bound;
}

std::string Rules::describe_missing(const ElfSymbol& symbol) const {
  std::string text = readable(symbol.name);
  if (symbol.version.empty()) return text;
  text += " of version " + symbol.version;
  const auto* other = symbols_.first(symbol.name);
  return other ? text + " (" + symbols_.name_of(other->object) + " has " + other->symbol->version + ")" : text;
}

/// Without its definition the load fails; or it succeeds by accident, because something that another module has brought
/// happens to define the symbol.
void Rules::check_references(const std::string& name, const ElfInfo& elf) {
  std::vector<std::string> missing;
  for (const auto& symbol : elf.symbols) {
    if (!symbol.relocated) continue;
    const auto bound = bind(symbol);
    if (!bound.found && !symbol.weak) missing.push_back(describe_missing(symbol));
    if (bound.ambiguous && !is_linkers_own(symbol.name)) duplicates_.insert(symbol.name);
    if (bound.platform && bound.own) note_lost(symbol.name, *bound.own, name);
  }
  if (missing.empty()) return;
  std::string scope;
  for (const auto& object : symbols_.names()) scope.append(scope.empty() ? "" : ", ").append(object);
  add(Severity::kError,
      name + " needs " + list_of(missing) + ", and no library defines that in which the loader will look: " + scope,
      "link the library that defines it into " + name + " or the module; what another module has is used as a service");
}

void Rules::note_lost(const std::string& symbol, const Definition& own, const std::string& user) {
  if (is_process_wide(symbol) || is_unwinder(symbol)) return;  // they have a rule of their own
  auto& lost = lost_[own.object];
  if (!is_strong(*own.symbol)) {
    lost.weak.insert(demangled(symbol));
  } else {
    lost.strong.insert(readable(symbol));
    lost.users.insert(user);
  }
}

bool Rules::has_platform(std::string_view name) const {
  const auto* first = symbols_.first(name);
  return first && first->object < scope_.globals;
}

/// An allocator that did not make a block cannot free it, two C++ run times do not know each other's exceptions, and
/// threads are the C library's. An unwinder besides the platform's is only useless: nobody is bound to it.
void Rules::check_process_wide(const BundledLibrary& library) {
  std::set<std::string> names, unwinder;
  for (const auto& symbol : library.elf.symbols) {
    if (!symbol.defined || !has_platform(symbol.name)) continue;
    if (is_process_wide(symbol.name)) names.insert(readable(symbol.name));
    if (is_unwinder(symbol.name)) unwinder.insert(symbol.name);
  }
  if (!names.empty()) {
    add(Severity::kError,
        library.soname + " defines " + list_of(names) +
            ", of which a process must have one, and that is the platform's: what this one makes it could not free or "
            "catch",
        "build it without its allocator or run time, or do without it");
  }
  if (!unwinder.empty()) {
    add(Severity::kWarning,
        library.soname + " defines " + list_of(unwinder) + ", and the platform's libgcc_s.so.1 is used instead",
        "nothing, unless the library is there for that");
  }
}

/// The loader ends the process when it meets such a file.
void Rules::check_versions(const BundledLibrary& library) {
  const auto versions = versions_without_library(library.elf);
  if (versions.empty()) return;
  add(Severity::kError, library.soname + " needs " + list_of(versions) + " but not that library (DT_NEEDED)",
      "link it again");
}

/// The loader looks in the platform's libraries first, so that a library may be given another function than its own.
/// What is weak is mostly inline functions and templates of the standard library, for which either will do.
void Rules::report_lost() {
  std::set<std::string> files, weak;
  for (uint32_t i = 0; i < lost_.size(); ++i) {
    const auto& lost = lost_[i];
    if (!lost.strong.empty()) {
      add(Severity::kError,
          symbols_.name_of(i) + " defines " + list_of(lost.strong) +
              ", and so does the platform, whose definition wins: " + list_of(lost.users) + " would use that",
          "link it statically, with -Wl,--exclude-libs,ALL, or build it with versions of its own for its symbols");
    }
    if (!lost.weak.empty()) files.insert(symbols_.name_of(i));
    weak.insert(lost.weak.begin(), lost.weak.end());
  }
  if (files.empty()) return;
  add(Severity::kWarning,
      "the platform's are used in place of weak definitions (inline functions, templates) in " + list_of(files) + ": " +
          list_of(weak),
      "nothing, if they were built for this platform's libstdc++; else build them again");
}

/// All are bound to the first. Where the others differ from it, their own files call what they do not expect.
void Rules::report_duplicates() {
  std::vector<std::string> names;
  for (const auto& name : duplicates_) {
    std::vector<std::string> files;
    for (const auto* one = symbols_.first(name); one; one = symbols_.after(*one)) {
      if (one->object >= scope_.globals && is_strong(*one->symbol)) files.push_back(symbols_.name_of(one->object));
    }
    names.push_back(readable(std::string(name)) + " (" + list_of(files) + ")");
  }
  if (names.empty()) return;
  add(Severity::kWarning, "several files of the module define " + list_of(names) + "; the first is used for all",
      "nothing, if they were built of the same sources; else link only one of them");
}

}  // namespace

Result<Findings> check_closed_world(const ElfInfo& module, const fs::path& file,
                                    const std::vector<BundledLibrary>& libraries) {
  auto scope = scope_of(module, file, libraries);
  if (!scope.ok()) return scope.status();
  Rules rules(*scope);
  rules.check_references(file.filename(), module);
  for (const auto& library : libraries) {
    rules.check_references(library.soname, library.elf);
    rules.check_process_wide(library);
    rules.check_versions(library);
  }
  rules.report_lost();
  rules.report_duplicates();
  return std::move(rules.findings);
}

}  // namespace ark::packaging
