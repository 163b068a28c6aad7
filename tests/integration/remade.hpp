/// Packages of fixtures with another manifest.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "package/manifest.hpp"

namespace ark::test {

/// Writes FOLDER/NAME-VERSION.ark: the fixture's library under the changed manifest. What the library says of itself stays.
std::filesystem::path remade(const std::filesystem::path& folder, const std::string& fixture,
                             const std::function<void(container::package::Manifest&)>& change);

}  // namespace ark::test
