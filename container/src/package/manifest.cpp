#include "package/manifest.hpp"

#include <algorithm>

namespace ark::container::package {

const PackagedFile* Manifest::find_file(std::string_view path) const {
  auto found = std::find_if(files.begin(), files.end(), [&](const PackagedFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

std::vector<std::string_view> Manifest::resources_for_others() const {
  std::vector<std::string_view> names;
  if (exported_resources.empty()) return names;
  for (const auto& file : files) {
    std::string_view name = file.path;
    if (!name.starts_with(kResourceFolder)) continue;
    name.remove_prefix(kResourceFolder.size());
    if (!matching(exported_resources, name).empty()) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool Manifest::imports_resource(std::string_view name) const {
  return std::any_of(imported_resources.begin(), imported_resources.end(),
                     [&](const auto& import) { return matches(import.pattern, name); });
}

std::vector<const PackagedFile*> Manifest::code() const {
  std::vector<const PackagedFile*> all;
  for (const auto& file : files) {
    if (file.path != entry && file.path.starts_with(kLibraryFolder) && file.path.ends_with(".so")) all.push_back(&file);
  }
  all.push_back(find_file(entry));
  return all;
}

std::vector<std::string> contradictions_of(const Manifest& manifest) {
  std::vector<std::string> problems;
  auto contradiction = [&](const std::string& import, const char* key, std::string_view denial) {
    problems.push_back(manifest.name + " " + to_string(manifest.version) + " imports " + import +
                       ", but denies it: " + key + " has \"" + std::string(denial) + "\"; remove one of the two");
  };
  for (const auto& import : manifest.imports) {
    const auto denial = matching(manifest.denied.services, import.id);
    if (!denial.empty()) contradiction(to_string(import), "deny-imports.services", denial);
  }
  for (const auto& import : manifest.imported_resources) {
    for (const auto& denial : manifest.denied.resources) {
      if (covers(denial, import.pattern))
        contradiction("the resources " + to_string(import), "deny-imports.resources", denial);
    }
  }
  return problems;
}

std::string package_name(const Manifest& manifest) {
  return manifest.name + "-" + to_string(manifest.version) + ".ark";
}

}  // namespace ark::container::package
