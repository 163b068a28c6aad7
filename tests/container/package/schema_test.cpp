// docs/ark.schema.json says what the parser does.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "contract_tables.hpp"
#include "package/json_fields.hpp"
#include "package/manifest.hpp"
#include "package/package.hpp"
#include "sample.hpp"

namespace ark::container::package {
namespace {

using nlohmann::json;
using ::testing::UnorderedElementsAreArray;

const json& schema() {
  static const json parsed = [] {
    std::ifstream file(ARK_SCHEMA_FILE);
    return json::parse(file);
  }();
  return parsed;
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(Schema, KnowsTheKeysThatTheParserKnows) {
  for (const auto& object : known_manifest_objects()) {
    const auto& described = schema().at(json::json_pointer(object.name.substr(1)));
    EXPECT_THAT(keys_of(described.at("properties")), UnorderedElementsAreArray(object.keys.begin(), object.keys.end()))
        << object.name;
    auto required = described.value("required", std::vector<std::string>());
    EXPECT_THAT(required, UnorderedElementsAreArray(object.required.begin(), object.required.end())) << object.name;
    EXPECT_EQ(described.at("additionalProperties"), json(false)) << object.name;
    EXPECT_EQ(described.at("patternProperties"), json({{"^x-", true}})) << object.name;
  }
}

void count_objects(const json& node, size_t& count) {
  if (!node.is_structured()) return;
  if (node.is_object() && node.contains("properties") && node["properties"].is_object()) ++count;
  for (const auto& child : node) count_objects(child, count);
}

TEST(Schema, DescribesNoObjectThatTheParserDoesNotKnow) {
  size_t count = 0;
  count_objects(schema(), count);
  EXPECT_EQ(count, known_manifest_objects().size());
}

TEST(Schema, RefersOnlyToWhatItDefines) {
  std::function<void(const json&)> walk = [&](const json& node) {
    if (!node.is_structured()) return;
    if (node.is_object() && node.contains("$ref")) {
      auto target = node["$ref"].get<std::string>();
      EXPECT_TRUE(schema().contains(json::json_pointer(target.substr(1)))) << target;
    }
    for (const auto& child : node) walk(child);
  };
  walk(schema());
}

TEST(Schema, EveryKeyThatIsWrittenIsInIt) {
  test::Tables t;
  const auto* line = t.structure("com.acme.Line", 8, ARK_TYPE_TRIVIAL, {{"x", 0, t.i64()}});
  const auto* listener = t.contract("com.acme.Listener", "1.0", 1, {{"m", 0, line, {}}}, {}, 0);
  auto manifest = test::sample_manifest({{"lib/orders.so", "x"}});
  ServiceExport service;
  service.id = "com.acme.Orders";
  service.version = "1.0";
  service.layout = layout_of(*t.contract(service.id, "1.0", 3,
                                         {{"m",
                                           2,
                                           line,
                                           {test::by_value(t.to_contract(ARK_KIND_CALLBACK, listener))},
                                           ARK_METHOD_CONST | ARK_METHOD_NOEXCEPT,
                                           8}},
                                         {line}, 2, ARK_CONTRACT_LOCAL));
  manifest.exports.push_back(service);
  manifest.imports.push_back({service.id, Range(), true, false, service.layout, 0});
  manifest.dependencies.push_back({"greeter", Range()});
  manifest.files.push_back(manifest.files[0]);
  manifest.files[1].path = "resources/a/b";
  manifest.exported_resources = {"a/*"};
  manifest.imported_resources = {{"b", false}, {"c/*", true}};
  manifest.denied = {{"com.acme.*"}, {"d"}};
  manifest.description = "d";
  manifest.platform = {"2.36", "3.4.30", "1.3.13"};
  manifest.provenance = {"c", "t", "g++", "-O2"};
  manifest.files[0].build_id = "00";
  manifest.files[0].init_array = manifest.files[0].init_array_size = manifest.files[0].fini_array =
      manifest.files[0].fini_array_size = 8;
  manifest.files[0].stamps = {17};
  auto written = json::parse(write_manifest(manifest));

  // Follows the schema down every value that was written.
  std::function<void(const json&, json, const std::string&)> check = [&](const json& value, json rules,
                                                                         const std::string& where) {
    while (rules.contains("$ref")) rules = schema().at(json::json_pointer(rules["$ref"].get<std::string>().substr(1)));
    if (value.is_array() && rules.contains("items")) {
      for (const auto& element : value) check(element, rules["items"], where + "[]");
    }
    if (!value.is_object()) return;
    for (const auto& [key, member] : value.items()) {
      auto below = where + "." + key;
      if (rules.contains("properties") && rules["properties"].contains(key)) {
        check(member, rules["properties"][key], below);
      } else {
        ASSERT_TRUE(rules.contains("additionalProperties") && rules["additionalProperties"].is_object()) << below;
        check(member, rules["additionalProperties"], below);
      }
    }
  };
  check(written, schema(), "");
  EXPECT_TRUE(parse_manifest(written.dump(), "t").ok());
}

TEST(Schema, ItsNumbersAreThoseOfTheParser) {
  EXPECT_EQ(schema()["properties"]["format"]["const"], kManifestFormat);
  auto text = write_manifest(test::sample_manifest({{"lib/orders.so", "x"}}));
  auto with_priority = [&](int64_t priority) {
    auto manifest = json::parse(text);
    manifest["priority"] = priority;
    return parse_manifest(manifest.dump(), "t").ok();
  };
  int64_t least = schema()["properties"]["priority"]["minimum"], most = schema()["properties"]["priority"]["maximum"];
  EXPECT_TRUE(with_priority(least) && with_priority(most));
  EXPECT_FALSE(with_priority(least - 1) || with_priority(most + 1));
}

TEST(Schema, ItsPatternsTakeWhatTheParserTakes) {
  const auto pattern_of = [](const char* place) {
    return std::regex(schema().at(json::json_pointer(place)).get<std::string>());
  };
  const auto services = pattern_of("/properties/deny-imports/properties/services/items/pattern");
  for (const char* text : {"com.acme.Greeter", "com.acme.*", "*", "", "a*b", "1a", "a b"}) {
    EXPECT_EQ(std::regex_match(text, services), check_service_pattern(text).ok()) << text;
  }
  const auto resources = pattern_of("/$defs/resources/items/pattern");
  for (const char* text : {"a/b.html", "a/*", "*", "a*b", "/a", "**"}) {
    EXPECT_EQ(std::regex_match(text, resources), check_resource_pattern(text).ok()) << text;
  }
  const auto imports = pattern_of("/properties/imports/properties/resources/items/pattern");
  for (const char* text : {"a/b.html", "a/*?", "a?", "*?", "a*b?", "/a", "*/a"}) {
    EXPECT_EQ(std::regex_match(text, imports), parse_resource_import(text).ok()) << text;
  }
}

TEST(Schema, TheExampleOfTheDocumentationIsAManifest) {
  std::ifstream file(ARK_MANIFEST_PAGE);
  std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto begin = page.find("```json\n"), end = page.find("\n```", begin);
  ASSERT_NE(begin, page.npos);
  auto parsed = parse_manifest(std::string_view(page).substr(begin + 8, end - begin - 8), "manifest.md");
  ASSERT_TRUE(parsed.ok()) << parsed.status().text();
  EXPECT_EQ(parsed->exports[0].layout.contract.unlisted_slots(), 0);
}

}  // namespace
}  // namespace ark::container::package
