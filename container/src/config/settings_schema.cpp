#include <charconv>
#include <nlohmann/json.hpp>

#include "config/settings.hpp"

namespace ark::container::config {
namespace {

using Json = nlohmann::ordered_json;

int64_t number(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// What Settings::read takes: numbers and booleans may stand in quotes.
Json schema_of(const Key& key) {
  Json schema;
  switch (key.type) {
    case Type::kBoolean:
      schema = {{"enum", {true, false, "true", "false"}}, {"default", key.preset == "true"}};
      break;
    case Type::kInteger:
      schema = {{"type", {"integer", "string"}},
                {"default", number(key.preset)},
                {"minimum", number(key.least)},
                {"maximum", number(key.most)}};
      break;
    case Type::kSize:
      schema = {{"type", {"integer", "string"}}, {"default", key.preset}};
      break;
    case Type::kLevel:
      schema = {{"enum", {"trace", "debug", "info", "warn", "error"}}, {"default", key.preset}};
      break;
    default:
      schema = {{"type", "string"}, {"default", key.preset}};
  }
  schema["description"] = key.meaning;
  return schema;
}

/// For one module what holds for all is the default.
Json without_default(Json schema) {
  schema.erase("default");
  return schema;
}

Json empty_object() { return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}}; }

/// "a.b.c" may be written as one key, or as a key within the section "a" or "a.b".
void add(Json& object, std::string_view name, const Json& schema) {
  auto& properties = object["properties"];
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    auto& section = properties[std::string(name.substr(0, dot))];
    if (section.is_null()) section = empty_object();
    add(section, name.substr(dot + 1), schema);
  }
  properties[std::string(name)] = schema;
}

}  // namespace

std::string settings_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "conf/container.json of ark-container"}};
  schema.update(empty_object());
  Json one_module = empty_object();
  for (const auto& key : known_keys()) {
    add(schema, key.name, schema_of(key));
    if (key.per_module) add(one_module, key.name, without_default(schema_of(key)));
  }
  schema["properties"]["modules"] = {
      {"type", "object"}, {"description", "by name of the module"}, {"additionalProperties", one_module}};
  return schema.dump(2) + "\n";
}

}  // namespace ark::container::config
