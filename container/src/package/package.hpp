/// A package, name-version.ark: a zip of ark.json and the files it describes. Format: docs/manifest.md.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "package/manifest.hpp"

namespace ark::container::package {

/// What a package may cost whoever reads it. All sizes in bytes, uncompressed.
struct PackageLimits {
  uint64_t files = 4096;
  uint64_t file_size = uint64_t{1} << 30;
  uint64_t total_size = uint64_t{4} << 30;
  uint64_t manifest_size = uint64_t{4} << 20;
};

/// An open package. It keeps the file open, so what was checked is what is extracted although the path may name another
/// file by then. One thread at a time; different packages on different threads.
class Package {
 public:
  /// Reads the directory of the zip and the manifest, and checks that they agree: exactly the described files, plain,
  /// of the described sizes, within the limits. Contents are checked when they are read. Errors name the package and
  /// the entry; kCorrupt for what is no sound package, kResourceExhausted for limits, else as parse_manifest.
  static Result<Package> open(const std::filesystem::path& file, const PackageLimits& limits = {});

  Package(Package&&) noexcept;
  Package& operator=(Package&&) noexcept;
  ~Package();

  const Manifest& manifest() const;
  const std::filesystem::path& file() const;

  /// Writes every file of the manifest below `dir`, which is made if it is missing (its parent must exist). Size and
  /// sha256 of what is written are checked. Files have mode 0444 and folders 0700, less the umask. Nothing is
  /// overwritten: a file that is there already is kAlreadyExists. On failure everything that was written is removed
  /// again. Not synced to disk: a stage is of no use after a power cut. generation: stamped into the names of bundled
  /// libraries, once their contents have been checked.
  Status extract(const std::filesystem::path& dir, uint32_t generation = 0) const;

  /// The same reading and checks, writing nothing.
  Status verify() const;

  /// Copies the package to `to`, a new file, synced, and reads from that from now on, whatever becomes of the one it was
  /// opened from; errors still name that one. FAILED_PRECONDITION if that has changed since it was opened. On failure
  /// there is no `to`.
  Status move_to(const std::filesystem::path& to);

 private:
  struct Impl;
  explicit Package(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Writes a package: ark.json from `manifest`, then `files`, as (path in the package, file to read). Equal contents
/// give equal bytes. The manifest must describe the files as they are; sizes and digests are checked, so a package that
/// cannot be opened is not written. Written to a temporary beside `out` and renamed; on failure `out` is as it was.
Status write_package(const std::filesystem::path& out, const Manifest& manifest,
                     const std::vector<std::pair<std::string, std::filesystem::path>>& files);

}  // namespace ark::container::package
