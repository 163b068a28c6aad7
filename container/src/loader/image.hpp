/// One generation of a module's code in this process: mapped, constructed, destructed, unmapped, and looked for afterwards.
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
  /// file: the staged main file, an absolute path that no other generation has had. entry: its description in the manifest. owner: whom a crash
  /// in its code is put down to.
  Image(std::filesystem::path file, const package::PackagedFile& entry, crash::Owner owner = {});
  ~Image();
  Image(const Image&) = delete;

  /// Maps the file and finds its ark_module. Runs none of its code (its init array was emptied by the packer).
  Status open();
  /// Constant data of the module; valid while open.
  const ark_module_t& module() const { return *module_; }
  /// What the module says of itself is what the manifest says: name, version, fingerprint, tables, layouts of contracts.
  Status matches(const package::Manifest& manifest) const;

  /// Runs the static constructors. What one of them throws is a MODULE_FAILED with its text; forced unwinding passes.
  Status construct();
  /// Runs the static destructors of what was constructed, newest first.
  void destruct();

  /// Unmaps it. False: something still pins the mapping.
  bool close();
  /// Asked again after close returned false.
  bool mapped() const { return still_mapped(ranges_, file_); }

  bool contains(const void* address) const;
  const std::filesystem::path& file() const { return file_; }

 private:
  using Function = void (*)(int, char**, char**);
  std::vector<Function> array(uint64_t address, uint64_t size_bytes) const;
  Status check_needed() const;
  void note_code();

  struct Handle;
  const std::filesystem::path file_;
  const package::PackagedFile entry_;
  const crash::Owner owner_;
  std::unique_ptr<Handle> handle_;
  uintptr_t base_ = 0;
  std::vector<MappedRange> ranges_;
  crash::MappedCode code_;
  const ark_module_t* module_ = nullptr;
};

}  // namespace ark::container::loader
