#include "loader/global_scope.hpp"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>

#include "package/elf.hpp"

namespace ark::container::loader {
namespace {

namespace fs = std::filesystem;

/// The file whose definition of `symbol` the loader would take for every module; empty if there is none.
fs::path definer_of(const std::string& symbol) {
  Dl_info info;
  void* address = dlsym(RTLD_DEFAULT, symbol.c_str());
  return address && dladdr(address, &info) && info.dli_fname ? fs::path(info.dli_fname) : fs::path();
}

int add_library(dl_phdr_info* object, size_t, void* to) {
  const fs::path file = object->dlpi_name;
  if (file.has_parent_path() && !package::is_platform_library(file.filename().native())) {  // not the program, not the vDSO
    static_cast<std::vector<fs::path>*>(to)->push_back(file);
  }
  return 0;
}

/// Whether some definition of it is the one that counts: what was loaded for itself alone (RTLD_LOCAL) has none.
bool is_in_scope(const fs::path& library) {
  const auto elf = package::read_elf(library);
  if (!elf.ok()) return true;  // nothing good is known of it
  return std::any_of(elf->symbols.begin(), elf->symbols.end(), [&](const package::ElfSymbol& symbol) {
    return symbol.defined && definer_of(symbol.name) == library;
  });
}

}  // namespace

std::vector<fs::path> foreign_libraries() {
  std::vector<fs::path> found;
  dl_iterate_phdr(add_library, &found);
  std::erase_if(found, [](const fs::path& library) { return !is_in_scope(library); });
  return found;
}

Status check_definitions(const fs::path& file, const std::vector<fs::path>& foreign) {
  if (foreign.empty()) return {};
  const auto elf = package::read_elf(file);
  if (!elf.ok()) return elf.status();
  for (const auto& symbol : elf->symbols) {
    if (!symbol.defined) continue;
    const auto definer = definer_of(symbol.name);
    if (std::find(foreign.begin(), foreign.end(), definer) == foreign.end()) continue;
    return Status(Code::kIncompatible, file.filename().string() + " defines " + symbol.name + ", and so does " +
                                           definer.string() +
                                           ", which the host program links: the module would be given that one; link "
                                           "its static form into the program, with -Wl,--exclude-libs,ALL");
  }
  return {};
}

}  // namespace ark::container::loader
