#include "pack/loader_scope.hpp"

#include <ark/abi/fingerprint.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::Result;
using container::Status;
using container::package::ElfInfo;
using container::package::is_platform_library;

#if defined(ARK_HAS_ASAN) || defined(ARK_HAS_TSAN)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

class ScopeBuilder {
 public:
  ScopeBuilder(const ElfInfo& module, const fs::path& file, const std::vector<BundledLibrary>& libraries)
      : module_(module), file_(file), search_({}, module.machine) {
    for (const auto& library : libraries) {
      for (const auto& name : library.names) bundled_[name] = &library;
    }
  }

  Status build();
  LoaderScope scope;

 private:
  struct Wanted {
    std::string name;
    const fs::path& by;
  };

  Status add_sanitizers();
  Status add_all();
  Status add(const Wanted& wanted);
  void want(const ElfInfo& elf, const fs::path& by) {
    for (const auto& name : elf.needed) wanted_.push_back({name, by});
  }
  uint32_t objects() const { return static_cast<uint32_t>(scope.symbols.size()); }

  const ElfInfo& module_;
  const fs::path& file_;
  LibrarySearch search_;
  std::map<std::string_view, const BundledLibrary*> bundled_;
  std::set<std::string> there_;  // their names
  std::deque<Wanted> wanted_;
};

/// Breadth first, as the loader maps them.
Status ScopeBuilder::add_all() {
  for (; !wanted_.empty(); wanted_.pop_front()) {
    if (auto status = add(wanted_.front()); !status.ok()) return status;
  }
  return {};
}

Status ScopeBuilder::add(const Wanted& wanted) {
  const auto bundled = bundled_.find(wanted.name);
  const std::string name = bundled == bundled_.end() ? wanted.name : bundled->second->soname;
  if (!there_.insert(name).second) return {};
  if (bundled != bundled_.end()) {
    scope.symbols.add(name, bundled->second->elf);
    want(bundled->second->elf, bundled->second->file);
    return {};
  }
  if (!is_platform_library(name)) return {};  // the module itself, or what the platform's library was called by path
  auto found = search_.find(name, wanted.by, {});
  if (!found.ok()) return found.status();
  found->bytes = {};
  const auto& library = scope.platform.emplace_back(std::move(*found));
  scope.symbols.add(name, library.elf);
  want(library.elf, library.file);
  return {};
}

/// The run time of g++'s sanitizers is a library that the program needs, that of clang's is inside of the program: of
/// this one as of any container of this build.
Status ScopeBuilder::add_sanitizers() {
  if (!kSanitized) return {};
  static const fs::path kProgram = "/proc/self/exe";
  auto program = container::package::read_elf(kProgram);
  if (!program.ok()) return program.status();
  const auto& kept = scope.platform.emplace_back(FoundLibrary{kProgram, {}, std::move(*program)});
  scope.symbols.add("the program", kept.elf);
  for (const auto& name : kept.elf.needed) {
    if (name.find("san.so") == name.npos) continue;
    if (auto status = add({name, kProgram}); !status.ok()) return status;
  }
  scope.sanitizers = objects();
  return {};
}

Status ScopeBuilder::build() {
  if (auto status = add_sanitizers(); !status.ok()) return status;
  for (const char* name : {"libstdc++.so.6", "libgcc_s.so.1", "libc.so.6"}) wanted_.push_back({name, file_});
  if (auto status = add_all(); !status.ok()) return status;
  scope.globals = objects();
  scope.symbols.add(file_.filename(), module_);
  want(module_, file_);
  return add_all();
}

}  // namespace

Result<LoaderScope> scope_of(const ElfInfo& module, const fs::path& file,
                             const std::vector<BundledLibrary>& libraries) {
  ScopeBuilder builder(module, file, libraries);
  if (auto status = builder.build(); !status.ok()) return status;
  return std::move(builder.scope);
}

}  // namespace ark::packaging
