/// One reference's, or one callback's, way through this plugin.
#pragma once

#include <ark/abi/host.h>

#include "callbacks.hpp"
#include "courier.hpp"

namespace json_carrier {

/// Calls are carried on the thread that makes them, or by the courier. Deadlines are ignored: a call in the same
/// process ends when it ends.
class Connection final : public ark_carrier_t {
 public:
  /// Takes over one count of `slot`, what is called. courier: null, or it outlives the connection.
  Connection(Callbacks& callbacks, ark_slot_t* slot, Courier* courier);
  ~Connection();
  Connection(const Connection&) = delete;

 private:
  void start(const ark_call_t& call, ark_completion_t& completion);

  Callbacks& callbacks_;
  ark_slot_t* slot_;
  Courier* courier_;
};

}  // namespace json_carrier
