// A package: its zip, its manifest, and the contents of its files.
#include "fuzz.hpp"
#include "package/package.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ark::container;
  const ark::fuzz::InputFile file(ark::fuzz::text_of(data, size));
  package::PackageLimits limits;
  limits.file_size = limits.manifest_size = uint64_t{1} << 20;
  limits.total_size = uint64_t{4} << 20;
  const auto opened = package::Package::open(file.path(), limits);
  const auto status = opened.ok() ? opened->verify() : opened.status();
  ark::fuzz::expect(status.ok() || !status.text().empty(), "a refusal has a reason");
  if (!opened.ok()) return 0;
  for (const auto& entry : opened->manifest().files) {
    const auto path = std::filesystem::path(entry.path);
    ark::fuzz::expect(path.is_relative() && *path.lexically_normal().begin() != "..", "no file leaves its stage",
                      entry.path);
  }
  return 0;
}
