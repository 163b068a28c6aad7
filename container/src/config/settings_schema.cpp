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

Json schema_of(const Key& key) {
  Json schema;
  switch (key.type) {
    case Type::kBoolean:
      schema = {{"type", "boolean"}, {"default", key.preset == "true"}};
      break;
    case Type::kInteger:
      schema = {{"type", "integer"}, {"default", number(key.preset)}, {"minimum", number(key.least)}, {"maximum", number(key.most)}};
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

}  // namespace

std::string settings_schema() {
  Json properties = Json::object();
  for (const auto& key : known_keys()) properties[std::string(key.name)] = schema_of(key);
  const Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "conf/container.json of ark-container; the parts of a key may also be nested objects"},
                       {"type", "object"},
                       {"properties", properties}};
  return schema.dump(2) + "\n";
}

}  // namespace ark::container::config
