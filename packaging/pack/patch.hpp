/// Changes to a shared object, so that it can be loaded beside others of its name and be unmapped again. What is
/// written is read again and compared. Pure functions; any thread.
#pragma once

#include <ark/container/status.hpp>

#include <map>
#include <string>
#include <string_view>

namespace ark::packaging {

/// What one file of a module becomes. Always done beside it: STB_GNU_UNIQUE becomes STB_WEAK, DF_1_NODELETE is cleared,
/// DT_INIT_ARRAYSZ and DT_FINI_ARRAYSZ become 0 (the container runs these tables itself), and a DT_RPATH or DT_RUNPATH
/// that is there becomes $ORIGIN. Names are at most 4095 bytes.
struct Patch {
  std::string soname;                         ///< new DT_SONAME; empty: as it is
  std::map<std::string, std::string> needed;  ///< DT_NEEDED and file names of DT_VERNEED, old to new
  /// Undefined symbols, old to new; they lose their version. Those that the file does not import are passed over.
  std::map<std::string, std::string> imports;
  /// DT_RPATH $ORIGIN, for the main file. It holds for what its libraries need, too; DT_RUNPATH would not.
  bool own_folder_first = false;
};

/// bytes:   of a sound shared object. strip it before, if at all: GNU strip moves what is added here and leaves a file
///          that cannot be loaded.
/// origin:  what the messages call the file.
/// Errors:  kCorrupt for what is no sound ELF file; kIncompatible for one that cannot be changed so, with what to do;
///          kInvalidArgument for names that cannot be.
container::Result<std::string> patched(std::string_view bytes, const Patch& patch, std::string_view origin);

/// Whether `written`, read from where it was written to, is `original` with the patch and nothing else. kInternal names
/// the first thing that is not as the patch has it, or that changed though the patch does not name it.
container::Status check_patched(std::string_view original, std::string_view written, const Patch& patch,
                                std::string_view origin);

}  // namespace ark::packaging
