/// Builds values whose C++ type this plugin has never seen from the JSON that ValueWriter describes.
#pragma once

#include <ark/abi/contract.h>

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "callbacks.hpp"

namespace json_carrier {

/// For one message; lives as long as the views it has made. Throws WireError that names what was expected. One thread
/// at a time.
class ValueReader {
 public:
  explicit ValueReader(Callbacks& callbacks) : callbacks_(callbacks) {}
  /// `value` is value-initialised; after a failure it is still a valid value.
  void read(const ark_type_t& type, const nlohmann::json& from, void* value);

 private:
  void read_integer(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_text(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_elements(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_keyed(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_fixed(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_struct(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_shared(const ark_type_t& type, const nlohmann::json& from, void* value);
  void read_callback(const ark_type_t& type, const nlohmann::json& from, void* value);

  struct Object {
    const ark_type_t* type;
    void* address;
  };
  Callbacks& callbacks_;
  std::map<int64_t, Object> shared_;
  std::deque<std::string> views_;  // a deque never moves them
  int depth_ = 0;
};

}  // namespace json_carrier
