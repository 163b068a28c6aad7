/// ark.json: what a module is, needs and offers. Format: docs/manifest.md and docs/ark.schema.json. Values; any thread
/// may use its own.
#pragma once

#include <ark/container/container.hpp>
#include <ark/container/status.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "package/layout.hpp"
#include "package/pattern.hpp"
#include "package/version.hpp"

namespace ark::container::package {

inline constexpr int kManifestFormat = 1;
inline constexpr std::string_view kManifestName = "ark.json";
/// Where a package keeps the files that it and, if it exports them, others find by name.
inline constexpr std::string_view kResourceFolder = "resources/";
/// And its code.
inline constexpr std::string_view kLibraryFolder = "lib/";

struct ServiceExport {
  std::string id, version;  ///< "com.acme.Orders", "1.2"
  ContractLayout layout;
  uint64_t digest = 0;  ///< layout_digest(layout); not written
};

struct ServiceImport {
  std::string id;
  Range range;
  bool optional = false;
  bool remote = false;    ///< always false in this version: remote imports are refused
  ContractLayout layout;  ///< empty(): the importer calls through the provider's own table
  uint64_t digest = 0;    ///< layout_digest(layout), 0 if it is empty; not written
};

/// Resources of other modules, by a pattern (package/pattern.hpp) of names.
struct ResourceImport {
  std::string pattern;
  bool optional = false;
};

/// What the module is never given, whoever exports it: patterns.
struct Denials {
  std::vector<std::string> services, resources;
};

struct Dependency {
  std::string name;  ///< of a module
  Range range;
};

struct PackagedFile {
  std::string path;      ///< in the package, "lib/orders.so"
  std::string sha256;    ///< 64 hexadecimal digits, lower case
  std::string build_id;  ///< hexadecimal, lower case; empty: the file has none
  uint64_t size = 0;     ///< bytes
  /// Virtual addresses and bytes of DT_INIT_ARRAY and DT_FINI_ARRAY, recorded when the packer emptied them. 0, 0: there
  /// was none.
  uint64_t init_array = 0, init_array_size = 0, fini_array = 0, fini_array_size = 0;
  std::vector<uint64_t> stamps;  ///< where the digits of the generation are in its bytes (stamp.hpp)
};

/// Highest symbol versions a module needs of the platform's libraries: "2.36", "3.4.30", "1.3.13". Empty: none.
struct Platform {
  std::string glibc, glibcxx, cxxabi;
};

/// Where the module came from. For people only.
struct Provenance {
  std::string commit, build_time, compiler, flags;
};

struct Manifest {
  int format = kManifestFormat;
  Kind kind = Kind::kBiz;
  std::string name;  ///< [a-z0-9][a-z0-9._-]{0,63}
  Version version;
  std::string description;
  std::string entry;  ///< path of the main file; one of `files`
  int priority = 100;
  std::string fingerprint;  ///< ARK_FINGERPRINT of the module
  uint32_t abi = 0;         ///< ARK_ABI_VERSION of the module
  std::string sdk_version;
  Platform platform;
  std::vector<ServiceExport> exports;
  std::vector<ServiceImport> imports;
  std::vector<std::string> exported_resources;  ///< patterns of names
  std::vector<ResourceImport> imported_resources;
  Denials denied;
  std::vector<Dependency> dependencies;
  std::string isolation = "symbols";
  Provenance provenance;
  std::vector<PackagedFile> files;

  /// The described file with this path; nullptr if there is none.
  const PackagedFile* find_file(std::string_view path) const;
  /// Names of the resources it has that it exports, less "resources/", sorted. They point into `files`.
  std::vector<std::string_view> resources_for_others() const;
  bool imports_resource(std::string_view name) const;
  /// The shared objects below lib/ in their order, each behind those that it needs, and the entry at the end.
  std::vector<const PackagedFile*> code() const;
};

/// Imports that the same manifest denies. Sentences that name both keys.
std::vector<std::string> contradictions_of(const Manifest& manifest);

/// "orders-1.0.0.ark"
std::string package_name(const Manifest& manifest);

/// A module's name: safe as a file name. kInvalidArgument says what it may look like.
Status check_module_name(std::string_view name);

/// "com.acme.Orders@1.2", as a build declares an export; the layout is added later. kInvalidArgument says what is
/// wrong.
Result<ServiceExport> parse_export(std::string_view text);
/// "com.acme.Greeter@[1.0,2.0)" mandatory, "com.acme.Greeter@1.0?" optional, "com.acme.Greeter" any version.
/// kUnsupported: "... remote".
Result<ServiceImport> parse_import(std::string_view text);
/// "templates/mail.html" or "templates/*" mandatory, with '?' behind it optional.
Result<ResourceImport> parse_resource_import(std::string_view text);
/// "greeter@[1.0,2.0)", or "greeter" for any version.
Result<Dependency> parse_dependency(std::string_view text);

/// The texts that the functions above read.
std::string to_string(const ServiceExport& service);
std::string to_string(const ServiceImport& service);
std::string to_string(const ResourceImport& import);
std::string to_string(const Dependency& dependency);

/// origin:  what the messages call the text: "build/ark.json".
/// Errors:  "origin:12: ..." with the key, what was found and what was expected. kCorrupt for what is not a manifest;
/// kUnsupported for
///          keys and values of features that this version does not have, and for later formats.
Result<Manifest> parse_manifest(std::string_view json, std::string_view origin);

/// The text that parse_manifest reads back as the same manifest. Equal manifests give equal bytes.
std::string write_manifest(const Manifest& manifest);

/// Whether this container can run the module: ABI, fingerprint, and the versions of the platform's libraries.
/// kIncompatible says what the module was built for, what this container is, and what would work.
Status check_fits(const Manifest& manifest);

}  // namespace ark::container::package
