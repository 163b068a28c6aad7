#include "messages.hpp"

#include <ark/sdk/pin.hpp>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "value_reader.hpp"
#include "value_writer.hpp"
#include "values.hpp"
#include "wire_error.hpp"

namespace json_carrier {

using nlohmann::json;

namespace {

/// Gives back the callbacks of a message that its receiver did not take.
class Lendings {
 public:
  Lendings(Callbacks& callbacks, const ValueWriter& writer) : callbacks_(callbacks), writer_(writer) {}
  ~Lendings() { callbacks_.drop(writer_.lent()); }
  Lendings(const Lendings&) = delete;

 private:
  Callbacks& callbacks_;
  const ValueWriter& writer_;
};

void fail(const ark_call_t& call, uint32_t kind, const std::string& type, const std::string& text) {
  ark::fail_call(call.error, static_cast<ark_call_result_t>(kind), type.c_str(), text.c_str());
}

std::string text_of(const char* text) { return text ? text : ""; }

std::string failure(uint32_t kind, const std::string& type, const std::string& text) {
  return json{{"failure", kind}, {"type", type}, {"text", text}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

uint32_t method_called(const ark_contract_t& contract, const std::string& name) {
  for (uint32_t i = 0; i < contract.method_count; ++i) {
    if (name == contract.methods[i].name) return i;
  }
  throw WireError(std::string(contract.id) + " has no method '" + name + "'");
}

std::string reply_to(const ark_contract_t& contract, const ark_method_t& method, const ark_error_t& error,
                     const void* result, ValueWriter& writer) {
  switch (error.kind) {
    case ARK_CALL_OK:
      return json{{"result", writer.write(*method.result, result)}}.dump();
    case ARK_CALL_BUSINESS:
      return json{{"error", error.type->id}, {"value", writer.write(*error.type, error.payload)}}.dump();
    default:
      return failure(error.kind, text_of(error.type_name), text_of(error.text));
  }
}

/// Everything here is the provider's: its contract, its types, its code. It stays pinned until the reply has been read,
/// because callbacks that the reply lends are its too.
template <class UseReply>
void serve(ark_slot_t* slot, const std::string& request, Callbacks& callbacks, UseReply use_reply) {
  const ark::Pin pin(slot);
  if (!pin.entry()) return use_reply(failure(ARK_CALL_UNAVAILABLE, "", "nobody provides it"));
  const auto& contract = *pin.entry()->contract;
  ValueWriter writer(callbacks);
  const Lendings lendings(callbacks, writer);
  Values values;  // the arguments and, last, the result: they may share a graph
  std::string reply;
  try {
    const auto message = json::parse(request);
    const uint32_t number = method_called(contract, message.at("method").get_ref<const std::string&>());
    const auto& method = contract.methods[number];
    const auto& arguments = message.at("arguments");
    if (arguments.size() != method.param_count)
      throw WireError(std::string(method.name) + " takes another number of arguments");
    ValueReader reader(callbacks);
    for (uint32_t i = 0; i < method.param_count; ++i) {
      reader.read(*method.params[i].type, arguments[i], values.add(*method.params[i].type));
    }
    ark::CallError error;
    void* result = values.call(contract, pin.entry()->target, number, &error);
    reply = reply_to(contract, method, error, result, writer);
  } catch (const std::exception& error) {
    reply = failure(ARK_CALL_PROTOCOL, "", error.what());
  }
  use_reply(reply);
}

std::string request_for(const ark_call_t& call, ValueWriter& writer) {
  const auto& method = call.contract->methods[call.method];
  json arguments = json::array();
  for (uint32_t i = 0; i < method.param_count; ++i)
    arguments.push_back(writer.write(*method.params[i].type, call.args[i]));
  return json{{"method", method.name}, {"arguments", std::move(arguments)}}.dump();
}

void read_result(const ark_call_t& call, const json& value, ValueReader& reader) {
  const auto& type = *call.contract->methods[call.method].result;
  if (!type.construct) return;
  type.construct(call.result);
  try {
    reader.read(type, value, call.result);
  } catch (...) {
    type.destroy(call.result);
    throw;
  }
}

/// The caller's own type of that name, if it knows one.
bool read_listed_error(const ark_call_t& call, const json& reply, ValueReader& reader) {
  const auto& id = reply.at("error").get_ref<const std::string&>();
  auto& error = *call.error;
  for (uint32_t i = 0; i < error.known_count; ++i) {
    const auto& type = *error.known[i];
    if (id != type.id) continue;
    void* payload = ark::error_payload_room(type);
    type.construct(payload);
    error.payload = payload;  // the caller's to free, whatever happens now
    error.type = &type;
    reader.read(type, reply.at("value"), payload);
    error.kind = ARK_CALL_BUSINESS;
    return true;
  }
  return false;
}

void read_reply(const ark_call_t& call, const std::string& text, Callbacks& callbacks) {
  const auto reply = json::parse(text);
  ValueReader reader(callbacks);
  if (auto result = reply.find("result"); result != reply.end()) return read_result(call, *result, reader);
  if (reply.contains("error")) {
    if (read_listed_error(call, reply, reader)) return;
    const auto id = reply.at("error").get<std::string>();
    return fail(call, ARK_CALL_FAILED, id, "an error that the caller's contract does not list");
  }
  fail(call, reply.at("failure").get<uint32_t>(), reply.at("type").get<std::string>(),
       reply.at("text").get<std::string>());
}

}  // namespace

void carry(ark_slot_t* slot, const ark_call_t& call, Callbacks& callbacks) {
  try {
    ValueWriter writer(callbacks);
    const Lendings lendings(callbacks, writer);
    const auto request = request_for(call, writer);
    serve(slot, request, callbacks, [&](const std::string& reply) { read_reply(call, reply, callbacks); });
  } catch (const std::exception& error) {
    fail(call, ARK_CALL_PROTOCOL, "", error.what());
  }
}

}  // namespace json_carrier
