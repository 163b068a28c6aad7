#include "pack/bundle.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <map>
#include <string_view>

#include "base/files.hpp"
#include "pack/hooks.hpp"
#include "pack/patch.hpp"
#include "package/digest.hpp"
#include "package/stamp.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
namespace base = container::base;
namespace package = container::package;
using container::Code;
using container::Result;
using container::Status;
using Names = std::map<std::string, std::string>;

constexpr size_t kDigestDigits = 12, kMaxStem = 100;

/// "libcurl.so.4" as "libcurl-3f09a1c2d4e5-g00000000.so". The digits are of its bytes and the module's, which tell name, version and build of it.
std::string private_name(const BundledLibrary& library, const std::string& module_digest) {
  auto stem = library.soname.substr(0, std::min(library.soname.find(".so"), kMaxStem));
  for (auto& c : stem) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && std::string_view("._+-").find(c) == std::string_view::npos) c = '_';
  }
  const auto digest = package::sha256_hex(module_digest + library.soname + package::sha256_hex(library.bytes));
  return stem + "-" + digest.substr(0, kDigestDigits) + std::string(package::kUnstampedEnd);
}

/// Of the libraries that the file needs: the names that it knows them by, and their own.
Names needed_by(const package::ElfInfo& elf, const Names& private_names) {
  Names needed;
  for (const auto& name : elf.needed) {
    if (const auto found = private_names.find(name); found != private_names.end()) needed.insert(*found);
  }
  return needed;
}

Status write_patched(std::string_view original, std::string_view bytes, const Patch& patch, const fs::path& file) {
  {
    base::Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0500));
    if (!out.valid() || !base::write_fully(out.get(), bytes)) return base::errno_status(errno, "write", file);
  }
  auto written = base::read_file(file, package::kMaxElfFile);
  if (!written.ok()) return written.status();
  return check_patched(original, *written, patch, file.native());
}

Result<CodeFile> write_file(std::string_view original, const package::ElfInfo& elf, const Patch& patch, const fs::path& origin, const fs::path& to) {
  auto bytes = patched(original, patch, origin.native());
  if (!bytes.ok()) return bytes.status();
  if (auto status = write_patched(original, *bytes, patch, to); !status.ok()) return status;
  CodeFile code{to, {}};
  auto& file = code.described;
  file.size = bytes->size();
  file.sha256 = package::sha256_hex(*bytes);
  file.build_id = elf.build_id;
  if (elf.init_array.size > 0) {
    file.init_array = elf.init_array.address;
    file.init_array_size = elf.init_array.size;
  }
  if (elf.fini_array.size > 0) {
    file.fini_array = elf.fini_array.address;
    file.fini_array_size = elf.fini_array.size;
  }
  file.stamps = package::find_stamps(*bytes);
  return code;
}

/// What the library calls in the main file has to be there.
Status check_hooks(const Names& imports, const BuiltFile& main, const fs::path& library) {
  for (const auto& [name, hook] : imports) {
    const auto is_it = [&hook = hook](const package::ElfSymbol& symbol) { return symbol.defined && symbol.name == hook; };
    if (std::any_of(main.elf.symbols.begin(), main.elf.symbols.end(), is_it)) continue;
    return {Code::kIncompatible, library.native() + " calls " + name + ", for which the module has no " + hook +
                                     ": build it with ark_add_biz or ark_add_plugin of this version"};
  }
  return {};
}

}  // namespace

Result<std::vector<CodeFile>> write_code(const BuiltFile& main, const std::vector<BundledLibrary>& libraries, const fs::path& folder) {
  const auto module_digest = package::sha256_hex(main.bytes);
  Names private_names;
  for (const auto& library : libraries) {
    const auto own = private_name(library, module_digest);
    for (const auto& name : library.names) private_names.emplace(name, own);
  }
  std::vector<CodeFile> all;
  const auto add = [&](Result<CodeFile> code) {
    if (code.ok()) all.push_back(std::move(*code));
    return code.status();
  };
  Patch patch;
  patch.needed = needed_by(main.elf, private_names);
  patch.own_folder_first = !libraries.empty();
  if (auto status = add(write_file(main.bytes, main.elf, patch, main.file, folder / "module.so")); !status.ok()) return status;
  for (const auto& library : libraries) {
    Patch own;
    own.soname = private_names.at(library.soname);
    own.needed = needed_by(library.elf, private_names);
    own.imports = hooked_imports(library.elf);
    if (auto status = check_hooks(own.imports, main, library.file); !status.ok()) return status;
    if (auto status = add(write_file(library.bytes, library.elf, own, library.file, folder / own.soname)); !status.ok()) return status;
    all.back().described.path = std::string(package::kLibraryFolder) + own.soname;
  }
  return all;
}

}  // namespace ark::packaging
