#include "arkctl/inspect_text.hpp"

#include "base/text.hpp"

namespace ark::arkctl {
namespace {

using container::package::ContractLayout;
using container::package::Manifest;
using container::package::MethodLayout;
using container::package::PackagedFile;

/// "place(const com.acme.Order&, i32) -> i64 const noexcept"
std::string signature(const MethodLayout& method) {
  std::string text = method.name + "(";
  for (size_t i = 0; i < method.params.size(); ++i) {
    text.append(i > 0 ? ", " : "").append(method.params[i].type).append(method.params[i].by_reference ? "&" : "");
  }
  text += ")";
  if (method.result != "void") text += " -> " + method.result;
  if (method.is_const) text += " const";
  if (method.is_noexcept) text += " noexcept";
  return text;
}

class Page {
 public:
  /// A line "key  value"; without a value, nothing.
  void line(const std::string& key, const std::string& value) {
    if (!value.empty()) out_ += key + std::string(kColumn - key.size(), ' ') + value + "\n";
  }
  void below(const std::string& text) { out_ += std::string(kColumn + 2, ' ') + text + "\n"; }
  template <class Service>
  void services(const std::string& key, const std::vector<Service>& list) {
    for (const auto& service : list) {
      line(&service == &list.front() ? key : "", to_string(service));
      for (const auto& method : service.layout.contract.methods) below(signature(method));
    }
  }
  template <class T, class Text>
  void list(const std::string& key, const std::vector<T>& items, Text text) {
    for (const auto& item : items) line(&item == &items.front() ? key : "", text(item));
  }
  std::string take() { return std::move(out_); }

 private:
  static constexpr size_t kColumn = 14;
  std::string out_;
};

std::string platform_text(const Manifest& manifest) {
  std::string text;
  auto add = [&](const char* name, const std::string& version) {
    if (!version.empty()) container::base::add_to_list(&text, ", ", std::string(name) + " " + version);
  };
  add("GLIBC", manifest.platform.glibc);
  add("GLIBCXX", manifest.platform.glibcxx);
  add("CXXABI", manifest.platform.cxxabi);
  return text;
}

std::string resource(const std::string& pattern) { return "resource " + pattern; }

std::string array_text(const char* what, uint64_t size) { return container::base::counted(size / sizeof(void*), what); }

void add_file(Page& page, const std::string& key, const PackagedFile& file) {
  page.line(key, file.path + ", " + std::to_string(file.size) + " bytes");
  page.below("sha256 " + file.sha256);
  if (!file.build_id.empty()) page.below("build-id " + file.build_id);
  if (file.init_array_size + file.fini_array_size > 0) {
    page.below("run by the container: " + array_text("static constructor", file.init_array_size) + ", " +
               array_text("static destructor", file.fini_array_size));
  }
}

}  // namespace

std::string inspect_text(const Manifest& manifest) {
  Page page;
  page.line(manifest.kind == container::Kind::kPlugin ? "plugin" : "biz",
            manifest.name + " " + to_string(manifest.version));
  page.line("description", manifest.description);
  page.line("priority", std::to_string(manifest.priority));
  page.line("isolation", manifest.isolation);
  page.line("built for", manifest.fingerprint);
  page.line("needs", platform_text(manifest));
  page.line("SDK", manifest.sdk_version + ", ABI " + std::to_string(manifest.abi));
  page.services("exports", manifest.exports);
  page.list(manifest.exports.empty() ? "exports" : "", manifest.exported_resources, resource);
  page.services("imports", manifest.imports);
  page.list(manifest.imports.empty() ? "imports" : "", manifest.imported_resources,
            [](const auto& import) { return resource(to_string(import)); });
  page.list("denies", manifest.denied.services, [](const auto& pattern) { return pattern; });
  page.list(manifest.denied.services.empty() ? "denies" : "", manifest.denied.resources, resource);
  page.list("depends on", manifest.dependencies, [](const auto& dependency) { return to_string(dependency); });
  page.line("commit", manifest.provenance.commit);
  page.line("built", manifest.provenance.build_time);
  page.line("compiler", manifest.provenance.compiler);
  page.line("flags", manifest.provenance.flags);
  for (const auto& file : manifest.files) add_file(page, &file == &manifest.files.front() ? "files" : "", file);
  return page.take();
}

}  // namespace ark::arkctl
