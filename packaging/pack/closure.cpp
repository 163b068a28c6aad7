#include "pack/closure.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "pack/library_search.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::Code;
using container::Result;
using container::Status;
using container::package::ElfInfo;
using container::package::is_platform_library;

constexpr size_t kMaxLibraries = 1000;

/// Breadth first, as the loader maps them: of two files with one name it takes the one that it meets first.
class Collector {
 public:
  Collector(const ElfInfo& module, const fs::path& file, const std::vector<fs::path>& search)
      : module_(module), file_(file), search_(search, module.machine) {
    known_[file.filename()] = std::nullopt;
    if (!module.soname.empty()) known_[module.soname] = std::nullopt;
  }

  Status collect();
  std::vector<BundledLibrary> sorted();

 private:
  using Known = std::optional<size_t>;  // a library; nothing: one that is not bundled

  struct Library {
    BundledLibrary bundled;
    RunPaths paths;
    std::vector<size_t> needs;
  };

  Result<std::vector<size_t>> needs_of(const ElfInfo& elf, const fs::path& file, const RunPaths& paths);
  Result<Known> library_named(const std::string& name, const fs::path& by, const RunPaths& paths);
  Result<Known> add(FoundLibrary found, const RunPaths& by);
  void put_behind_its_needs(size_t library, std::vector<bool>& seen, std::vector<BundledLibrary>& sorted);

  const ElfInfo& module_;
  const fs::path& file_;
  LibrarySearch search_;
  std::vector<size_t> roots_;
  std::deque<Library> libraries_;       // references stay good while it grows
  std::map<std::string, Known> known_;  // by what DT_NEEDED calls them, by DT_SONAME
};

Status Collector::collect() {
  auto roots = needs_of(module_, file_, run_paths_of(module_, file_, {}));
  if (!roots.ok()) return roots.status();
  roots_ = std::move(*roots);
  for (size_t i = 0; i < libraries_.size(); ++i) {
    auto& library = libraries_[i];
    auto needs = needs_of(library.bundled.elf, library.bundled.file, library.paths);
    if (!needs.ok()) return needs.status();
    library.needs = std::move(*needs);
  }
  return {};
}

Result<std::vector<size_t>> Collector::needs_of(const ElfInfo& elf, const fs::path& file, const RunPaths& paths) {
  std::vector<size_t> needs;
  for (const auto& name : elf.needed) {
    auto library = library_named(name, file, paths);
    if (!library.ok()) return library.status();
    if (*library) needs.push_back(**library);
  }
  return needs;
}

Result<Collector::Known> Collector::library_named(const std::string& name, const fs::path& by, const RunPaths& paths) {
  if (is_platform_library(name)) return Known();
  if (auto known = known_.find(name); known != known_.end()) return known->second;
  auto found = search_.find(name, by, paths);
  if (!found.ok()) return found.status();
  auto library = add(std::move(*found), paths);
  if (!library.ok()) return library.status().within(by.native() + " needs " + name);
  known_[name] = *library;
  if (*library && name != libraries_[**library].bundled.soname) libraries_[**library].bundled.names.push_back(name);
  return library;
}

Result<Collector::Known> Collector::add(FoundLibrary found, const RunPaths& by) {
  std::error_code error;
  std::string soname = found.elf.soname;
  if (soname.empty()) soname = fs::canonical(found.file, error).filename();
  if (error) return Status(Code::kNotFound, found.file.native() + " went away while it was read; pack again");
  if (is_platform_library(soname)) return Known();
  if (auto known = known_.find(soname); known != known_.end()) return known->second;
  if (libraries_.size() == kMaxLibraries) {
    return Status(Code::kResourceExhausted,
                  "that would be more than 1000 shared libraries in one module; link some of them statically");
  }
  const size_t index = libraries_.size();
  auto paths = run_paths_of(found.elf, found.file, by);
  libraries_.push_back(
      {{std::move(found.file), soname, {soname}, std::move(found.elf), std::move(found.bytes)}, std::move(paths), {}});
  known_[soname] = index;
  return Known(index);
}

void Collector::put_behind_its_needs(size_t library, std::vector<bool>& seen, std::vector<BundledLibrary>& sorted) {
  if (seen[library]) return;
  seen[library] = true;
  for (size_t need : libraries_[library].needs) put_behind_its_needs(need, seen, sorted);
  sorted.push_back(std::move(libraries_[library].bundled));
}

std::vector<BundledLibrary> Collector::sorted() {
  std::vector<bool> seen(libraries_.size());
  std::vector<BundledLibrary> sorted;
  for (size_t root : roots_) put_behind_its_needs(root, seen, sorted);
  return sorted;
}

}  // namespace

Result<std::vector<BundledLibrary>> closure_of(const ElfInfo& module, const fs::path& file,
                                               const std::vector<fs::path>& search) {
  Collector collector(module, file, search);
  if (auto status = collector.collect(); !status.ok()) return status;
  return collector.sorted();
}

}  // namespace ark::packaging
