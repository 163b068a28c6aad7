#include "package/json_lines.hpp"
#include "package/layout_json.hpp"
#include "package/manifest.hpp"

namespace ark::container::package {
namespace {

constexpr size_t kTop = 0, kInner = 2, kDeep = 4, kDeeper = 6;  // indentation

void write_platform(std::string& out, const Platform& platform) {
  JsonLines object(out, '{', kInner, true);
  object.text_unless_empty("glibc", platform.glibc);
  object.text_unless_empty("glibcxx", platform.glibcxx);
  object.text_unless_empty("cxxabi", platform.cxxabi);
  object.close();
}

template <class Service>
void write_services(std::string& out, const std::vector<Service>& services) {
  JsonLines object(out, '{', kInner);
  JsonLines array(object.key("services"), '[', kDeep);
  for (const auto& service : services) {
    JsonLines entry(array.next(), '{', kDeeper);
    entry.text("service", to_string(service));
    if (!service.layout.empty()) write_layout(entry.key("layout"), service.layout, kDeeper + 2);
    entry.close();
  }
  array.close();
  object.close();
}

void write_provenance(std::string& out, const Provenance& provenance) {
  JsonLines object(out, '{', kInner);
  object.text_unless_empty("commit", provenance.commit);
  object.text_unless_empty("build-time", provenance.build_time);
  object.text_unless_empty("compiler", provenance.compiler);
  object.text_unless_empty("flags", provenance.flags);
  object.close();
}

void write_array_section(JsonLines& file, std::string_view name, uint64_t address, uint64_t size) {
  if (size == 0) return;
  JsonLines object(file.key(name), '{', 0, true);
  object.size("address", address);
  object.size("size", size);
  object.close();
}

void write_file(std::string& out, const PackagedFile& file) {
  JsonLines object(out, '{', kDeep);
  object.text("path", file.path);
  object.size("size", file.size);
  object.text("sha256", file.sha256);
  object.text_unless_empty("build-id", file.build_id);
  write_array_section(object, "init-array", file.init_array, file.init_array_size);
  write_array_section(object, "fini-array", file.fini_array, file.fini_array_size);
  object.close();
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
  std::string out;
  JsonLines object(out, '{', kTop);
  object.number("format", manifest.format);
  object.text("kind", manifest.kind == Kind::kPlugin ? "plugin" : "biz");
  object.text("name", manifest.name);
  object.text("version", to_string(manifest.version));
  object.text_unless_empty("description", manifest.description);
  object.text("entry", manifest.entry);
  object.number("priority", manifest.priority);
  object.text("fingerprint", manifest.fingerprint);
  object.size("abi", manifest.abi);
  object.text("sdk", manifest.sdk_version);
  write_platform(object.key("platform"), manifest.platform);
  if (!manifest.exports.empty()) write_services(object.key("exports"), manifest.exports);
  if (!manifest.imports.empty()) write_services(object.key("imports"), manifest.imports);
  object.text("isolation", manifest.isolation);
  if (!manifest.dependencies.empty()) {
    JsonLines array(object.key("dependencies"), '[', kInner, true);
    for (const auto& dependency : manifest.dependencies) array.next() += json_quoted(to_string(dependency));
    array.close();
  }
  write_provenance(object.key("provenance"), manifest.provenance);
  JsonLines files(object.key("files"), '[', kInner);
  for (const auto& file : manifest.files) write_file(files.next(), file);
  files.close();
  object.close();
  out += '\n';
  return out;
}

}  // namespace ark::container::package
