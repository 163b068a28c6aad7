/// Calls as messages. The request is {"method": name, "arguments": [...]}; the reply is one of {"result": value},
/// {"error": id of a listed error, "value": its members} and {"failure": ark_call_result_t, "type": name, "text":
/// sentence}.
#pragma once

#include <ark/abi/contract.h>
#include <ark/abi/service.h>

#include <string>

#include "callbacks.hpp"

namespace json_carrier {

/// Carries one call to whoever is behind the slot and back, as text both ways, and fills the call's result or error.
void carry(ark_slot_t* slot, const ark_call_t& call, Callbacks& callbacks);

}  // namespace json_carrier
