#include <nlohmann/json.hpp>

#include "package/layout_json.hpp"
#include "package/manifest.hpp"

namespace ark::container::package {
namespace {

using Json = nlohmann::ordered_json;

/// Leaves out what the reader assumes anyway.
void add_text(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

Json platform_json(const Platform& platform) {
  Json out = Json::object();
  add_text(out, "glibc", platform.glibc);
  add_text(out, "glibcxx", platform.glibcxx);
  add_text(out, "cxxabi", platform.cxxabi);
  return out;
}

template <class Service>
void add_services(Json& object, const char* key, const std::vector<Service>& services) {
  for (const auto& service : services) {
    Json entry = {{"service", to_string(service)}};
    if (!service.layout.empty()) entry["layout"] = layout_json(service.layout);
    object[key]["services"].push_back(std::move(entry));
  }
}

Json provenance_json(const Provenance& provenance) {
  Json out = Json::object();
  add_text(out, "commit", provenance.commit);
  add_text(out, "build-time", provenance.build_time);
  add_text(out, "compiler", provenance.compiler);
  add_text(out, "flags", provenance.flags);
  return out;
}

void add_array_section(Json& file, const char* key, uint64_t address, uint64_t size) {
  if (size != 0) file[key] = {{"address", address}, {"size", size}};
}

Json file_json(const PackagedFile& file) {
  Json out = {{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}};
  add_text(out, "build-id", file.build_id);
  add_array_section(out, "init-array", file.init_array, file.init_array_size);
  add_array_section(out, "fini-array", file.fini_array, file.fini_array_size);
  if (!file.stamps.empty()) out["stamps"] = file.stamps;
  return out;
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
  Json out = {{"format", manifest.format},
              {"kind", manifest.kind == Kind::kPlugin ? "plugin" : "biz"},
              {"name", manifest.name},
              {"version", to_string(manifest.version)}};
  add_text(out, "description", manifest.description);
  out["entry"] = manifest.entry;
  out["priority"] = manifest.priority;
  out["fingerprint"] = manifest.fingerprint;
  out["abi"] = manifest.abi;
  out["sdk"] = manifest.sdk_version;
  out["platform"] = platform_json(manifest.platform);
  add_services(out, "exports", manifest.exports);
  if (!manifest.exported_resources.empty()) out["exports"]["resources"] = manifest.exported_resources;
  add_services(out, "imports", manifest.imports);
  for (const auto& import : manifest.imported_resources) out["imports"]["resources"].push_back(to_string(import));
  if (!manifest.denied.services.empty()) out["deny-imports"]["services"] = manifest.denied.services;
  if (!manifest.denied.resources.empty()) out["deny-imports"]["resources"] = manifest.denied.resources;
  out["isolation"] = manifest.isolation;
  for (const auto& dependency : manifest.dependencies) out["dependencies"].push_back(to_string(dependency));
  out["provenance"] = provenance_json(manifest.provenance);
  auto& files = out["files"] = Json::array();
  for (const auto& file : manifest.files) files.push_back(file_json(file));
  // A compiler's flags may be in any encoding: better a replacement character than no package.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ark::container::package
