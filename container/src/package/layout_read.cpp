#include <algorithm>

#include "package/layout_json.hpp"
#include "package/layout_type.hpp"
#include "package/version.hpp"

namespace ark::container::package {
namespace {

/// More than any contract has; keeps a hostile manifest from costing seconds.
constexpr size_t kMaxDescribed = 4096;

std::string read_type(JsonReader& in) {
  auto type = in.string();
  if (in.ok() && !is_type(type))
    in.fail(Code::kCorrupt, "found \"" + type + "\", expected a type, such as i32, list<string> or the id of a struct");
  return type;
}

std::string read_name(JsonReader& in) {
  auto name = in.string();
  if (in.ok() && name.empty()) in.fail(Code::kCorrupt, "found an empty text, expected a name");
  return name;
}

ParamLayout read_param(JsonReader& in) {
  ParamLayout param{in.string(), false};
  if (!param.type.empty() && param.type.back() == '&') {
    param.type.pop_back();
    param.by_reference = true;
  }
  if (in.ok() && !is_type(param.type)) {
    in.fail(Code::kCorrupt,
            "found \"" + param.type + "\", expected a type, such as i32, or string& for a parameter by reference");
  }
  return param;
}

constexpr Field<MethodLayout> kMethod[] = {
    {"name", Need::kRequired, [](JsonReader& in, MethodLayout& m) { m.name = read_name(in); }},
    {"slot", Need::kRequired,
     [](JsonReader& in, MethodLayout& m) {
       m.slot = static_cast<uint32_t>(in.unsigned_integer(MethodLayout::kNotVirtual - 1));
     }},
    {"adjust", Need::kOptional, [](JsonReader& in, MethodLayout& m) { m.adjust = in.integer(INT64_MIN, INT64_MAX); }},
    {"result", Need::kRequired, [](JsonReader& in, MethodLayout& m) { m.result = read_type(in); }},
    {"params", Need::kOptional,
     [](JsonReader& in, MethodLayout& m) { in.array([&] { m.params.push_back(read_param(in)); }); }},
    {"const", Need::kOptional, [](JsonReader& in, MethodLayout& m) { m.is_const = in.boolean(); }},
    {"noexcept", Need::kOptional, [](JsonReader& in, MethodLayout& m) { m.is_noexcept = in.boolean(); }},
};

constexpr Field<FieldLayout> kMember[] = {
    {"name", Need::kRequired, [](JsonReader& in, FieldLayout& f) { f.name = read_name(in); }},
    {"offset", Need::kRequired, [](JsonReader& in, FieldLayout& f) { f.offset = in.u32(); }},
    {"type", Need::kRequired, [](JsonReader& in, FieldLayout& f) { f.type = read_type(in); }},
};

constexpr Field<StructLayout> kStruct[] = {
    {"size", Need::kRequired, [](JsonReader& in, StructLayout& s) { s.size = in.u32(); }},
    {"align", Need::kRequired, [](JsonReader& in, StructLayout& s) { s.align = in.u32(); }},
    {"trivial", Need::kOptional, [](JsonReader& in, StructLayout& s) { s.trivial = in.boolean(); }},
    {"members", Need::kRequired,
     [](JsonReader& in, StructLayout& s) {
       in.array([&] { read_fields(in, "a member of a struct", kMember, s.fields.emplace_back()); });
     }},
};

std::string read_version(JsonReader& in) {
  auto version = in.string();
  if (auto parsed = parse_version(version); in.ok() && !parsed.ok()) in.fail(Code::kCorrupt, parsed.status().text());
  return version;
}

void read_methods(JsonReader& in, InterfaceLayout& interface) {
  in.array([&] { read_fields(in, "a method", kMethod, interface.methods.emplace_back()); });
}

void read_errors(JsonReader& in, InterfaceLayout& interface) {
  in.array([&] { interface.errors.push_back(read_type(in)); });
}

constexpr Field<InterfaceLayout> kInterface[] = {
    {"version", Need::kRequired, [](JsonReader& in, InterfaceLayout& i) { i.version = read_version(in); }},
    {"local", Need::kOptional, [](JsonReader& in, InterfaceLayout& i) { i.local = in.boolean(); }},
    {"slots", Need::kRequired, [](JsonReader& in, InterfaceLayout& i) { i.slots = in.u32(); }},
    {"destructor-slots", Need::kOptional, [](JsonReader& in, InterfaceLayout& i) { i.destructor_slots = in.u32(); }},
    {"methods", Need::kRequired, read_methods},
    {"errors", Need::kOptional, read_errors},
};

/// Whether `id` may be described now; fails if not.
bool new_id(JsonReader& in, std::string_view id, bool is_known, size_t count) {
  if (!is_id(id)) in.fail(Code::kCorrupt, "\"" + std::string(id.substr(0, 64)) + "\" is not an id");
  if (is_known) in.fail(Code::kCorrupt, "it is described a second time; remove one of the two");
  if (count >= kMaxDescribed)
    in.fail(Code::kResourceExhausted,
            "more than " + std::to_string(kMaxDescribed) + " structs or contracts are described");
  return in.ok();
}

void read_structs(JsonReader& in, ContractLayout& layout) {
  in.object([&](std::string_view id) {
    auto [entry, added] = layout.structs.try_emplace(std::string(id));
    if (new_id(in, id, !added, layout.structs.size() - 1)) read_fields(in, "a struct", kStruct, entry->second);
  });
}

void read_interfaces(JsonReader& in, ContractLayout& layout) {
  in.object([&](std::string_view id) {
    auto [entry, added] = layout.interfaces.try_emplace(std::string(id));
    entry->second.id = id;
    if (new_id(in, id, !added, layout.interfaces.size() - 1)) read_fields(in, "a contract", kInterface, entry->second);
  });
}

constexpr Field<ContractLayout> kLayout[] = {
    {"version", Need::kRequired, [](JsonReader& in, ContractLayout& l) { l.contract.version = read_version(in); }},
    {"local", Need::kOptional, [](JsonReader& in, ContractLayout& l) { l.contract.local = in.boolean(); }},
    {"slots", Need::kRequired, [](JsonReader& in, ContractLayout& l) { l.contract.slots = in.u32(); }},
    {"destructor-slots", Need::kOptional,
     [](JsonReader& in, ContractLayout& l) { l.contract.destructor_slots = in.u32(); }},
    {"methods", Need::kRequired, [](JsonReader& in, ContractLayout& l) { read_methods(in, l.contract); }},
    {"errors", Need::kOptional, [](JsonReader& in, ContractLayout& l) { read_errors(in, l.contract); }},
    {"structs", Need::kOptional, read_structs},
    {"contracts", Need::kOptional, read_interfaces},
};

/// The first struct or contract that is used and not described; empty if all are.
class Undescribed {
 public:
  explicit Undescribed(const ContractLayout& layout) : layout_(layout) {}

  std::string find() {
    look(layout_.contract);
    for (const auto& [id, interface] : layout_.interfaces) look(interface);
    for (const auto& [id, type] : layout_.structs) {
      for (const auto& field : type.fields) look(field.type);
    }
    return found_;
  }

 private:
  void look(const InterfaceLayout& interface) {
    for (const auto& method : interface.methods) {
      look(method.result);
      for (const auto& param : method.params) look(param.type);
    }
    for (const auto& error : interface.errors) look(error);
  }

  void look(const std::string& type) {
    each_piece(type, [&](const TypePiece& piece) {
      bool known = piece.kind == TypePiece::Kind::kPlain ||
                   (piece.kind == TypePiece::Kind::kContract ? layout_.find(piece.text) != nullptr
                                                             : layout_.structs.count(piece.text) != 0);
      if (!known) found_ = piece.text;
    });
  }

  const ContractLayout& layout_;
  std::string found_;
};

}  // namespace

ContractLayout read_layout(JsonReader& in) {
  ContractLayout layout;
  read_fields(in, "a layout", kLayout, layout);
  return layout;
}

std::string layout_fault(const ContractLayout& layout) {
  if (layout.interfaces.count(layout.contract.id) != 0)
    return "the contract itself stands under contracts; remove it there";
  auto missing = Undescribed(layout).find();
  return missing.empty()
             ? ""
             : "\"" + missing + "\" is used, but not described under structs or contracts; pack the module anew";
}

std::vector<KnownObject> known_layout_objects() {
  return {known_object("#/$defs/layout", kLayout), known_object("#/$defs/contract", kInterface),
          known_object("#/$defs/method", kMethod), known_object("#/$defs/struct", kStruct),
          known_object("#/$defs/member", kMember)};
}

}  // namespace ark::container::package
