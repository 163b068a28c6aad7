/// Tables of the keys an object may have: reading is driven by them, and a test compares them with
/// docs/ark.schema.json.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "package/json_reader.hpp"

namespace ark::container::package {

enum class Need { kRequired, kOptional };

/// read: reads the key's value into the target.
template <class T>
struct Field {
  std::string_view key;
  Need need;
  void (*read)(JsonReader&, T&);
};

/// Keeps the books of one object: each key known, once, and all that are required there. Keys that begin with x- are
/// the author's own.
class ObjectKeys {
 public:
  /// what: "a file of the manifest", for messages. At most 64 keys.
  ObjectKeys(JsonReader& in, std::string_view what, std::span<const std::string_view> keys)
      : in_(in), what_(what), keys_(keys), begin_(in.position()) {}

  /// Which of the keys it is; -1: nothing is left to do with it.
  int take(std::string_view key);
  /// After the object. `required`: one bit for each key.
  void check(uint64_t required);

 private:
  void refuse(std::string_view key);

  JsonReader& in_;
  std::string_view what_;
  std::span<const std::string_view> keys_;
  size_t begin_;
  uint64_t seen_ = 0;
  std::vector<std::string_view> own_;
};

template <class T, size_t kCount>
void read_fields(JsonReader& in, std::string_view what, const Field<T> (&fields)[kCount], T& target) {
  static_assert(kCount <= 64);
  std::string_view names[kCount];
  uint64_t required = 0;
  for (size_t i = 0; i < kCount; ++i) {
    names[i] = fields[i].key;
    required |= uint64_t{fields[i].need == Need::kRequired} << i;
  }
  ObjectKeys keys(in, what, names);
  in.object([&](std::string_view key) {
    if (int i = keys.take(key); i >= 0) fields[i].read(in, target);
  });
  keys.check(required);
}

/// One kind of object of the manifest, for comparison with the schema.
struct KnownObject {
  std::string name;  ///< its place in the schema: "#", "#/$defs/layout"
  std::vector<std::string_view> keys, required;
};

template <class T, size_t kCount>
KnownObject known_object(std::string name, const Field<T> (&fields)[kCount]) {
  KnownObject object{std::move(name), {}, {}};
  for (const auto& field : fields) {
    object.keys.push_back(field.key);
    if (field.need == Need::kRequired) object.required.push_back(field.key);
  }
  return object;
}

/// All objects that parse_manifest knows.
std::vector<KnownObject> known_manifest_objects();

}  // namespace ark::container::package
