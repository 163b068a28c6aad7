/// Writes values whose C++ type this plugin has never seen as JSON.
///
/// Structs are objects; lists, sets, arrays and tuples are arrays; a map is an array of pairs, since its keys may be
/// anything; an optional is null or an array of one; a variant is [index, value]; bytes are hexadecimal text;
/// enumerations, durations and times are their number. A shared object is {"#": n, "v": object} where it is first met
/// and {"#": n} afterwards. A callback is its number.
#pragma once

#include <ark/abi/contract.h>

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "callbacks.hpp"

namespace json_carrier {

/// For one message. Throws WireError for what cannot be carried. One thread at a time.
class ValueWriter {
 public:
  explicit ValueWriter(Callbacks& callbacks) : callbacks_(callbacks) {}
  nlohmann::json write(const ark_type_t& type, const void* value);

  /// Numbers of the callbacks in the message.
  const std::vector<uint64_t>& lent() const { return lent_; }

 private:
  nlohmann::json write_elements(const ark_type_t& type, const void* value);
  nlohmann::json write_struct(const ark_type_t& type, const void* value);
  nlohmann::json write_shared(const ark_type_t& type, const void* value);
  nlohmann::json write_callback(const ark_type_t& type, const void* value);

  Callbacks& callbacks_;
  std::map<const void*, int64_t> shared_;
  std::vector<uint64_t> lent_;
  int depth_ = 0;
};

}  // namespace json_carrier
