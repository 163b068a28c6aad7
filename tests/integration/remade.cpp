#include "remade.hpp"

#include "container/package/zip_bytes.hpp"
#include "package/package.hpp"
#include "serving_container.hpp"
#include "support/temp_dir.hpp"

namespace ark::test {

namespace package = container::package;

std::filesystem::path remade(const std::filesystem::path& folder, const std::string& name,
                             const std::function<void(package::Manifest&)>& change) {
  auto original = package::Package::open(fixture(name));
  EXPECT_TRUE(original.ok()) << original.status().text();
  TempDir temp;
  EXPECT_TRUE(original->extract(temp / "files").ok());
  auto manifest = original->manifest();
  const auto library = text_of(temp / "files" / manifest.entry);
  change(manifest);
  ZipBytes zip;
  zip.add({"ark.json", package::write_manifest(manifest)});
  zip.add({manifest.entry, library});
  const auto file = folder / package::package_name(manifest);
  write_file(file, zip.finish());
  return file;
}

}  // namespace ark::test
