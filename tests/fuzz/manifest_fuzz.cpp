// ark.json, with the layouts in it.
#include "fuzz.hpp"
#include "package/layout.hpp"
#include "package/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ark::container;
  using ark::fuzz::expect;
  const auto manifest = package::parse_manifest(ark::fuzz::text_of(data, size), "ark.json");
  if (!manifest.ok()) {
    expect(manifest.status().text().starts_with("ark.json"), "a refusal names the file", manifest.status().text());
    return 0;
  }
  const auto text = package::write_manifest(*manifest);
  const auto again = package::parse_manifest(text, "again");
  expect(again.ok(), "what is written can be read", again.status().text());
  expect(package::write_manifest(*again) == text, "what is read is written as it was", text);
  (void)package::check_fits(*manifest);
  for (const auto& import : manifest->imports) {
    for (const auto& service : manifest->exports) (void)package::compare_layouts(import.layout, service.layout);
  }
  return 0;
}
