/// Finds the files of shared libraries where the dynamic loader would.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "package/elf.hpp"

namespace ark::packaging {

/// The folders in which a file wants its libraries to be looked for, with $ORIGIN replaced.
struct RunPaths {
  std::vector<std::filesystem::path> inherited;  ///< DT_RPATH: its own, then those of the files that need it
  std::vector<std::filesystem::path> own;        ///< DT_RUNPATH, with which the loader heeds no DT_RPATH
};

/// by: those of the file that needs this one.
RunPaths run_paths_of(const container::package::ElfInfo& elf, const std::filesystem::path& file, const RunPaths& by);

/// The folders that a configuration file like /etc/ld.so.conf names, with those of the files that it includes. A file
/// that cannot be read names none.
std::vector<std::filesystem::path> configured_folders(const std::filesystem::path& configuration);

struct FoundLibrary {
  std::filesystem::path file;  ///< absolute; the last part, or others, may be links
  std::string bytes;
  container::package::ElfInfo elf;
};

/// Values; any thread, while none changes the environment.
///
/// Source: ld.so(8). Folders of a kind of processor (glibc-hwcaps) are left out: a package runs on other machines.
class LibrarySearch {
 public:
  /// first:   folders to look in before all others.
  /// machine: EM_X86_64 or EM_AARCH64; libraries for another one are passed over.
  LibrarySearch(const std::vector<std::filesystem::path>& first, uint16_t machine);

  /// name:   as DT_NEEDED has it; with a slash in it, it is a path.
  /// by:     the file that needs it, with its own folders; for the text of errors and for $ORIGIN.
  /// Errors: kNotFound says where was looked; kCorrupt and others for the file that the loader would take, if it is
  /// bad.
  container::Result<FoundLibrary> find(const std::string& name, const std::filesystem::path& by,
                                       const RunPaths& paths) const;

 private:
  std::vector<std::filesystem::path> first_, environment_, system_;
  uint16_t machine_;
};

}  // namespace ark::packaging
