#include "messages.hpp"

#include <ark/sdk/carrier.hpp>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "value_reader.hpp"
#include "value_writer.hpp"
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

void fail(const ark_call_t& call, uint32_t kind, const std::string& type, const std::string& text,
          const std::string& provider = "") {
  ark::fail_call(call.error, static_cast<ark_call_result_t>(kind), type.c_str(), text.c_str(), provider.c_str());
}

std::string text_of(const char* text) { return text ? text : ""; }

std::string failure(uint32_t kind, const std::string& type, const std::string& text, const std::string& provider = "") {
  return json{{"failure", kind}, {"type", type}, {"text", text}, {"provider", provider}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

std::string reply_to(const ark::ServedCall& call, const ark_method_t& method, ValueWriter& writer) {
  const auto& error = call.error();
  switch (error.kind) {
    case ARK_CALL_OK:
      return json{{"result", writer.write(*method.result, call.result())}}.dump();
    case ARK_CALL_BUSINESS:
      return json{{"error", error.type->id}, {"value", writer.write(*error.type, error.payload)}}.dump();
    default:
      return failure(error.kind, text_of(error.type_name), text_of(error.text), text_of(error.provider));
  }
}

/// Everything here is the provider's: its contract, its types, its code. It stays pinned until the reply has been read,
/// because callbacks that the reply lends are its too.
template <class UseReply>
void serve(ark_slot_t* slot, const std::string& request, Callbacks& callbacks, UseReply use_reply) {
  ark::ServedCall call(slot);
  if (!call.available()) return use_reply(failure(ARK_CALL_UNAVAILABLE, "", "nobody provides it"));
  ValueWriter writer(callbacks);
  const Lendings lendings(callbacks, writer);
  std::string reply;
  try {
    const auto message = json::parse(request);
    const auto& name = message.at("method").get_ref<const std::string&>();
    const auto* method = call.find(name);
    if (!method) throw WireError(std::string(call.contract().id) + " has no method '" + name + "'");
    const auto& arguments = message.at("arguments");
    if (arguments.size() != method->param_count)
      throw WireError(std::string(method->name) + " takes another number of arguments");
    ValueReader reader(callbacks);
    for (uint32_t i = 0; i < method->param_count; ++i) {
      reader.read(*method->params[i].type, arguments[i], call.argument(i));
    }
    call.run();
    reply = reply_to(call, *method, writer);
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

void read_reply(const ark_call_t& call, const std::string& text, Callbacks& callbacks) {
  const auto reply = json::parse(text);
  ValueReader reader(callbacks);
  if (auto result = reply.find("result"); result != reply.end()) {
    return ark::answer_result(call, [&](const ark_type_t& type, void* room) { reader.read(type, *result, room); });
  }
  if (reply.contains("error")) {
    const auto& id = reply.at("error").get_ref<const std::string&>();
    const auto read = [&](const ark_type_t& type, void* room) { reader.read(type, reply.at("value"), room); };
    if (!ark::answer_error(call, id, read))
      fail(call, ARK_CALL_FAILED, id, "an error that the caller's contract does not list");
    return;
  }
  fail(call, reply.at("failure").get<uint32_t>(), reply.at("type").get<std::string>(),
       reply.at("text").get<std::string>(), reply.at("provider").get<std::string>());
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
