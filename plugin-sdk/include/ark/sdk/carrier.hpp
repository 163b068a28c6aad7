/// What a carrier is made of: a plugin that serves and makes calls through contracts whose C++ classes it has never
/// seen.
///
/// The provider's end is ark::ServedCall. The caller's end is a function `begin` (ark_carrier_t) that sends the call's
/// arguments away and, when the answer is there, uses ark::answer_result, ark::answer_error or ark::fail_call, and then
/// calls the completion.
#pragma once

#include <ark/abi/contract.h>
#include <ark/sdk/call.hpp>
#include <ark/sdk/errors.hpp>
#include <ark/sdk/pin.hpp>
#include <ark/sdk/values.hpp>

#include <string_view>

namespace ark {

/// One call of the provider behind a slot, from finding its method to reading the answer. The provider is pinned as
/// long as this lives: its types are code of its module. A local variable of one thread.
///
///   ark::ServedCall call(slot);
///   if (!call.available()) ...
///   const ark_method_t* method = call.find("greet");           // null: it has none of that name
///   for (i...) read(*method->params[i].type, call.argument(i));  // each once, in order
///   call.run();
///   switch (call.error().kind) { case ARK_CALL_OK: write(*method->result, call.result()); ... }
class ServedCall {
 public:
  explicit ServedCall(const ark_slot_t* slot) : slot_(slot), pin_(slot) {}
  ServedCall(const ServedCall&) = delete;

  /// Without a provider nothing below may be used.
  bool available() const { return pin_.entry() != nullptr; }
  /// The provider's own.
  const ark_contract_t& contract() const { return *pin_.entry()->contract; }
  /// The method to be called.
  const ark_method_t* find(std::string_view name) {
    for (number_ = 0; number_ < contract().method_count; ++number_) {
      if (name == contract().methods[number_].name) return method_ = &contract().methods[number_];
    }
    return nullptr;
  }
  /// Argument `index`, to be filled: 0, 1, ... one after the other.
  void* argument(uint32_t index) { return arguments_.add(*method_->params[index].type); }
  /// Calls it; every argument has been made.
  void run() {
    const ark_entry_t& entry = *pin_.entry();
    result_ = arguments_.add_made(*method_->result, [&](void* room) {
      contract().invoke(entry.target, number_, arguments_.data(), room, &error_);
      return error_.kind == ARK_CALL_OK;
    });
    detail::name_provider(error_, slot_, &entry);
  }
  const ark_error_t& error() const { return error_; }
  const void* result() const { return result_; }  ///< null for void

 private:
  const ark_slot_t* slot_;
  Pin pin_;  // before what needs it
  const ark_method_t* method_ = nullptr;
  uint32_t number_ = 0;
  Values arguments_;  // and, last, the result: they may share a graph
  void* result_ = nullptr;
  CallError error_;
};

/// Makes the result of `call` in its room: fill(type, room) reads it. What fill throws leaves no result behind and goes
/// on.
template <class Fill>
void answer_result(const ark_call_t& call, Fill fill) {
  const ark_type_t& type = *call.contract->methods[call.method].result;
  if (!type.construct) return;  // void
  type.construct(call.result);
  try {
    fill(type, call.result);
  } catch (...) {
    type.destroy(call.result);
    throw;
  }
}

/// Ends `call` with the caller's own error of that id: fill(type, payload) reads it. False, and nothing is done, if the
/// caller's contract lists none.
template <class Fill>
bool answer_error(const ark_call_t& call, std::string_view id, Fill fill) {
  ark_error_t& error = *call.error;
  for (uint32_t i = 0; i < error.known_count; ++i) {
    const ark_type_t& type = *error.known[i];
    if (id != type.id) continue;
    void* payload = error_payload_room(type);
    try {
      type.construct(payload);
    } catch (...) {
      ::operator delete(payload, std::align_val_t(alignof(std::max_align_t)));
      throw;
    }
    error.type = &type;
    error.payload = payload;  // the caller's to free, whatever fill does
    fill(type, payload);
    error.kind = ARK_CALL_BUSINESS;
    return true;
  }
  return false;
}

}  // namespace ark
