#include "connection.hpp"

#include "messages.hpp"

namespace json_carrier {

Connection::Connection(Callbacks& callbacks, ark_slot_t* slot, Courier* courier)
    : ark_carrier_t{sizeof(ark_carrier_t), 0,
                    [](ark_carrier_t* self, const ark_call_t* call, ark_completion_t* completion) {
                      static_cast<Connection*>(self)->start(*call, *completion);
                    },
                    [](ark_carrier_t* self) { delete static_cast<Connection*>(self); }},
      callbacks_(callbacks),
      slot_(slot),
      courier_(courier) {}

Connection::~Connection() { callbacks_.host()->slot_release(slot_); }

void Connection::start(const ark_call_t& call, ark_completion_t& completion) {
  if (courier_) {
    courier_->send({slot_, &call, &completion});
    return;
  }
  carry(slot_, call, callbacks_);
  completion.done(&completion);
}

}  // namespace json_carrier
