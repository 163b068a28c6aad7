#include "loader/image.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <map>
#include <memory>

#include "loader/exception_text.hpp"
#include "loader/lent_thread.hpp"
#include "package/elf.hpp"
#include "package/layout.hpp"
#include "package/stamp.hpp"

namespace ark::container::loader {

struct Image::Handle {
  boost::dll::shared_library library;
};

namespace {

Status differs(const std::filesystem::path& file, const char* what, std::string_view in_module, std::string_view in_manifest) {
  return Status(Code::kCorrupt, file.string() + ": " + what + " is '" + std::string(in_module) + "' in the module but '" +
                                    std::string(in_manifest) + "' in its manifest; pack it again");
}

/// Digests of the contracts that the module was compiled with, by id.
std::map<std::string_view, uint64_t> digests_of(const ark_module_t& module) {
  std::map<std::string_view, uint64_t> digests;
  for (auto* contract = module.contracts; contract != module.contracts_end; ++contract) {
    if (*contract && !digests.count((*contract)->id)) digests.emplace((*contract)->id, package::layout_digest(**contract));
  }
  return digests;
}

}  // namespace

Image::Image(const std::filesystem::path& staged, const package::Manifest& manifest, crash::Owner owner) : owner_(std::move(owner)) {
  for (const auto* file : manifest.code()) {
    Part part;
    part.file = staged / package::stamped(file->path, owner_.generation);
    part.described = *file;
    parts_.push_back(std::move(part));
  }
}

Image::~Image() {
  // Never closed: whoever gives up an open image leaves it mapped. Reachable, so that it is no leak.
  static auto* const abandoned = new std::vector<std::unique_ptr<Handle>>;
  if (!handle_) return;
  abandoned->push_back(std::move(handle_));
  for (auto& part : parts_) part.code.leave();
}

Status Image::open() {
  auto handle = std::make_unique<Handle>();
  boost::dll::fs::error_code error;
  dlerror();
  handle->library.load(file(), error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    const char* reason = dlerror();
    return Status(Code::kIncompatible, "cannot map " + file().string() + ": " + (reason ? reason : error.message()));
  }
  handle_ = std::move(handle);
  if (auto status = find_parts(); !status.ok()) return status;
  for (const auto& part : parts_) {
    if (auto status = check_needed(part); !status.ok()) return status;
  }
  module_ = static_cast<const ark_module_t*>(dlsym(handle_->library.native(), ARK_MODULE_SYMBOL));
  if (!module_) {
    return Status(Code::kIncompatible, file().string() + " exports no " ARK_MODULE_SYMBOL "; write ARK_BIZ(Class) or ARK_PLUGIN(Class) in it");
  }
  if (!main().range.contains(reinterpret_cast<uintptr_t>(module_))) {
    return Status(Code::kIncompatible, "the " ARK_MODULE_SYMBOL " found for " + file().string() + " lies in another file; export it there");
  }
  return {};
}

/// Where the loader has put each file.
Status Image::find_parts() {
  for (auto& part : parts_) {
    // A library is not loaded again, as it is known by its path; the main file's handle keeps it.
    std::unique_ptr<void, int (*)(void*)> library(nullptr, dlclose);
    if (&part != &main()) {
      library.reset(dlopen(part.file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD));
      if (!library) {
        return Status(Code::kCorrupt, part.file.string() + " is in the package, but nothing in it needs it; pack the module again");
      }
    }
    link_map* map = nullptr;
    if (dlinfo(library ? library.get() : handle_->library.native(), RTLD_DI_LINKMAP, &map) != 0) return Status(Code::kInternal, part.file.string() + " has no link map");
    part.base = map->l_addr;
    part.dynamic = map->l_ld;
    part.range = range_of(map->l_ld);
    note_code(part);
  }
  return {};
}

/// What a file needs travels with it, or is of the platform.
Status Image::check_needed(const Part& part) const {
  const char* strings = nullptr;
  const auto* dynamic = static_cast<const ElfW(Dyn)*>(part.dynamic);
  for (auto* d = dynamic; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(d->d_un.d_ptr);
  }
  for (auto* d = dynamic; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag != DT_NEEDED) continue;
    const char* name = strings + d->d_un.d_val;
    const auto travels = [&](const Part& other) { return other.file.filename() == name; };
    if (package::is_platform_library(name) || std::any_of(parts_.begin(), parts_.end(), travels)) continue;
    return Status(Code::kIncompatible,
                  part.file.string() + " needs " + name + ", which is neither in its package nor of the platform; pack it again");
  }
  return {};
}

Status Image::matches(const package::Manifest& manifest) const {
  const auto& m = *module_;
  if (m.abi != ARK_ABI_VERSION) return differs(file(), "ABI version", std::to_string(m.abi), std::to_string(manifest.abi));
  if (m.size < sizeof(ark_module_t)) {
    return Status(Code::kCorrupt, file().string() + ": its " ARK_MODULE_SYMBOL " says it has " + std::to_string(m.size) + " bytes, but ABI version " +
                                      std::to_string(m.abi) + " has " + std::to_string(sizeof(ark_module_t)) +
                                      "; build it with the headers of an SDK of that version");
  }
  if (manifest.fingerprint != m.fingerprint) return differs(file(), "fingerprint", m.fingerprint, manifest.fingerprint);
  if (manifest.name != m.name) return differs(file(), "name", m.name, manifest.name);
  if (package::to_string(manifest.version) != m.version) return differs(file(), "version", m.version, package::to_string(manifest.version));
  const bool is_plugin = m.kind == ARK_MODULE_PLUGIN;
  if (is_plugin != (manifest.kind == Kind::kPlugin)) {
    return differs(file(), "kind", is_plugin ? "plugin" : "biz", kind_name(manifest.kind));
  }
  const auto digests = digests_of(m);
  auto check = [&](const std::string& id, uint64_t digest) -> Status {
    auto found = digests.find(id);
    if (found != digests.end() && found->second == digest) return {};
    return Status(Code::kCorrupt, file().string() + ": the layout of " + id + " in its manifest is not the one it was compiled with; pack it again");
  };
  for (const auto& service : manifest.exports) {
    if (auto status = check(service.id, service.digest); !status.ok()) return status;
  }
  for (const auto& service : manifest.imports) {
    if (service.digest == 0) continue;
    if (auto status = check(service.id, service.digest); !status.ok()) return status;
  }
  return {};
}

std::vector<Image::Function> Image::array(const Part& part, uint64_t address, uint64_t size_bytes) const {
  std::vector<Function> functions;
  const auto* begin = reinterpret_cast<const Function*>(part.base + address);
  const size_t count = size_bytes / sizeof(Function);
  const auto is_inside = [&](const Function* at) { return part.range.contains(reinterpret_cast<uintptr_t>(at)); };
  if (count == 0 || !is_inside(begin) || !is_inside(begin + count - 1)) return functions;
  for (size_t i = 0; i < count; ++i) {
    // 0 and -1 mark no function, as in the loader of the C library.
    const auto value = reinterpret_cast<uintptr_t>(begin[i]);
    if (value != 0 && value != UINTPTR_MAX) functions.push_back(begin[i]);
  }
  return functions;
}

Status Image::construct() {
  const Part* at = nullptr;
  try {
    for (const auto& part : parts_) {
      at = &part;
      for (auto function : array(part, part.described.init_array, part.described.init_array_size)) {
        call_module([&] { function(0, nullptr, environ); });
      }
    }
    return {};
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (...) {
    const auto where = at == &main() ? std::string() : " of " + at->file.filename().string();
    return Status(Code::kModuleFailed, "a static constructor" + where + " threw " + exception_text());
  }
}

void Image::destruct() {
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
    auto functions = array(*part, part->described.fini_array, part->described.fini_array_size);
    for (auto function = functions.rbegin(); function != functions.rend(); ++function) {
      call_module([&] { (*function)(0, nullptr, environ); });
    }
  }
}

void Image::note_code(Part& part) {
  if (part.range.begin == part.range.end) return;
  part.code = crash::MappedCode({part.range.begin, part.range.end, part.base, owner_, part.file.string(), part.described.build_id});
}

bool Image::close() {
  for (auto& part : parts_) part.code.reset();  // before something else can lie there
  if (handle_) handle_->library.unload();
  handle_.reset();
  module_ = nullptr;
  bool is_gone = true;
  for (auto& part : parts_) {
    if (!still_mapped(part.range, part.file)) continue;
    note_code(part);
    is_gone = false;
  }
  return is_gone;
}

std::vector<std::filesystem::path> Image::mapped() const {
  std::vector<std::filesystem::path> files;
  for (const auto& part : parts_) {
    if (still_mapped(part.range, part.file)) files.push_back(part.file);
  }
  return files;
}

bool Image::contains(const void* address) const {
  const auto at = reinterpret_cast<uintptr_t>(address);
  return std::any_of(parts_.begin(), parts_.end(), [at](const Part& part) { return part.range.contains(at); });
}

}  // namespace ark::container::loader
