// A library that a module bundles.
#include "fuzz.hpp"
#include "pack/patch.hpp"
#include "package/elf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ark;
  const auto object = fuzz::text_of(data, size);
  packaging::Patch patch;
  patch.soname = "private.so";
  patch.imports = {{"exit", "ark_hook_exit"}, {"needed", "ark_hook_needed"}};
  patch.own_folder_first = true;
  const auto written = packaging::patched(object, patch, "library.so");
  if (!written.ok()) {
    fuzz::expect(written.status().text().starts_with("library.so"), "a refusal names the file",
                 written.status().text());
    return 0;
  }
  if (!packaging::check_patched(object, *written, patch, "library.so").ok()) return 0;
  const auto elf = container::package::parse_elf(*written, "library.so");
  if (!elf.ok()) return 0;  // what the patch does not touch
  fuzz::expect(elf->soname == patch.soname, "what was checked has its name", elf->soname);
  fuzz::expect(!elf->run_paths.empty() && elf->run_paths.back() == "$ORIGIN", "what was checked has its search path");
  fuzz::expect(elf->init_array.size == 0 && elf->fini_array.size == 0, "what was checked has empty tables");
  return 0;
}
