/// The files that a package keeps for its own module and, if it exports them, for others.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "package/manifest.hpp"

namespace ark::packaging {

/// (path in the package, file to read)
using FilesToPack = std::vector<std::pair<std::string, std::filesystem::path>>;

/// given: folders, of which everything inside goes below resources/, and files, which go there under their names.
/// Sorted by path; sizes and digests are added to `manifest`. kInvalidArgument names what cannot be packed: links,
/// devices, two files for one path, names that no package may have.
container::Result<FilesToPack> add_resources(const std::vector<std::filesystem::path>& given,
                                             container::package::Manifest& manifest);

}  // namespace ark::packaging
