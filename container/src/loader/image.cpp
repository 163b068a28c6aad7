#include "loader/image.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <map>

#include "loader/exception_text.hpp"
#include "loader/lent_thread.hpp"
#include "package/elf.hpp"
#include "package/layout.hpp"

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

Image::Image(std::filesystem::path file, const package::PackagedFile& entry, crash::Owner owner)
    : file_(std::move(file)), entry_(entry), owner_(std::move(owner)) {}

Image::~Image() {
  // Never closed: whoever gives up an open image leaves it mapped. Reachable, so that it is no leak.
  static auto* const abandoned = new std::vector<std::unique_ptr<Handle>>;
  if (!handle_) return;
  abandoned->push_back(std::move(handle_));
  code_.leave();
}

Status Image::open() {
  auto handle = std::make_unique<Handle>();
  boost::dll::fs::error_code error;
  dlerror();
  handle->library.load(file_, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    const char* reason = dlerror();
    return Status(Code::kIncompatible, "cannot map " + file_.string() + ": " + (reason ? reason : error.message()));
  }
  handle_ = std::move(handle);
  link_map* map = nullptr;
  if (dlinfo(handle_->library.native(), RTLD_DI_LINKMAP, &map) != 0) return Status(Code::kInternal, file_.string() + " has no link map");
  base_ = map->l_addr;
  ranges_ = loaded_ranges(base_);
  note_code();
  if (auto status = check_needed(); !status.ok()) return status;
  module_ = static_cast<const ark_module_t*>(dlsym(handle_->library.native(), ARK_MODULE_SYMBOL));
  if (!module_) {
    return Status(Code::kIncompatible, file_.string() + " exports no " ARK_MODULE_SYMBOL "; write ARK_BIZ(Class) or ARK_PLUGIN(Class) in it");
  }
  if (!contains(module_)) {
    return Status(Code::kIncompatible, "the " ARK_MODULE_SYMBOL " found for " + file_.string() + " lies in another file; export it there");
  }
  return {};
}

Status Image::check_needed() const {
  link_map* map = nullptr;
  dlinfo(handle_->library.native(), RTLD_DI_LINKMAP, &map);
  const char* strings = nullptr;
  for (auto* d = map->l_ld; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(d->d_un.d_ptr);
  }
  for (auto* d = map->l_ld; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag != DT_NEEDED || package::is_platform_library(strings + d->d_un.d_val)) continue;
    return Status(Code::kIncompatible, file_.string() + " needs " + (strings + d->d_un.d_val) +
                                           ", which is neither in its package nor of the platform; pack it again");
  }
  return {};
}

Status Image::matches(const package::Manifest& manifest) const {
  const auto& m = *module_;
  if (m.abi != ARK_ABI_VERSION) return differs(file_, "ABI version", std::to_string(m.abi), std::to_string(manifest.abi));
  if (m.size < sizeof(ark_module_t)) {
    return Status(Code::kCorrupt, file_.string() + ": its " ARK_MODULE_SYMBOL " says it has " + std::to_string(m.size) + " bytes, but ABI version " +
                                      std::to_string(m.abi) + " has " + std::to_string(sizeof(ark_module_t)) +
                                      "; build it with the headers of an SDK of that version");
  }
  if (manifest.fingerprint != m.fingerprint) return differs(file_, "fingerprint", m.fingerprint, manifest.fingerprint);
  if (manifest.name != m.name) return differs(file_, "name", m.name, manifest.name);
  if (package::to_string(manifest.version) != m.version) return differs(file_, "version", m.version, package::to_string(manifest.version));
  const bool is_plugin = m.kind == ARK_MODULE_PLUGIN;
  if (is_plugin != (manifest.kind == Kind::kPlugin)) {
    return differs(file_, "kind", is_plugin ? "plugin" : "biz", kind_name(manifest.kind));
  }
  const auto digests = digests_of(m);
  auto check = [&](const std::string& id, uint64_t digest) -> Status {
    auto found = digests.find(id);
    if (found != digests.end() && found->second == digest) return {};
    return Status(Code::kCorrupt, file_.string() + ": the layout of " + id + " in its manifest is not the one it was compiled with; pack it again");
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

std::vector<Image::Function> Image::array(uint64_t address, uint64_t size_bytes) const {
  std::vector<Function> functions;
  const auto* begin = reinterpret_cast<const Function*>(base_ + address);
  const size_t count = size_bytes / sizeof(Function);
  if (count == 0 || !contains(begin) || !contains(begin + count - 1)) return functions;
  for (size_t i = 0; i < count; ++i) {
    // 0 and -1 mark no function, as in the loader of the C library.
    const auto value = reinterpret_cast<uintptr_t>(begin[i]);
    if (value != 0 && value != UINTPTR_MAX) functions.push_back(begin[i]);
  }
  return functions;
}

Status Image::construct() {
  try {
    for (auto function : array(entry_.init_array, entry_.init_array_size)) {
      call_module([&] { function(0, nullptr, environ); });
    }
    return {};
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return Status(Code::kModuleFailed, "a static constructor threw " + exception_text());
  }
}

void Image::destruct() {
  auto functions = array(entry_.fini_array, entry_.fini_array_size);
  for (auto function = functions.rbegin(); function != functions.rend(); ++function) {
    call_module([&] { (*function)(0, nullptr, environ); });
  }
}

void Image::note_code() {
  if (ranges_.empty()) return;
  code_ = crash::MappedCode({ranges_.front().begin, ranges_.back().end, base_, owner_, file_.string(), entry_.build_id});
}

bool Image::close() {
  code_.reset();  // before something else can lie there
  if (handle_) handle_->library.unload();
  handle_.reset();
  module_ = nullptr;
  if (!mapped()) return true;
  note_code();
  return false;
}

bool Image::contains(const void* address) const {
  const auto at = reinterpret_cast<uintptr_t>(address);
  return std::any_of(ranges_.begin(), ranges_.end(), [at](const MappedRange& r) { return r.contains(at); });
}

}  // namespace ark::container::loader
