#include "package/layout.hpp"

#include <algorithm>
#include <set>

#include "package/layout_slot.hpp"
#include "package/layout_type.hpp"
#include "package/layout_walk.hpp"
#include "package/version.hpp"

namespace ark::container::package {
namespace {

/// Writes down one contract and all it reaches.
class Describer {
 public:
  explicit Describer(ContractLayout& out) : out_(out) {}

  void describe(const ark_contract_t& root) {
    reach(root);
    std::string_view id;
    const ark_type_t* type = nullptr;
    const ark_contract_t* contract = nullptr;
    for (;;) {
      if (structs_.next(id, type)) {
        out_.structs.emplace(id, struct_of(*type));
      } else if (contracts_.next(id, contract)) {
        auto layout = interface_of(*contract);
        (contract == &root ? out_.contract : out_.interfaces[layout.id]) = std::move(layout);
      } else {
        return;
      }
    }
  }

  // The sink of write_type.
  void text(std::string_view text) { text_ += text; }
  void use(const ark_type_t& type) {
    auto* known = structs_.meet(type.id, &type);
    if (known != nullptr && *known != &type && !equal(**known, type)) fault("struct", type.id);
    text_ += type.id;
  }
  void use(const ark_contract_t& contract) {
    reach(contract);
    text_ += contract.id;
  }

 private:
  void reach(const ark_contract_t& contract) {
    auto* known = contracts_.meet(contract.id, &contract);
    if (known != nullptr && *known != &contract && !equal(**known, contract)) fault("contract", contract.id);
  }

  void fault(std::string_view what, std::string_view id) {
    if (!out_.fault.empty()) return;
    out_.fault =
        "two different " + std::string(what) + "s have the id " + std::string(id) + "; give each an id of its own";
  }

  // By their first level; what they reach is compared when it is met itself.
  static bool equal(const ark_type_t& a, const ark_type_t& b) {
    auto same_field = [](const ark_field_t& f, const ark_field_t& g) {
      return f.offset == g.offset && std::string_view(f.name) == g.name && f.type->kind == g.type->kind &&
             f.type->size == g.type->size;
    };
    return a.size == b.size && a.align == b.align && a.flags == b.flags && a.count == b.count &&
           std::equal(a.fields, a.fields + a.count, b.fields, same_field);
  }
  static bool equal(const ark_contract_t& a, const ark_contract_t& b) {
    auto same_method = [](const ark_method_t& m, const ark_method_t& n) {
      return std::string_view(m.name) == n.name && m.flags == n.flags && m.param_count == n.param_count;
    };
    return std::string_view(a.version) == b.version && a.flags == b.flags && a.method_count == b.method_count &&
           std::equal(a.methods, a.methods + a.method_count, b.methods, same_method);
  }

  std::string text_of(const ark_type_t* type) {
    text_.clear();
    write_type(type, *this);
    return text_;
  }

  InterfaceLayout interface_of(const ark_contract_t& contract) {
    InterfaceLayout layout;
    layout.id = contract.id;
    layout.version = contract.version;
    layout.local = (contract.flags & ARK_CONTRACT_LOCAL) != 0;
    if (contract.end_pointer != nullptr) layout.slots = vtable_slot(contract.end_pointer).slot;
    layout.destructor_slots = contract.destructor_slots;
    for (uint32_t i = 0; i < contract.method_count; ++i) layout.methods.push_back(method_of(contract.methods[i]));
    for (uint32_t i = 0; i < contract.error_count; ++i) layout.errors.push_back(text_of(contract.errors[i]));
    return layout;
  }

  MethodLayout method_of(const ark_method_t& method) {
    auto [slot, adjust] = vtable_slot(method.pointer);
    MethodLayout layout;
    layout.name = method.name;
    layout.slot = slot;
    layout.adjust = adjust;
    layout.is_const = (method.flags & ARK_METHOD_CONST) != 0;
    layout.is_noexcept = (method.flags & ARK_METHOD_NOEXCEPT) != 0;
    layout.result = text_of(method.result);
    for (uint32_t i = 0; i < method.param_count; ++i) {
      const auto& param = method.params[i];
      layout.params.push_back({text_of(param.type), (param.flags & ARK_PARAM_BY_REFERENCE) != 0});
    }
    return layout;
  }

  StructLayout struct_of(const ark_type_t& type) {
    StructLayout layout{type.size, type.align, (type.flags & ARK_TYPE_TRIVIAL) != 0, {}};
    for (uint32_t i = 0; i < type.count; ++i) {
      const auto& field = type.fields[i];
      layout.fields.push_back({field.name, field.offset, text_of(field.type)});
    }
    return layout;
  }

  ContractLayout& out_;
  Reached<const ark_type_t*> structs_;
  Reached<const ark_contract_t*> contracts_;
  std::string text_;
};

Status bad_contract(std::string_view where, std::string_view text) {
  return {Code::kInvalidArgument, std::string(where) + ": " + std::string(text)};
}

Status check_method(const InterfaceLayout& interface, const MethodLayout& method) {
  auto where = interface.id + "." + method.name;
  if (method.slot == MethodLayout::kNotVirtual)
    return bad_contract(where, "it is not virtual; declare it virtual ... = 0");
  for (size_t i = 0; i < method.params.size(); ++i) {
    if (!is_type(method.params[i].type)) {
      return bad_contract(where, "parameter " + std::to_string(i + 1) + " has the type \"" + method.params[i].type +
                                     "\", which cannot be described");
    }
  }
  if (!is_type(method.result))
    return bad_contract(where, "the result has the type \"" + method.result + "\", which cannot be described");
  return {};
}

Status check_interface(const InterfaceLayout& interface) {
  if (!is_id(interface.id)) {
    return bad_contract("\"" + interface.id + "\"",
                        "a contract's id is letters, digits, dots, '-', '_' and '$', begins with a letter and is not "
                        "the name of a built-in type; change it in ARK_CONTRACT");
  }
  if (auto version = parse_version(interface.version); !version.ok()) return version.status().within(interface.id);
  std::set<std::string_view> names;
  for (const auto& method : interface.methods) {
    if (!names.insert(method.name).second)
      return bad_contract(interface.id + "." + method.name, "it is listed twice; list it once in ARK_CONTRACT");
    if (auto status = check_method(interface, method); !status.ok()) return status;
  }
  auto unlisted = interface.unlisted_slots();
  if (unlisted > 0) {
    return bad_contract(interface.id, std::to_string(unlisted) +
                                          (unlisted == 1 ? " virtual function is" : " virtual functions are") +
                                          " not in its list; name all of them in ARK_CONTRACT, in any order");
  }
  if (unlisted < 0)
    return bad_contract(interface.id,
                        "its table lists more virtual functions than it has slots; build the module anew");
  return {};
}

}  // namespace

int64_t InterfaceLayout::unlisted_slots() const {
  auto in_first_vtable = [](const MethodLayout& method) {
    return method.adjust == 0 && method.slot != MethodLayout::kNotVirtual;
  };
  return int64_t{slots} - destructor_slots - std::count_if(methods.begin(), methods.end(), in_first_vtable);
}

const InterfaceLayout* ContractLayout::find(std::string_view id) const {
  if (contract.id == id) return &contract;
  auto found = interfaces.find(id);
  return found == interfaces.end() ? nullptr : &found->second;
}

ContractLayout layout_of(const ark_contract_t& table) {
  ContractLayout layout;
  Describer(layout).describe(table);
  return layout;
}

ContractLayout layout_of(const ark_type_t& type) {
  const auto* const list = &type;
  return layout_of(contract_around(&list));
}

Status check_listed(const ContractLayout& layout) {
  if (!layout.fault.empty()) return bad_contract(layout.contract.id, layout.fault);
  if (auto status = check_interface(layout.contract); !status.ok()) return status;
  for (const auto& [id, interface] : layout.interfaces) {
    if (auto status = check_interface(interface); !status.ok()) return status;
  }
  for (const auto& [id, type] : layout.structs) {
    if (!is_id(id)) {
      return bad_contract("\"" + id + "\"",
                          "a struct's id is letters, digits, dots, '-', '_' and '$', begins with a letter and is not "
                          "the name of a built-in type; "
                          "change it in ARK_STRUCT or ARK_ERROR");
    }
    for (const auto& field : type.fields) {
      if (!is_type(field.type))
        return bad_contract(id + "." + field.name, "the type \"" + field.type + "\" cannot be described");
    }
  }
  return {};
}

}  // namespace ark::container::package
