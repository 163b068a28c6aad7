#include "package/manifest.hpp"

#include <algorithm>

namespace ark::container::package {

const PackagedFile* Manifest::find_file(std::string_view path) const {
  auto found = std::find_if(files.begin(), files.end(), [&](const PackagedFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

std::string package_name(const Manifest& manifest) {
  return manifest.name + "-" + to_string(manifest.version) + ".ark";
}

}  // namespace ark::container::package
