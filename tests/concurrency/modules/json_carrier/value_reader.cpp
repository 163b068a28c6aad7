#include "value_reader.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>

#include "wire_error.hpp"

namespace json_carrier {

using nlohmann::json;

namespace {

void need(bool right, const char* expected, const json& found) {
  if (!right)
    throw WireError(std::string("expected ") + expected + ", found " +
                    found.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// A value of a described type while it stands alone: the key of a map or set before it is moved in.
class Alone {
 public:
  explicit Alone(const ark_type_t& type) : type_(type), room_(::operator new(type.size, std::align_val_t(type.align))) {
    type_.construct(room_);
  }
  ~Alone() {
    type_.destroy(room_);
    ::operator delete(room_, std::align_val_t(type_.align));
  }
  Alone(const Alone&) = delete;
  void* get() { return room_; }

 private:
  const ark_type_t& type_;
  void* room_;
};

void read_float(const ark_type_t& type, const json& from, void* value) {
  double number;
  if (from == "NaN") {
    number = std::numeric_limits<double>::quiet_NaN();
  } else if (from == "Infinity" || from == "-Infinity") {
    number = from == "Infinity" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  } else {
    need(from.is_number(), "a number", from);
    number = from.get<double>();
  }
  if (type.size == 4) {
    *static_cast<float*>(value) = static_cast<float>(number);
  } else {
    *static_cast<double*>(value) = number;
  }
}

std::string bytes_from(const json& from) {
  need(from.is_string(), "hexadecimal text", from);
  const auto& hex = from.get_ref<const std::string&>();
  need(hex.size() % 2 == 0, "an even number of hexadecimal digits", from);
  auto digit = [&](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    need(c >= 'a' && c <= 'f', "hexadecimal digits", from);
    return c - 'a' + 10;
  };
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

const json& member(const json& object, const char* name) {
  auto found = object.find(name);
  need(found != object.end(), (std::string("a member '") + name + "'").c_str(), object);
  return *found;
}

}  // namespace

void ValueReader::read(const ark_type_t& type, const json& from, void* value) {
  struct Level {
    int& depth;
    explicit Level(int& d) : depth(d) {
      if (++depth > kMaxDepth)
        throw WireError("a message is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    ~Level() { --depth; }
  } level(depth_);
  switch (type.kind) {
    case ARK_KIND_VOID:
      return;
    case ARK_KIND_BOOL:
      need(from.is_boolean(), "true or false", from);
      *static_cast<bool*>(value) = from.get<bool>();
      return;
    case ARK_KIND_INT:
    case ARK_KIND_UINT:
      return read_integer(type, from, value);
    case ARK_KIND_FLOAT:
      return read_float(type, from, value);
    case ARK_KIND_ENUM:
    case ARK_KIND_DURATION:
    case ARK_KIND_TIME:
      return read(*type.element, from, value);
    case ARK_KIND_STRING:
    case ARK_KIND_VIEW:
    case ARK_KIND_BYTES:
      return read_text(type, from, value);
    case ARK_KIND_LIST:
      return read_elements(type, from, value);
    case ARK_KIND_SET:
    case ARK_KIND_MAP:
      return read_keyed(type, from, value);
    case ARK_KIND_ARRAY:
    case ARK_KIND_TUPLE:
      return read_fixed(type, from, value);
    case ARK_KIND_OPTIONAL:
      if (from.is_null()) return;
      need(from.is_array() && from.size() == 1, "null or an array of one", from);
      return read(*type.element, from[0], type.ops->add(value, nullptr));
    case ARK_KIND_VARIANT: {
      need(from.is_array() && from.size() == 2 && from[0].is_number_unsigned() && from[0].get<uint64_t>() < type.count,
           "[index of the alternative, value]", from);
      const auto index = from[0].get<uint32_t>();
      return read(*type.fields[index].type, from[1], type.ops->choose(value, index));
    }
    case ARK_KIND_STRUCT:
      return read_struct(type, from, value);
    case ARK_KIND_SHARED:
      return read_shared(type, from, value);
    case ARK_KIND_CALLBACK:
      return read_callback(type, from, value);
    default:
      throw WireError("kind " + std::to_string(type.kind) + " of a value cannot be built by this carrier");
  }
}

void ValueReader::read_integer(const ark_type_t& type, const json& from, void* value) {
  need(from.is_number_integer(), "an integer", from);
  const int bits = 8 * static_cast<int>(type.size);
  if (type.kind == ARK_KIND_UINT) {
    need(from.is_number_unsigned(), "an integer that is not negative", from);
    const auto number = from.get<uint64_t>();
    need(bits == 64 || number >> bits == 0, ("an integer of " + std::to_string(bits) + " bits").c_str(), from);
    std::memcpy(value, &number, type.size);
    return;
  }
  const bool too_large =
      from.is_number_unsigned() && from.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const auto number = from.get<int64_t>();
  const auto rest = number >> (bits - 1);
  need(!too_large && (rest == 0 || rest == -1), ("a signed integer of " + std::to_string(bits) + " bits").c_str(),
       from);
  std::memcpy(value, &number, type.size);
}

void ValueReader::read_text(const ark_type_t& type, const json& from, void* value) {
  if (type.kind == ARK_KIND_BYTES) {
    const auto bytes = bytes_from(from);
    type.ops->assign(value, bytes.data(), bytes.size());
    return;
  }
  need(from.is_string(), "text", from);
  const auto* text = &from.get_ref<const std::string&>();
  if (type.kind == ARK_KIND_VIEW) text = &views_.emplace_back(*text);
  type.ops->assign(value, text->data(), text->size());
}

void ValueReader::read_elements(const ark_type_t& type, const json& from, void* value) {
  need(from.is_array(), "an array", from);
  type.ops->reserve(value, from.size());
  for (const auto& element : from) read(*type.element, element, type.ops->add(value, nullptr));
}

void ValueReader::read_keyed(const ark_type_t& type, const json& from, void* value) {
  need(from.is_array(), "an array", from);
  const bool is_map = type.kind == ARK_KIND_MAP;
  for (const auto& element : from) {
    need(!is_map || (element.is_array() && element.size() == 2), "[key, value]", element);
    Alone key(is_map ? *type.key : *type.element);
    read(is_map ? *type.key : *type.element, is_map ? element[0] : element, key.get());
    const auto before = type.ops->count(value);
    void* added = type.ops->add(value, key.get());
    need(type.ops->count(value) == before + 1, "keys that differ", from);
    if (is_map) read(*type.element, element[1], added);
  }
}

void ValueReader::read_fixed(const ark_type_t& type, const json& from, void* value) {
  need(from.is_array() && from.size() == type.count, ("an array of " + std::to_string(type.count)).c_str(), from);
  for (uint32_t i = 0; i < type.count; ++i) {
    if (type.kind == ARK_KIND_ARRAY) {
      read(*type.element, from[i], static_cast<char*>(value) + i * type.element->size);
    } else {
      read(*type.fields[i].type, from[i], type.ops->at(value, i));
    }
  }
}

void ValueReader::read_struct(const ark_type_t& type, const json& from, void* value) {
  need(from.is_object(), type.id, from);
  for (uint32_t i = 0; i < type.count; ++i) {
    read(*type.fields[i].type, member(from, type.fields[i].name), static_cast<char*>(value) + type.fields[i].offset);
  }
}

void ValueReader::read_shared(const ark_type_t& type, const json& from, void* value) {
  if (from.is_null()) return;
  need(from.is_object() && member(from, "#").is_number_integer(), "a shared object", from);
  const auto number = from["#"].get<int64_t>();
  auto known = shared_.find(number);
  if (auto object = from.find("v"); object != from.end()) {
    need(known == shared_.end(), "a shared object that is described once", from["#"]);
    void* made = type.ops->add(value, nullptr);
    shared_[number] = {type.element, made};
    return read(*type.element, *object, made);
  }
  need(known != shared_.end() && known->second.type == type.element, "the number of a shared object of this type",
       from);
  type.ops->share(value, known->second.address);
}

void ValueReader::read_callback(const ark_type_t& type, const json& from, void* value) {
  if (from.is_null()) return;
  need(from.is_number_unsigned(), "the number of a callback", from);
  auto* slot = callbacks_.adopt(*type.contract, from.get<uint64_t>());
  type.ops->share(value, slot);
  callbacks_.host()->slot_release(slot);
}

}  // namespace json_carrier
