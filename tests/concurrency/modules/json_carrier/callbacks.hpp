/// Callbacks on their way through a message: there they are numbers.
#pragma once

#include <ark/abi/host.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace json_carrier {

/// Any thread may use it. No function of the container is called with its mutex held.
class Callbacks {
 public:
  Callbacks(const ark_host_t* host, ark_generation_t* generation) : host_(host), generation_(generation) {}
  ~Callbacks();
  Callbacks(const Callbacks&) = delete;

  /// Keeps a count of the slot under a number, until it is adopted or dropped.
  uint64_t lend(ark_slot_t* slot);
  /// A slot on a proxy of the receiver's own contract that calls what was lent under the number; the receiver releases
  /// it. Throws WireError if the number is not, or no longer, lent.
  ark_slot_t* adopt(const ark_contract_t& contract, uint64_t number);
  /// What was lent under these numbers and never adopted is given back.
  void drop(const std::vector<uint64_t>& numbers);

  const ark_host_t* host() const { return host_; }
  ark_generation_t* generation() const { return generation_; }

 private:
  ark_slot_t* take(uint64_t number);

  const ark_host_t* host_;
  ark_generation_t* generation_;
  std::mutex mutex_;
  std::map<uint64_t, ark_slot_t*> lent_;  // guarded by mutex_, as the next
  uint64_t next_ = 1;
};

}  // namespace json_carrier
