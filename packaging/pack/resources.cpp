#include "pack/resources.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "package/digest.hpp"
#include "package/entry_path.hpp"
#include "package/package.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
namespace package = container::package;
using container::Code;
using container::Result;
using container::Status;

Status refused(const fs::path& file, const std::string& why) {
  return {Code::kInvalidArgument, "resource " + file.native() + " " + why};
}

/// `name` is its path below resources/.
Status add_one(const fs::path& file, const std::string& name, FilesToPack& found) {
  std::error_code error;
  const auto kind = fs::symlink_status(file, error).type();
  if (kind == fs::file_type::not_found)
    return {Code::kNotFound, "there is no resource " + file.native() + "; correct RESOURCES"};
  if (error) return container::base::errno_status(error.value(), "read", file);
  if (kind == fs::file_type::symlink) return refused(file, "is a link; put the file itself there");
  if (kind != fs::file_type::regular) return refused(file, "is not a regular file");
  auto path = std::string(package::kResourceFolder) + name;
  if (auto fault = package::path_fault(path); !fault.empty())
    return refused(file, "cannot be packed: its path " + std::string(fault));
  found.emplace_back(std::move(path), file);
  return {};
}

Status add_folder(const fs::path& folder, FilesToPack& found) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory() && !at->is_symlink()) continue;
    if (auto status = add_one(at->path(), at->path().lexically_relative(folder).generic_string(), found); !status.ok())
      return status;
  }
  return error ? container::base::errno_status(error.value(), "read folder", folder) : Status();
}

Status describe_resource(const std::string& path, const fs::path& file, package::Manifest& manifest) {
  const auto contents = container::base::read_file(file, package::PackageLimits().file_size);
  if (!contents.ok()) return contents.status();
  package::PackagedFile described;
  described.path = path;
  described.size = contents->size();
  described.sha256 = package::sha256_hex(*contents);
  manifest.files.push_back(std::move(described));
  return {};
}

}  // namespace

Result<FilesToPack> add_resources(const std::vector<fs::path>& given, package::Manifest& manifest) {
  FilesToPack found;
  for (const auto& path : given) {
    std::error_code not_there;  // add_one says it
    auto status =
        fs::is_directory(path, not_there) ? add_folder(path, found) : add_one(path, path.filename().native(), found);
    if (!status.ok()) return status;
  }
  std::sort(found.begin(), found.end());
  for (size_t i = 0; i < found.size(); ++i) {
    const auto& [path, file] = found[i];
    if (i > 0 && found[i - 1].first == path)
      return refused(file, "and " + found[i - 1].second.native() + " would both be " + path);
    if (auto status = describe_resource(path, file, manifest); !status.ok()) return status;
  }
  return found;
}

}  // namespace ark::packaging
