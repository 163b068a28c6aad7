#include "value_writer.hpp"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "wire_error.hpp"

namespace json_carrier {

using nlohmann::json;

namespace {

int64_t signed_of(const ark_type_t& type, const void* value) {
  switch (type.size) {
    case 1:
      return *static_cast<const int8_t*>(value);
    case 2:
      return *static_cast<const int16_t*>(value);
    case 4:
      return *static_cast<const int32_t*>(value);
    default:
      return *static_cast<const int64_t*>(value);
  }
}

uint64_t unsigned_of(const ark_type_t& type, const void* value) {
  uint64_t number = 0;
  std::memcpy(&number, value, type.size);
  return number;
}

/// JSON has no number for these.
json float_of(const ark_type_t& type, const void* value) {
  const double number = type.size == 4 ? *static_cast<const float*>(value) : *static_cast<const double*>(value);
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

json hex_of(const ark_type_t& type, const void* value) {
  static const char kDigits[] = "0123456789abcdef";
  size_t size = 0;
  const char* data = type.ops->text(value, &size);
  std::string hex;
  hex.reserve(2 * size);
  for (size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(data[i]);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

json text_of(const ark_type_t& type, const void* value) {
  size_t size = 0;
  const char* data = type.ops->text(value, &size);
  return std::string(data, size);
}

}  // namespace

json ValueWriter::write(const ark_type_t& type, const void* value) {
  struct Level {
    int& depth;
    explicit Level(int& d) : depth(d) {
      if (++depth > kMaxDepth)
        throw WireError("a value is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    ~Level() { --depth; }
  } level(depth_);
  switch (type.kind) {
    case ARK_KIND_VOID:
      return nullptr;
    case ARK_KIND_BOOL:
      return *static_cast<const bool*>(value);
    case ARK_KIND_INT:
      return signed_of(type, value);
    case ARK_KIND_UINT:
      return unsigned_of(type, value);
    case ARK_KIND_FLOAT:
      return float_of(type, value);
    case ARK_KIND_ENUM:
    case ARK_KIND_DURATION:
    case ARK_KIND_TIME:
      return write(*type.element, value);
    case ARK_KIND_STRING:
    case ARK_KIND_VIEW:
      return text_of(type, value);
    case ARK_KIND_BYTES:
      return hex_of(type, value);
    case ARK_KIND_OPTIONAL: {
      const void* element = type.ops->get(value);
      return element ? json::array({write(*type.element, element)}) : json();
    }
    case ARK_KIND_VARIANT: {
      const auto index = type.ops->count(value);
      return json::array({index, write(*type.fields[index].type, type.ops->get(value))});
    }
    case ARK_KIND_STRUCT:
      return write_struct(type, value);
    case ARK_KIND_SHARED:
      return write_shared(type, value);
    case ARK_KIND_CALLBACK:
      return write_callback(type, value);
    case ARK_KIND_CONTRACT:
      throw WireError(std::string("a reference to ") + type.contract->id + " cannot leave the process");
    default:
      return write_elements(type, value);
  }
}

json ValueWriter::write_elements(const ark_type_t& type, const void* value) {
  json all = json::array();
  if (type.kind == ARK_KIND_ARRAY) {
    const auto* bytes = static_cast<const char*>(value);
    for (uint32_t i = 0; i < type.count; ++i) all.push_back(write(*type.element, bytes + i * type.element->size));
  } else if (type.kind == ARK_KIND_TUPLE) {
    for (uint32_t i = 0; i < type.count; ++i) {
      all.push_back(write(*type.fields[i].type, type.ops->at(const_cast<void*>(value), i)));
    }
  } else if (type.kind == ARK_KIND_LIST || type.kind == ARK_KIND_SET || type.kind == ARK_KIND_MAP) {
    // `each` must not be thrown through, so the elements are only found there and written afterwards.
    struct Found {
      std::vector<std::pair<const void*, const void*>> elements;
    } found;
    found.elements.reserve(type.ops->count(value));
    type.ops->each(
        value,
        [](void* to, const void* key, const void* element) {
          static_cast<Found*>(to)->elements.emplace_back(key, element);
        },
        &found);
    for (auto [key, element] : found.elements) {
      all.push_back(key ? json::array({write(*type.key, key), write(*type.element, element)})
                        : write(*type.element, element));
    }
  } else {
    throw WireError("kind " + std::to_string(type.kind) + " of a value is unknown to this carrier");
  }
  return all;
}

json ValueWriter::write_struct(const ark_type_t& type, const void* value) {
  json object = json::object();
  for (uint32_t i = 0; i < type.count; ++i) {
    object[type.fields[i].name] = write(*type.fields[i].type, static_cast<const char*>(value) + type.fields[i].offset);
  }
  return object;
}

json ValueWriter::write_shared(const ark_type_t& type, const void* value) {
  const void* object = type.ops->get(value);
  if (!object) return nullptr;
  auto [known, first] = shared_.try_emplace(object, static_cast<int64_t>(shared_.size()));
  json reference = {{"#", known->second}};
  if (first) reference["v"] = write(*type.element, object);
  return reference;
}

json ValueWriter::write_callback(const ark_type_t& type, const void* value) {
  const void* slot = type.ops->get(value);
  if (!slot) return nullptr;
  lent_.push_back(callbacks_.lend(static_cast<ark_slot_t*>(const_cast<void*>(slot))));
  return lent_.back();
}

}  // namespace json_carrier
