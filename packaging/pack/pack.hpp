/// Makes a package of a module that was built with ark_add_biz or ark_add_plugin.
#pragma once

#include <ark/container/status.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "package/manifest.hpp"

namespace ark::packaging {

struct PackOptions {
  std::filesystem::path module;  ///< the shared object; it is only read
  std::filesystem::path output;  ///< the package; empty: NAME-VERSION.ark in the current folder
  std::string description;
  std::optional<int> priority;                   ///< smaller starts first; default as in Manifest
  std::vector<std::string> dependencies;         ///< "greeter@[1.0,2.0)"
  std::vector<std::filesystem::path> resources;  ///< folders, of which everything inside is packed, and files
  std::vector<std::string> exported_resources;   ///< "templates/*"
  std::vector<std::string> imported_resources;   ///< "templates/*", "templates/*?"
  container::package::Denials denied;
  bool bundle = true;  ///< the shared libraries that it needs are packed; else a module that needs one is refused
  std::vector<std::filesystem::path> library_folders;  ///< where they are looked for first
  container::package::Provenance provenance;
  std::chrono::milliseconds load_limit{30'000};  ///< for the trial load
};

struct Packed {
  std::filesystem::path file;
  container::package::Manifest manifest;
  std::vector<std::string> warnings;  ///< sentences: it is packed, and may do what nobody expects
};

/// Reads and checks the module, empties its tables of constructors and destructors in a copy, reads that again, loads
/// it in a process of its own for its description, and writes the package. Equal modules and options give equal bytes.
///
/// Errors:  name the module and say what to do; an older package at `output` is as it was then.
/// Threads: call it from a process with one thread (it forks).
container::Result<Packed> pack(const PackOptions& options);

}  // namespace ark::packaging
