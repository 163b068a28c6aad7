#include "package/json_lines.hpp"
#include "package/layout_json.hpp"

namespace ark::container::package {
namespace {

void write_texts(std::string& out, const std::vector<std::string>& texts) {
  JsonLines array(out, '[', 0, true);
  for (const auto& text : texts) array.next() += json_quoted(text);
  array.close();
}

void write_method(std::string& out, const MethodLayout& method) {
  JsonLines object(out, '{', 0, true);
  object.text("name", method.name);
  object.size("slot", method.slot);
  if (method.adjust != 0) object.number("adjust", method.adjust);
  object.text("result", method.result);
  std::vector<std::string> params;
  for (const auto& param : method.params) params.push_back(param.type + (param.by_reference ? "&" : ""));
  if (!params.empty()) write_texts(object.key("params"), params);
  object.flag_if_set("const", method.is_const);
  object.flag_if_set("noexcept", method.is_noexcept);
  object.close();
}

void write_struct(std::string& out, const StructLayout& type, size_t indent) {
  JsonLines object(out, '{', 0, true);
  object.size("size", type.size);
  object.size("align", type.align);
  object.flag_if_set("trivial", type.trivial);
  JsonLines members(object.key("members"), '[', indent);
  for (const auto& field : type.fields) {
    JsonLines member(members.next(), '{', 0, true);
    member.text("name", field.name);
    member.size("offset", field.offset);
    member.text("type", field.type);
    member.close();
  }
  members.close();
  object.close();
}

/// What a contract and the contracts it reaches have in common.
void write_interface(JsonLines& object, const InterfaceLayout& interface, size_t indent) {
  object.text("version", interface.version);
  object.flag_if_set("local", interface.local);
  object.size("slots", interface.slots);
  if (interface.destructor_slots != 0) object.size("destructor-slots", interface.destructor_slots);
  JsonLines methods(object.key("methods"), '[', indent + 2);
  for (const auto& method : interface.methods) write_method(methods.next(), method);
  methods.close();
  if (!interface.errors.empty()) write_texts(object.key("errors"), interface.errors);
}

}  // namespace

void write_layout(std::string& out, const ContractLayout& layout, size_t indent) {
  JsonLines object(out, '{', indent);
  write_interface(object, layout.contract, indent);
  if (!layout.structs.empty()) {
    JsonLines structs(object.key("structs"), '{', indent + 2);
    for (const auto& [id, type] : layout.structs) write_struct(structs.key(id), type, indent + 4);
    structs.close();
  }
  if (!layout.interfaces.empty()) {
    JsonLines contracts(object.key("contracts"), '{', indent + 2);
    for (const auto& [id, interface] : layout.interfaces) {
      JsonLines nested(contracts.key(id), '{', indent + 4);
      write_interface(nested, interface, indent + 4);
      nested.close();
    }
    contracts.close();
  }
  object.close();
}

}  // namespace ark::container::package
