#include "pack/describe.hpp"

#include <dlfcn.h>

#include <map>

#include "base/files.hpp"
#include "package/layout.hpp"
#include "package/version.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::Kind;
using container::Result;
using container::Status;
namespace package = container::package;
using package::Manifest;
using Contracts = std::map<std::string, const ark_contract_t*, std::less<>>;

std::string_view text_or_empty(const char* text) { return text == nullptr ? std::string_view() : text; }

Status wrong(std::string text) { return {Code::kInvalidArgument, std::move(text)}; }

Status check_abi(const ark_module_t& module) {
  if (module.abi == ARK_ABI_VERSION && module.size >= sizeof(ark_module_t)) return {};
  return {Code::kIncompatible, "it was built for ABI version " + std::to_string(module.abi) + " (" +
                                   std::to_string(module.size) + " bytes); this arkctl packs version " +
                                   std::to_string(ARK_ABI_VERSION) + " (" + std::to_string(sizeof(ark_module_t)) +
                                   " bytes). Use the arkctl of the SDK it was built with"};
}

Result<Contracts> contracts_of(const ark_module_t& module) {
  Contracts contracts;
  for (auto* at = module.contracts; at != module.contracts_end; ++at) {
    if (*at == nullptr) continue;
    const std::string id(text_or_empty((*at)->id));
    auto [known, is_new] = contracts.emplace(id, *at);
    if (!is_new && package::layout_digest(*known->second) != package::layout_digest(**at)) {
      return wrong("it was compiled with two different contracts of the id " + id +
                   ": give one of them another id, or compile all its sources with the same header");
    }
  }
  return contracts;
}

std::string list_of(const Contracts& contracts) {
  if (contracts.empty()) return "it was compiled with none";
  std::string text = "it was compiled with ";
  for (const auto& [id, contract] : contracts) {
    if (id != contracts.begin()->first) text += ", ";
    text.append(id).append(" ").append(text_or_empty(contract->version));
  }
  return text;
}

/// The contract of an export or import, or what to do about it.
Result<const ark_contract_t*> find_contract(const Contracts& contracts, std::string_view id, std::string_view verb) {
  auto found = contracts.find(id);
  if (found != contracts.end()) return found->second;
  return wrong("it " + std::string(verb) + " " + std::string(id) +
               ", but no contract of this id was compiled into it; " + list_of(contracts) +
               ". Include the contract's header where it is used, or correct " +
               (verb == "exports" ? "EXPORTS" : "IMPORTS"));
}

Result<package::ContractLayout> listed_layout(const ark_contract_t& contract) {
  auto layout = package::layout_of(contract);
  if (auto status = package::check_listed(layout); !status.ok()) return status;
  return layout;
}

Status complete(package::ServiceExport& service, const Contracts& contracts) {
  auto contract = find_contract(contracts, service.id, "exports");
  if (!contract.ok()) return contract.status();
  const std::string compiled(text_or_empty((*contract)->version));
  auto declared = package::parse_version(service.version), actual = package::parse_version(compiled);
  if (!declared.ok()) return declared.status();
  if (!actual.ok()) return actual.status().within(service.id);
  if (*declared != *actual) {
    return wrong("it exports " + service.id + "@" + service.version + ", but was compiled with version " + compiled +
                 " of that contract: write EXPORTS \"" + service.id + "@" + compiled + "\"");
  }
  auto layout = listed_layout(**contract);
  if (!layout.ok()) return layout.status();
  service.layout = std::move(*layout);
  return {};
}

Status complete(package::ServiceImport& service, const Contracts& contracts) {
  auto contract = find_contract(contracts, service.id, "imports");
  if (!contract.ok()) return contract.status();
  auto layout = listed_layout(**contract);
  if (!layout.ok()) return layout.status();
  service.layout = std::move(*layout);
  return {};
}

/// texts: as declared, with ';' between them.
template <class Service>
Status read_services(std::string_view texts, Result<Service> (*parse)(std::string_view), const Contracts& contracts,
                     std::vector<Service>& services) {
  while (!texts.empty()) {
    auto text = texts.substr(0, texts.find(';'));
    texts.remove_prefix(std::min(texts.size(), text.size() + 1));
    if (text.empty()) continue;
    auto service = parse(text);
    if (!service.ok()) return service.status();
    if (auto status = complete(*service, contracts); !status.ok()) return status;
    services.push_back(std::move(*service));
  }
  return {};
}

}  // namespace

Result<Manifest> describe(const ark_module_t& module, Manifest draft) {
  if (auto status = check_abi(module); !status.ok()) return status;
  const std::string name(text_or_empty(module.name));
  if (auto status = package::check_module_name(name); !status.ok()) return status;
  auto version = package::parse_version(text_or_empty(module.version));
  if (!version.ok()) return version.status();
  auto contracts = contracts_of(module);
  if (!contracts.ok()) return contracts.status();

  draft.abi = module.abi;
  draft.kind = module.kind == ARK_MODULE_PLUGIN ? Kind::kPlugin : Kind::kBiz;
  draft.name = name;
  draft.version = std::move(*version);
  draft.fingerprint = text_or_empty(module.fingerprint);
  draft.sdk_version = text_or_empty(module.sdk_version);
  auto exports = read_services(text_or_empty(module.exports), package::parse_export, *contracts, draft.exports);
  if (!exports.ok()) return exports;
  auto imports = read_services(text_or_empty(module.imports), package::parse_import, *contracts, draft.imports);
  if (!imports.ok()) return imports;
  return draft;
}

/// Of the folder in which the file and its libraries are.
Status check_unmapped(const std::filesystem::path& folder) {
  auto maps = container::base::read_file("/proc/self/maps");
  if (!maps.ok()) return maps.status();
  const auto at = maps->find(" " + folder.native() + "/");
  if (at == std::string::npos) return {};
  const auto file = std::filesystem::path(maps->substr(at + 1, maps->find('\n', at) - at - 1)).filename();
  return {Code::kIncompatible,
          file.native() + " stays mapped after dlclose, so that it could never be replaced: take out what keeps it, such as "
          "IFUNC resolvers that load libraries"};
}

Result<Manifest> load_and_describe(const std::filesystem::path& file, Manifest draft) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return Status(Code::kIncompatible, "it cannot be loaded: " + std::string(dlerror()));
  auto* module = static_cast<const ark_module_t*>(dlsym(handle, ARK_MODULE_SYMBOL));
  if (module == nullptr) return wrong("its " ARK_MODULE_SYMBOL " cannot be found");
  auto manifest = describe(*module, std::move(draft));
  dlclose(handle);
  if (!manifest.ok()) return manifest;
  if (auto status = check_unmapped(file.parent_path()); !status.ok()) return status;
  return manifest;
}

}  // namespace ark::packaging
