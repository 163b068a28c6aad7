#include <nlohmann/json.hpp>

#include "package/layout_json.hpp"

namespace ark::container::package {
namespace {

using Json = nlohmann::ordered_json;

Json method_json(const MethodLayout& method) {
  Json out = {{"name", method.name}, {"slot", method.slot}};
  if (method.adjust != 0) out["adjust"] = method.adjust;
  out["result"] = method.result;
  for (const auto& param : method.params) out["params"].push_back(param.type + (param.by_reference ? "&" : ""));
  if (method.is_const) out["const"] = true;
  if (method.is_noexcept) out["noexcept"] = true;
  return out;
}

Json struct_json(const StructLayout& type) {
  Json out = {{"size", type.size}, {"align", type.align}};
  if (type.trivial) out["trivial"] = true;
  auto& members = out["members"] = Json::array();
  for (const auto& field : type.fields)
    members.push_back({{"name", field.name}, {"offset", field.offset}, {"type", field.type}});
  return out;
}

/// What a contract and the contracts it reaches have in common.
Json interface_json(const InterfaceLayout& interface) {
  Json out = {{"version", interface.version}};
  if (interface.local) out["local"] = true;
  out["slots"] = interface.slots;
  if (interface.destructor_slots != 0) out["destructor-slots"] = interface.destructor_slots;
  auto& methods = out["methods"] = Json::array();
  for (const auto& method : interface.methods) methods.push_back(method_json(method));
  if (!interface.errors.empty()) out["errors"] = interface.errors;
  return out;
}

}  // namespace

Json layout_json(const ContractLayout& layout) {
  auto out = interface_json(layout.contract);
  for (const auto& [id, type] : layout.structs) out["structs"][id] = struct_json(type);
  for (const auto& [id, interface] : layout.interfaces) out["contracts"][id] = interface_json(interface);
  return out;
}

}  // namespace ark::container::package
