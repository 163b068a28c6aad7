/// One generation of a module's code in this process, its main file and the libraries that travel with it: mapped, constructed, destructed, unmapped,
/// and looked for afterwards.
#pragma once

#include <ark/abi/module.h>
#include <ark/container/status.hpp>

#include <filesystem>
#include <memory>
#include <vector>

#include "crash/code_table.hpp"
#include "loader/mappings.hpp"
#include "package/manifest.hpp"

namespace ark::container::loader {

/// Used by one thread at a time. All functions but the constructor run on the lent thread.
class Image {
 public:
  /// staged: the absolute path of a folder that no other generation has had, with the files of the manifest. owner: whom a crash in the code is put
  /// down to, and the generation that is stamped into the names of libraries.
  Image(const std::filesystem::path& staged, const package::Manifest& manifest, crash::Owner owner = {});
  ~Image();
  Image(const Image&) = delete;

  /// Maps the files and finds ark_module in the main one. Runs none of their code but IFUNC resolvers (their init arrays were emptied by the packer).
  Status open();
  /// Constant data of the module; valid while open.
  const ark_module_t& module() const { return *module_; }
  /// What the module says of itself is what the manifest says: name, version, fingerprint, tables, layouts of contracts.
  Status matches(const package::Manifest& manifest) const;

  /// Runs the static constructors, those of libraries before those of who needs them. What one of them throws is a MODULE_FAILED with its text; forced unwinding passes.
  Status construct();
  /// Runs the static destructors of what was constructed, newest first.
  void destruct();

  /// Unmaps it. False: something still pins a mapping.
  bool close();
  /// Which of its files still are.
  std::vector<std::filesystem::path> mapped() const;

  bool contains(const void* address) const;
  const std::filesystem::path& file() const { return main().file; }

 private:
  using Function = void (*)(int, char**, char**);
  /// A file of it.
  struct Part {
    std::filesystem::path file;  ///< absolute, as the loader knows it
    package::PackagedFile described;
    uintptr_t base = 0;          ///< where address 0 of the file lies
    const void* dynamic = nullptr;  ///< its dynamic section, while it is open
    MappedRange range{};         ///< empty until it was found mapped
    crash::MappedCode code;
  };
  struct Handle;

  const Part& main() const { return parts_.back(); }
  Status find_parts();
  Status check_needed(const Part& part) const;
  std::vector<Function> array(const Part& part, uint64_t address, uint64_t size_bytes) const;
  void note_code(Part& part);

  const crash::Owner owner_;
  std::vector<Part> parts_;  ///< each behind those that it needs, the main file at the end
  std::unique_ptr<Handle> handle_;
  const ark_module_t* module_ = nullptr;
};

}  // namespace ark::container::loader
