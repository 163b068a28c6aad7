// fuzz_seeds FOLDER OBJECT: writes what each target begins with into a folder of its own. OBJECT: a small shared
// object.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "container/package/sample.hpp"
#include "container/package/zip_bytes.hpp"
#include "fuzz.hpp"
#include "package/elf.hpp"
#include "package/layout.hpp"
#include "package/package.hpp"
#include "plugin-sdk/acme.hpp"

namespace {

namespace fs = std::filesystem;
namespace package = ark::container::package;
using ark::fuzz::expect;

std::string text_of(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

package::Manifest rich_manifest(const ark::test::Files& files) {
  auto manifest = ark::test::sample_manifest(files);
  manifest.kind = ark::container::Kind::kPlugin;
  manifest.description = "one of everything: \"\\\xC3\xA9";
  manifest.platform = {"2.36", "3.4.30", "1.3.13"};
  manifest.provenance = {"0123abcd", "2026-01-01T00:00:00Z", "g++ 12", "-O2"};
  manifest.exports.push_back({"com.acme.Greeter", "1.2", package::layout_of(ark::contract_of<acme::Greeter>())});
  manifest.imports.push_back(*package::parse_import("com.acme.Greeter@[1.0,2.0)?"));
  manifest.imports.back().layout = manifest.exports.back().layout;
  manifest.dependencies.push_back(*package::parse_dependency("greeter@[1.0,2.0)"));
  manifest.files[0].build_id = "00ff";
  manifest.files[0].init_array = 4096, manifest.files[0].init_array_size = 16;
  return manifest;
}

}  // namespace

int main(int, char** argv) {
  const fs::path folder = argv[1];
  const auto object = text_of(argv[2]);
  const auto add = [&](const char* target, const char* name, const std::string& bytes) {
    fs::create_directories(folder / target);
    std::ofstream(folder / target / name, std::ios::binary) << bytes;
  };
  const ark::test::Files files{{"lib/orders.so", "the code"}, {"conf/orders.json", "{}"}};
  const auto plain = package::write_manifest(ark::test::sample_manifest(files)),
             rich = package::write_manifest(rich_manifest(files));
  for (const auto& text : {plain, rich}) {
    const auto parsed = package::parse_manifest(text, "a seed");
    expect(parsed.ok(), "a seed is what is read", parsed.status().text());
  }
  add("manifest", "plain", plain);
  add("manifest", "rich", rich);
  for (const bool deflate : {false, true}) {
    ark::test::ZipBytes zip;
    zip.add({"ark.json", plain});
    for (const auto& [path, contents] : files) zip.add({path, contents, deflate});
    const ark::fuzz::InputFile file(zip.finish());
    const auto opened = package::Package::open(file.path());
    const auto verified = opened.ok() ? opened->verify() : opened.status();
    expect(verified.ok(), "a seed is what is read", verified.text());
    add("package", deflate ? "deflated" : "stored", zip.finish());
  }
  const auto elf = package::parse_elf(object, "a seed");
  expect(elf.ok(), "a seed is what is read", elf.status().text());
  add("elf", "object", object);
  add("patch", "object", object);
  add("state", "plain", R"({"format": 1, "active": {"orders": "1.0.0", "audit": ""}, "stopped": ["greeter:2.1.0"]})");
  add("state", "pending",
      R"({"format": 1, "active": {}, "stopped": [], "pending": {"package": "orders-1.1.0.ark", "present": true,
    "remove": "orders-1.0.0.ark", "active": {"orders": "1.1.0"}, "stopped": ["audit:1.0.0"]}})");
  add("settings", "nested", "// a comment\n{\"log\": {\"level\": \"debug\"}, \"limits\": {\"start\": \"30s\"}}");
  add("settings", "dotted", R"({"log.level": "info", "limits.drain": "1500ms"})");
  add("request", "list", "GET /api/v1/modules");
  add("request", "install",
      "POST /api/v1/modules\n{\"package\": \"/srv/a.ark\", \"switch\": true, \"transient\": false}");
  add("request", "uninstall", "DELETE /api/v1/modules/orders%3A1.0.0?force=true");
  add("request", "ready", "GET /api/v1/ready?timeout=300ms");
  add("request", "replace", "POST /api/v1/modules/replace\n{\"package\": \"/srv/a.ark\"}");
}
