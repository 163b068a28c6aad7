// The shared object in a package.
#include "fuzz.hpp"
#include "package/elf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto elf = ark::container::package::parse_elf(ark::fuzz::text_of(data, size), "module.so");
  ark::fuzz::expect(elf.ok() || elf.status().text().starts_with("module.so"), "a refusal names the file",
                    elf.status().text());
  return 0;
}
