/// The directory of a zip, checked as that of a package must be.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "package/file_window.hpp"

namespace ark::container::package {

struct ZipEntry {
  std::string path;
  bool deflated = false;
  uint64_t packed_size = 0, size = 0;  ///< bytes in the zip, and what it declares to be without packing
  uint64_t data_at = 0;                ///< offset in the file
};

/// Refuses, naming the entry: paths that leave the package, folders, links, duplicates, encryption, other methods than
/// store and deflate, several disks, parts outside the file, and more than `max_entries` entries. Messages do not name
/// the file.
Result<std::vector<ZipEntry>> read_zip_directory(FileWindow& file, uint64_t max_entries);

/// Hands the entry's contents to `take`, in pieces that are valid during the call, and stops at its first failure.
/// Whatever the zip says, no more than entry.size bytes are handed over, and fewer are a failure.
Status read_zip_entry(FileWindow& file, const ZipEntry& entry, const std::function<Status(std::string_view)>& take);

}  // namespace ark::container::package
