// "com.acme.Greeter@[1.0,2.0)?" and its like: how exports, imports and dependencies are written.
#include <ark/abi/version.h>

#include "package/layout_type.hpp"
#include "package/manifest.hpp"

namespace ark::container::package {
namespace {

Status bad_text(std::string_view what, std::string_view text, std::string_view why) {
  return {Code::kInvalidArgument,
          "\"" + std::string(text) + "\" is not " + std::string(what) + ": " + std::string(why)};
}

struct Halves {
  std::string_view name, versions;
  bool has_versions;
};

Halves split(std::string_view text) {
  auto at = text.find('@');
  if (at == text.npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + 1), true};
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (text.size() < suffix.size() || text.substr(text.size() - suffix.size()) != suffix) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::string with_range(const std::string& name, const Range& range) {
  return range.text.empty() ? name : name + "@" + range.text;
}

constexpr std::string_view kNoId = "its id is not letters, digits, '.', '-', '_' and '$' with a letter in front";

}  // namespace

Status check_module_name(std::string_view name) {
  auto first = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  bool good = !name.empty() && name.size() <= 64 && first(name[0]);
  for (char c : name) good = good && (first(c) || c == '.' || c == '_' || c == '-');
  if (good) return {};
  return {Code::kInvalidArgument,
          "\"" + std::string(name.substr(0, 80)) +
              "\" is not a module's name; use at most 64 of a-z, 0-9, '.', '_' and '-', the first a letter or digit"};
}

Result<ServiceExport> parse_export(std::string_view text) {
  constexpr std::string_view kWhat = "an exported service";
  auto [id, version, has_version] = split(text);
  if (!is_id(id)) return bad_text(kWhat, text, kNoId);
  if (!has_version) return bad_text(kWhat, text, "it names no version; write " + std::string(id) + "@1.0");
  if (auto parsed = parse_version(version); !parsed.ok()) return bad_text(kWhat, text, parsed.status().text());
  ServiceExport service;
  service.id = id;
  service.version = version;
  return service;
}

Result<ServiceImport> parse_import(std::string_view text) {
  constexpr std::string_view kWhat = "an imported service";
  auto rest = text;
  if (drop_suffix(rest, " remote")) {
    return Status(Code::kUnsupported, "\"" + std::string(text) +
                                          "\": remote imports are not supported by this version (" ARK_VERSION_TEXT
                                          "); import the service of a local module");
  }
  ServiceImport service;
  service.optional = drop_suffix(rest, "?");
  auto [id, range, has_range] = split(rest);
  if (!is_id(id)) return bad_text(kWhat, text, kNoId);
  if (has_range && range.empty()) return bad_text(kWhat, text, "no range of versions follows @");
  auto parsed = Range::parse(range);
  if (!parsed.ok()) return bad_text(kWhat, text, parsed.status().text());
  service.id = id;
  service.range = std::move(*parsed);
  return service;
}

Result<ResourceImport> parse_resource_import(std::string_view text) {
  ResourceImport import;
  import.optional = drop_suffix(text, "?");
  if (auto status = check_resource_pattern(text); !status.ok()) return status;
  import.pattern = text;
  return import;
}

Result<Dependency> parse_dependency(std::string_view text) {
  constexpr std::string_view kWhat = "a dependency";
  auto [name, range, has_range] = split(text);
  if (auto status = check_module_name(name); !status.ok()) return bad_text(kWhat, text, status.text());
  if (has_range && range.empty()) return bad_text(kWhat, text, "no range of versions follows @");
  auto parsed = Range::parse(range);
  if (!parsed.ok()) return bad_text(kWhat, text, parsed.status().text());
  return Dependency{std::string(name), std::move(*parsed)};
}

std::string to_string(const ServiceExport& service) { return service.id + "@" + service.version; }
std::string to_string(const ServiceImport& service) {
  return with_range(service.id, service.range) + (service.optional ? "?" : "");
}
std::string to_string(const ResourceImport& import) { return import.pattern + (import.optional ? "?" : ""); }
std::string to_string(const Dependency& dependency) { return with_range(dependency.name, dependency.range); }

}  // namespace ark::container::package
