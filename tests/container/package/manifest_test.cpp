#include "package/manifest.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "contract_tables.hpp"

namespace ark::container::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kDigest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Line numbers in the tests below count from the line of the opening brace.
const std::string kGood = R"json({
  "format": 1,
  "kind": "biz",
  "name": "orders",
  "version": "1.0.0",
  "description": "Takes \"orders\"",
  "entry": "lib/orders.so",
  "priority": 50,
  "fingerprint": "machine=x86_64",
  "abi": 1,
  "sdk": "0.1.0",
  "platform": {"glibc": "2.36", "glibcxx": "3.4.30", "cxxabi": "1.3.13"},
  "exports": {
    "services": [
      {
        "service": "com.acme.Orders@1.2",
        "layout": {
          "version": "1.2",
          "slots": 4,
          "destructor-slots": 2,
          "methods": [
            {"name": "place", "slot": 2, "result": "i64", "params": ["com.acme.Line&", "callback<com.acme.Listener>"]},
            {"name": "cancel", "slot": 3, "result": "void", "params": ["i64"], "const": true, "noexcept": true}
          ],
          "errors": ["com.acme.OutOfStock"],
          "structs": {
            "com.acme.Line": {"size": 40, "align": 8, "members": [
              {"name": "item", "offset": 0, "type": "string"}
            ]},
            "com.acme.OutOfStock": {"size": 8, "align": 8, "trivial": true, "members": []}
          },
          "contracts": {
            "com.acme.Listener": {"version": "1.0", "slots": 1, "methods": [{"name": "changed", "slot": 0, "result": "void"}]}
          }
        }
      }
    ],
    "resources": ["mail/*", "logo.png"]
  },
  "imports": {
    "services": [
      {"service": "com.acme.Greeter@[1.0,2.0)", "layout": {"version": "1.0", "slots": 1, "methods": []}},
      {"service": "com.acme.Clock?"}
    ],
    "resources": ["templates/*", "schema.json?"]
  },
  "deny-imports": {"services": ["com.acme.legacy.*"], "resources": ["templates/old/*", "a.txt"]},
  "config": {},
  "isolation": "symbols",
  "dependencies": ["greeter@[1.0,2.0)", "audit"],
  "x-team": {"anything": ["goes", null, 1.5]},
  "provenance": {"commit": "abc", "build-time": "2024-01-01T00:00:00Z", "compiler": "g++ 12.2", "flags": "-O2"},
  "files": [
    {"path": "lib/orders.so", "size": 1000, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
     "build-id": "00ff", "init-array": {"address": 4096, "size": 16}, "fini-array": {"address": 8192, "size": 8}, "stamps": [17, 4711]},
    {"path": "conf/orders.json", "size": 0, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"path": "resources/mail/b.html", "size": 0, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"path": "resources/mail/a.html", "size": 0, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"path": "resources/own.txt", "size": 0, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    {"path": "resources/logo.png", "size": 0, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
  ]
}
)json";

Manifest good() {
  auto parsed = parse_manifest(kGood, "ark.json");
  EXPECT_TRUE(parsed.ok()) << parsed.status().text();
  return parsed.ok() ? std::move(*parsed) : Manifest();
}

TEST(Manifest, IsReadAsItStands) {
  auto m = good();
  EXPECT_EQ(m.kind, Kind::kBiz);
  EXPECT_EQ(m.name, "orders");
  EXPECT_EQ(to_string(m.version), "1.0.0");
  EXPECT_EQ(m.description, "Takes \"orders\"");
  EXPECT_EQ(m.entry, "lib/orders.so");
  EXPECT_EQ(m.priority, 50);
  EXPECT_EQ(m.fingerprint, "machine=x86_64");
  EXPECT_EQ(m.abi, 1u);
  EXPECT_EQ(m.sdk_version, "0.1.0");
  EXPECT_EQ(m.platform.glibc, "2.36");
  EXPECT_EQ(m.platform.glibcxx, "3.4.30");
  EXPECT_EQ(m.platform.cxxabi, "1.3.13");
  EXPECT_EQ(m.isolation, "symbols");
  EXPECT_EQ(m.provenance.commit, "abc");
  EXPECT_EQ(m.provenance.build_time, "2024-01-01T00:00:00Z");
  EXPECT_EQ(m.provenance.compiler, "g++ 12.2");
  EXPECT_EQ(m.provenance.flags, "-O2");
  EXPECT_EQ(package_name(m), "orders-1.0.0.ark");

  ASSERT_EQ(m.exports.size(), 1u);
  EXPECT_EQ(to_string(m.exports[0]), "com.acme.Orders@1.2");
  const auto& layout = m.exports[0].layout;
  EXPECT_EQ(layout.contract.id, "com.acme.Orders");
  ASSERT_EQ(layout.contract.methods.size(), 2u);
  EXPECT_TRUE(layout.contract.methods[0].params[0].by_reference);
  EXPECT_EQ(layout.contract.methods[0].params[0].type, "com.acme.Line");
  EXPECT_FALSE(layout.contract.methods[0].params[1].by_reference);
  EXPECT_TRUE(layout.contract.methods[1].is_const && layout.contract.methods[1].is_noexcept);
  EXPECT_EQ(layout.contract.unlisted_slots(), 0);
  EXPECT_EQ(m.exports[0].digest, layout_digest(layout));

  ASSERT_EQ(m.imports.size(), 2u);
  EXPECT_EQ(to_string(m.imports[0]), "com.acme.Greeter@[1.0,2.0)");
  EXPECT_FALSE(m.imports[0].optional);
  EXPECT_EQ(m.imports[0].layout.contract.id, "com.acme.Greeter");
  EXPECT_EQ(m.imports[0].digest, layout_digest(m.imports[0].layout));
  EXPECT_TRUE(m.imports[1].optional);
  EXPECT_TRUE(m.imports[1].layout.empty());
  EXPECT_EQ(m.imports[1].digest, 0u);

  ASSERT_EQ(m.dependencies.size(), 2u);
  EXPECT_EQ(to_string(m.dependencies[0]), "greeter@[1.0,2.0)");
  EXPECT_EQ(to_string(m.dependencies[1]), "audit");
  EXPECT_THAT(m.resources_for_others(), ElementsAre("logo.png", "mail/a.html", "mail/b.html"));
  ASSERT_EQ(m.imported_resources.size(), 2u);
  EXPECT_EQ(to_string(m.imported_resources[0]), "templates/*");
  EXPECT_FALSE(m.imported_resources[0].optional);
  EXPECT_TRUE(m.imported_resources[1].optional);
  EXPECT_TRUE(m.imports_resource("templates/a") && m.imports_resource("schema.json"));
  EXPECT_FALSE(m.imports_resource("schema.jso") || m.imports_resource("template") ||
               m.imports_resource("schema.json?"));
  EXPECT_THAT(m.denied.services, ElementsAre("com.acme.legacy.*"));
  EXPECT_THAT(m.denied.resources, ElementsAre("templates/old/*", "a.txt"));
  ASSERT_EQ(m.files.size(), 6u);
  const auto* so = m.find_file("lib/orders.so");
  ASSERT_NE(so, nullptr);
  EXPECT_EQ(so->size, 1000u);
  EXPECT_EQ(so->sha256, kDigest);
  EXPECT_EQ(so->build_id, "00ff");
  EXPECT_EQ(so->init_array, 4096u);
  EXPECT_EQ(so->init_array_size, 16u);
  EXPECT_EQ(so->fini_array, 8192u);
  EXPECT_EQ(so->fini_array_size, 8u);
  EXPECT_THAT(so->stamps, testing::ElementsAre(17u, 4711u));
  EXPECT_EQ(m.find_file("lib/none.so"), nullptr);
}

TEST(Manifest, WhatIsWrittenIsReadBackAndWrittenAlike) {
  auto written = write_manifest(good());
  auto again = parse_manifest(written, "written");
  ASSERT_TRUE(again.ok()) << again.status().text() << "\n" << written;
  EXPECT_EQ(write_manifest(*again), written);
  EXPECT_EQ(again->exports[0].layout, good().exports[0].layout);
  EXPECT_EQ(again->exports[0].digest, good().exports[0].digest);
  EXPECT_EQ(again->imports[0].layout, good().imports[0].layout);

  // All that was said is still said: but for keys of the author's own, empty lists and defaults, it is the same JSON.
  auto before = nlohmann::json::parse(kGood), after = nlohmann::json::parse(written);
  for (const char* gone : {"x-team", "config"}) before.erase(gone);
  EXPECT_EQ(after, before) << nlohmann::json::diff(before, after).dump(1);
}

TEST(Manifest, TheOrderOfKeysDoesNotMatter) {
  // A tree sorts its keys: "layout" comes before "service".
  auto sorted = parse_manifest(nlohmann::json::parse(kGood).dump(), "sorted");
  ASSERT_TRUE(sorted.ok()) << sorted.status().text();
  EXPECT_EQ(write_manifest(*sorted), write_manifest(good()));
}

TEST(Manifest, DefaultsAreFilledIn) {
  auto parsed = parse_manifest(
      R"({"format": 1, "kind": "plugin", "name": "p", "version": "1.0.0", "entry": "lib/p.so", "fingerprint": "x", "abi": 1, "sdk": "0.1.0",
    "files": [{"path": "lib/p.so", "size": 1, "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]})",
      "t");
  ASSERT_TRUE(parsed.ok()) << parsed.status().text();
  EXPECT_EQ(parsed->kind, Kind::kPlugin);
  EXPECT_EQ(parsed->priority, 100);
  EXPECT_EQ(parsed->isolation, "symbols");
  EXPECT_TRUE(parsed->platform.glibc.empty());
}

// ---- bad ones ----

struct Bad {
  std::string_view from, to;  ///< what is replaced in the good manifest
  std::string_view message;
  Code code = Code::kCorrupt;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << "replacing " << bad.from << " by " << bad.to; }

const Bad kBad[] = {
    // keys
    {"\"priority\": 50", "\"prioritty\": 50",
     "ark.json:8: prioritty: unknown key \"prioritty\" in the manifest; it may have format, kind, name, "},
    {"\"build-id\": \"00ff\"", "\"buildid\": \"00ff\"",
     "ark.json:55: files[0].buildid: unknown key \"buildid\" in a file; it may have path, size, "},
    {"{\"name\": \"cancel\", \"slot\": 3,", "{\"name\": \"cancel\", \"slot\": 3,\n\"inline\": true,",
     "ark.json:24: exports.services[0].layout.methods[1].inline: unknown key \"inline\" in a method"},
    {"\"glibc\":", "\"musl\":", "ark.json:12: platform.musl: unknown key \"musl\" in the platform"},
    {"\"size\": 40,", "",
     "ark.json:27: exports.services[0].layout.structs.com.acme.Line: the key \"size\" is missing in a struct"},
    {"\"name\": \"orders\",", "", "ark.json:1: the key \"name\" is missing in the manifest"},
    {"\"service\": \"com.acme.Clock?\"", "",
     "ark.json:43: imports.services[1]: the key \"service\" is missing in an imported service"},
    {"\"priority\": 50", "\"priority\": 50, \"priority\": 60",
     "ark.json:8: priority: the key stands here a second time"},
    {"\"priority\": 50", "\"priority\": 50,\n\"kind\": \"biz\"", "ark.json:9: kind: the key stands here a second time"},
    {"\"x-team\": {", "\"x-team\": 1, \"x-team\": {", "ark.json:51: x-team: the key stands here a second time"},
    {"\"com.acme.OutOfStock\": {", "\"com.acme.Line\": {",
     "ark.json:30: exports.services[0].layout.structs.com.acme.Line: it is described a second time"},
    // types
    {"\"priority\": 50", "\"priority\": \"high\"",
     "ark.json:8: priority: found the text \"high\", expected a whole number from -2147483648 to 2147483647"},
    {"\"priority\": 50", "\"priority\": 5e1", "ark.json:8: priority: found the number 5e1, expected a whole number"},
    {"\"priority\": 50", "\"priority\": 3000000000",
     "ark.json:8: priority: found the number 3000000000, expected a whole number"},
    {"\"priority\": 50", "\"priority\": null", "ark.json:8: priority: found null, expected a whole number"},
    {"\"name\": \"orders\"", "\"name\": 7", "ark.json:4: name: found the number 7, expected a text"},
    {"\"size\": 1000", "\"size\": -1",
     "ark.json:54: files[0].size: found the number -1, expected a whole number from 0 to 18446744073709551615"},
    {"\"exports\": {", "\"exports\": [], \"x-exports\": {", "ark.json:13: exports: found an array, expected an object"},
    {"\"const\": true", "\"const\": 1",
     "ark.json:23: exports.services[0].layout.methods[1].const: found the number 1, expected true or false"},
    {"\"dependencies\": [\"greeter@[1.0,2.0)\", \"audit\"]", "\"dependencies\": \"greeter\"",
     "ark.json:50: dependencies: found the text \"greeter\", expected an array"},
    // values
    {"\"format\": 1", "\"format\": 0", "ark.json:2: format: found the number 0, expected a whole number from 1"},
    {"\"format\": 1", "\"format\": 2",
     "ark.json:2: format: format 2 of packages is not supported by this version (0.1.0); pack the module with",
     Code::kUnsupported},
    {"\"kind\": \"biz\"", "\"kind\": \"bundle\"", "ark.json:3: kind: found \"bundle\", expected \"biz\" or \"plugin\""},
    {"\"name\": \"orders\"", "\"name\": \"Orders\"",
     "ark.json:4: name: \"Orders\" is not a module's name; use at most 64 of a-z"},
    {"\"name\": \"orders\"", "\"name\": \"../orders\"", "ark.json:4: name: \"../orders\" is not a module's name"},
    {"\"name\": \"orders\"", "\"name\": \".orders\"", "ark.json:4: name: \".orders\" is not a module's name"},
    {"\"name\": \"orders\"", "\"name\": \"\"", "ark.json:4: name: \"\" is not a module's name"},
    {"\"version\": \"1.0.0\"", "\"version\": \"1.x\"", "ark.json:5: version: \"1.x\" is not a version: "},
    {"\"sdk\": \"0.1.0\"", "\"sdk\": \"new\"", "ark.json:11: sdk: \"new\" is not a version: "},
    {"\"fingerprint\": \"machine=x86_64\"", "\"fingerprint\": \"\"",
     "ark.json:9: fingerprint: found an empty text, expected one with something in it"},
    {"\"glibc\": \"2.36\"", "\"glibc\": \"GLIBC_2.36\"",
     "ark.json:12: platform.glibc: found \"GLIBC_2.36\", expected a version of the library's symbols, such as 2.36"},
    {"\"entry\": \"lib/orders.so\"", "\"entry\": \"lib/other.so\"",
     "ark.json:7: entry: \"lib/other.so\" is not among the files of the manifest"},
    {"\"entry\": \"lib/orders.so\"", "\"entry\": \"/lib/orders.so\"",
     "ark.json:7: entry: the path \"/lib/orders.so\" is absolute"},
    {"com.acme.Orders@1.2", "com.acme.Orders",
     "ark.json:16: exports.services[0].service: \"com.acme.Orders\" is not an exported service: it names no version"},
    {"com.acme.Orders@1.2", "com.acme.Orders@[1.0,2.0)",
     "ark.json:16: exports.services[0].service: \"com.acme.Orders@[1.0,2.0)\" is not an exported service: "
     "\"[1.0,2.0)\" is not a version"},
    {"com.acme.Orders@1.2", "com acme@1.2",
     "ark.json:16: exports.services[0].service: \"com acme@1.2\" is not an exported service: its id is not"},
    {"com.acme.Greeter@[1.0,2.0)", "com.acme.Greeter@[2.0,1.0)",
     "ark.json:42: imports.services[0].service: \"com.acme.Greeter@[2.0,1.0)\" is not an imported service: "
     "\"[2.0,1.0)\" is not a range"},
    {"com.acme.Greeter@[1.0,2.0)", "com.acme.Greeter@",
     "ark.json:42: imports.services[0].service: \"com.acme.Greeter@\" is not an imported service: no range of versions "
     "follows @"},
    {"com.acme.Clock?", "com.acme.Greeter?",
     "ark.json:43: imports.services[1]: com.acme.Greeter stands here a second time"},
    {"greeter@[1.0,2.0)\", \"audit\"", "greeter\",\n\"Audit\"",
     "ark.json:51: dependencies[1]: \"Audit\" is not a dependency: \"Audit\" is not a module's name"},
    {"\"isolation\": \"symbols\"", "\"isolation\": \"strong\"",
     "ark.json:49: isolation: found \"strong\", expected \"symbols\""},
    {"\"sha256\": \"0123", "\"sha256\": \"X123", "ark.json:54: files[0].sha256: found \"X123456789abcdef"},
    {"\"sha256\": \"0123", "\"sha256\": \"123", "ark.json:54: files[0].sha256: found \"123456789abcdef"},
    {"\"build-id\": \"00ff\"", "\"build-id\": \"00f\"",
     "ark.json:55: files[0].build-id: found \"00f\", expected an even number of hexadecimal digits in lower case"},
    // files
    {"conf/orders.json", "lib/orders.so", "ark.json:56: files[1]: lib/orders.so stands here a second time"},
    {"conf/orders.json", "../orders.json",
     "ark.json:56: files[1].path: the path \"../orders.json\" leads out of the package with .."},
    {"conf/orders.json", "conf/../../orders.json",
     "ark.json:56: files[1].path: the path \"conf/../../orders.json\" leads out of the package with .."},
    {"conf/orders.json", "conf//orders.json",
     "ark.json:56: files[1].path: the path \"conf//orders.json\" has an empty part"},
    {"conf/orders.json", "conf/./orders.json",
     "ark.json:56: files[1].path: the path \"conf/./orders.json\" contains a part that is only a dot"},
    {"conf/orders.json", "conf/", "ark.json:56: files[1].path: the path \"conf/\" ends in /"},
    {"conf/orders.json", "conf\\\\orders.json",
     "ark.json:56: files[1].path: the path \"conf\\orders.json\" contains a backslash"},
    {"conf/orders.json", "conf/\\u0001",
     "ark.json:56: files[1].path: the path \"conf/\x01\" contains a control character"},
    {"conf/orders.json", "ark.json", "ark.json:56: files[1].path: the manifest does not list itself"},
    // layouts
    {"\"com.acme.Line&\"", "\"com.acme.Line*\"",
     "ark.json:22: exports.services[0].layout.methods[0].params[0]: found \"com.acme.Line*\", expected a type"},
    {"\"com.acme.Line&\"", "\"com.acme.Lines&\"",
     "ark.json:17: exports.services[0]: layout: \"com.acme.Lines\" is used, but not described"},
    {"callback<com.acme.Listener>", "callback<com.acme.Other>",
     "ark.json:17: exports.services[0]: layout: \"com.acme.Other\" is used, but not described"},
    {"\"errors\": [\"com.acme.OutOfStock\"]", "\"errors\": [\"com.acme.Late\"]",
     "ark.json:17: exports.services[0]: layout: \"com.acme.Late\" is used, but not described"},
    {"\"com.acme.Listener\": {", "\"com.acme.Orders\": {",
     "ark.json:17: exports.services[0]: layout: the contract itself stands under contracts"},
    {"\"result\": \"i64\"", "\"result\": \"int\"",
     "ark.json:17: exports.services[0]: layout: \"int\" is used, but not described"},
    {"\"type\": \"string\"", "\"type\": \"list<\"",
     "ark.json:28: exports.services[0].layout.structs.com.acme.Line.members[0].type: found \"list<\", expected a type"},
    {"\"slot\": 2", "\"slot\": 4294967295",
     "ark.json:22: exports.services[0].layout.methods[0].slot: found the number 4294967295, expected a whole number "
     "from 0 to 4294967294"},
    {"\"version\": \"1.2\"", "\"version\": \"x\"",
     "ark.json:18: exports.services[0].layout.version: \"x\" is not a version"},
    {"\"name\": \"place\"", "\"name\": \"\"",
     "ark.json:22: exports.services[0].layout.methods[0].name: found an empty text, expected a name"},
    {"\"com.acme.Line\": {", "\"com acme\": {",
     "ark.json:27: exports.services[0].layout.structs.com acme: \"com acme\" is not an id"},
    // resources
    {"\"logo.png\"]", "\n\"/logo.png\"]",
     "ark.json:39: exports.resources[1]: \"/logo.png\" does not name resources: as a path below resources/ it is "
     "absolute"},
    {"\"logo.png\"]", "\"../lib/*\"]",
     "ark.json:38: exports.resources[1]: \"../lib/*\" does not name resources: as a path below resources/ it leads out "
     "of the package with .."},
    {"\"logo.png\"]", "\"*.png\"]",
     "ark.json:38: exports.resources[1]: \"*.png\" does not name resources: a '*' may only be its last character"},
    {"\"logo.png\"]", "\"\"]",
     "ark.json:38: exports.resources[1]: \"\" does not name resources: as a path below resources/ it is empty"},
    {"\"logo.png\"]", "\"mail/*\"]", "ark.json:38: exports.resources[1]: \"mail/*\" stands here a second time"},
    {"\"logo.png\"]", "7]", "ark.json:38: exports.resources[1]: found the number 7, expected a text"},
    {"\"logo.png\"]", "\n\"logo.jpg\"]",
     "ark.json:39: exports.resources[1]: no file of the package is \"resources/logo.jpg\""},
    {"\"mail/*\"", "\"conf/*\"", "ark.json:38: exports.resources[0]: no file of the package is \"resources/conf/*\""},
    {"schema.json?", "schema//json?",
     "ark.json:45: imports.resources[1]: \"schema//json\" does not name resources: as a path below resources/ it has "
     "an empty part"},
    {"schema.json?", "templates/*?", "ark.json:45: imports.resources[1]: \"templates/*\" stands here a second time"},
    {"[\"templates/*\", \"schema.json?\"]", "\"templates/*\"",
     "ark.json:45: imports.resources: found the text \"templates/*\", expected an array"},
    // denials
    {"{\"services\": [\"com.acme.legacy.*\"], \"resources\": [\"templates/old/*\", \"a.txt\"]}",
     "[\"com.acme.legacy.*\"]", "ark.json:47: deny-imports: found an array, expected an object"},
    {"\"deny-imports\": {\"services\"", "\"deny-imports\": {\"classes\"",
     "ark.json:47: deny-imports.classes: unknown key \"classes\" in the denied imports; it may have services, "
     "resources"},
    {"com.acme.legacy.*", "com.*.legacy",
     "ark.json:47: deny-imports.services[0]: \"com.*.legacy\" does not name services: a '*' may only be its last "
     "character"},
    {"com.acme.legacy.*", "com.acme.legacy@1.0",
     "ark.json:47: deny-imports.services[0]: \"com.acme.legacy@1.0\" does not name services: write an id as"},
    {"com.acme.legacy.*", "", "ark.json:47: deny-imports.services[0]: \"\" does not name services: write an id as"},
    {"\"a.txt\"", "\"a\\\\b\"",
     "ark.json:47: deny-imports.resources[1]: \"a\\b\" does not name resources: as a path below resources/ it contains "
     "a backslash"},
    {"\"a.txt\"", "\"templates/old/*\"",
     "ark.json:47: deny-imports.resources[1]: \"templates/old/*\" stands here a second time"},
    // features to come
    {"\"config\": {}", "\"config\": {\"port\": {}}",
     "ark.json:48: config.port: configuration keys of modules are not supported by this version (0.1.0)",
     Code::kUnsupported},
    {"\"isolation\": \"symbols\"", "\"isolation\": \"process\"",
     "ark.json:49: isolation: isolation \"process\" of a package is not supported by this version (0.1.0)",
     Code::kUnsupported},
    {"com.acme.Greeter@[1.0,2.0)", "com.acme.Greeter@[1.0,2.0) remote",
     "ark.json:42: imports.services[0].service: \"com.acme.Greeter@[1.0,2.0) remote\": remote imports are not "
     "supported by this version (0.1.0)",
     Code::kUnsupported},
    // syntax: the words are the JSON library's
    {"\"priority\": 50,", "\"priority\": 50",
     "ark.json:9: syntax error while parsing object - unexpected string literal; expected '}'"},
    {"\"abi\": 1", "\"abi\": 1,",
     "ark.json:10: syntax error while parsing object key - unexpected ','; expected string literal"},
    {"Takes \\\"orders\\\"", "Takes\norders",
     "ark.json:6: syntax error while parsing value - invalid string: control character U+000A (LF) must be escaped"},
    {"Takes \\\"orders\\\"", "\\u0000", "ark.json:6: a text holds a NUL"},
};

class BadManifest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadManifest, IsRefusedNamingLineAndKey) {
  auto [from, to, message, code] = GetParam();
  auto text = kGood;
  auto at = text.find(from);
  ASSERT_NE(at, text.npos) << from;
  text.replace(at, from.size(), to);
  auto parsed = parse_manifest(text, "ark.json");
  ASSERT_FALSE(parsed.ok()) << "replacing " << from << " by " << to;
  EXPECT_THAT(parsed.status().text(), StartsWith(std::string(message)));
  EXPECT_EQ(parsed.status().code(), code);
}

INSTANTIATE_TEST_SUITE_P(All, BadManifest, ::testing::ValuesIn(kBad));

TEST(Manifest, AStarStandsForWhateverFollows) {
  EXPECT_TRUE(matches("META/*", "META/a/b"));
  EXPECT_TRUE(matches("META/*", "META/"));
  EXPECT_FALSE(matches("META/*", "META"));
  EXPECT_TRUE(matches("*", "anything"));
  EXPECT_TRUE(matches("com.acme*", "com.acmeworks.Clock"));  // the same in exports, imports and denials
  EXPECT_FALSE(matches("com.acme.*", "com.acmeworks.Clock"));
  EXPECT_FALSE(matches("com.acme", "com.acme.Clock"));
  EXPECT_TRUE(covers("a/*", "a/b") && covers("a/*", "a/*") && covers("a/*", "a/b*") && covers("*", "*") &&
              covers("a", "a"));
  EXPECT_FALSE(covers("a/b*", "a/*") || covers("a/b", "a/b*") || covers("a", "b"));
}

TEST(Manifest, AnImportThatItDeniesIsAContradiction) {
  auto m = good();
  EXPECT_TRUE(contradictions_of(m).empty());  // of templates/* only a part is denied
  m.denied = {{"com.acme.*"}, {"templates*"}};
  EXPECT_THAT(contradictions_of(m), ElementsAre("orders 1.0.0 imports com.acme.Greeter@[1.0,2.0), but denies it: "
                                                "deny-imports.services has \"com.acme.*\"; remove one of the two",
                                                "orders 1.0.0 imports com.acme.Clock?, but denies it: "
                                                "deny-imports.services has \"com.acme.*\"; remove one of the two",
                                                "orders 1.0.0 imports the resources templates/*, but denies it: "
                                                "deny-imports.resources has \"templates*\"; remove one of the two"));
}

TEST(Manifest, EveryTruncationIsRefused) {
  for (size_t size = 0; size + 2 < kGood.size(); ++size)
    EXPECT_FALSE(parse_manifest(kGood.substr(0, size), "t").ok()) << size;
  EXPECT_THAT(parse_manifest("", "t").status().text(),
              StartsWith("t:1: syntax error while parsing value - unexpected end of input"));
}

TEST(Manifest, TooManyKeysOfTheAuthorsOwnAreRefused) {
  std::string own = "{";
  for (int i = 0; i < 300; ++i) own += "\"x-" + std::to_string(i) + "\": 0, ";
  auto parsed = parse_manifest(own + kGood.substr(1), "t");
  EXPECT_EQ(parsed.status().code(), Code::kResourceExhausted);
}

TEST(Manifest, TooManyStructsAreRefusedInGoodTime) {
  std::string structs = "\"structs\": {";
  for (int i = 0; i < 5000; ++i)
    structs += "\"S" + std::to_string(i) + "\": {\"size\": 0, \"align\": 1, \"members\": []}, ";
  auto text = kGood;
  auto at = text.find("\"structs\": {");
  text.replace(at, 12, structs);
  EXPECT_THAT(parse_manifest(text, "t").status().text(),
              HasSubstr("more than 4096 structs or contracts are described"));
}

TEST(Manifest, LongNamesAreRefused) {
  EXPECT_TRUE(check_module_name(std::string(64, 'a')).ok());
  EXPECT_FALSE(check_module_name(std::string(65, 'a')).ok());
  EXPECT_TRUE(check_module_name("0-a.b_c").ok());
}

}  // namespace
}  // namespace ark::container::package
