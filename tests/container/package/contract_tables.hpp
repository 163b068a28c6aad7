/// Tables as a module carries them, built from a description that a test can change in one place.
#pragma once

#include <ark/abi/contract.h>

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace ark::test {

/// Owns what it makes; everything lives as long as this object.
class Tables {
 public:
  const char* text(std::string text) { return texts_.emplace_back(std::move(text)).c_str(); }

  const ark_type_t* scalar(uint32_t kind, uint32_t size) {
    ark_type_t type{};
    type.kind = kind;
    type.flags = ARK_TYPE_TRIVIAL;
    type.size = type.align = size;
    return keep(type);
  }
  const ark_type_t* nothing() { return scalar(ARK_KIND_VOID, 0); }
  const ark_type_t* i32() { return scalar(ARK_KIND_INT, 4); }
  const ark_type_t* i64() { return scalar(ARK_KIND_INT, 8); }
  const ark_type_t* string() { return plain(ARK_KIND_STRING, 32); }
  const ark_type_t* view() { return plain(ARK_KIND_VIEW, 16); }
  const ark_type_t* plain(uint32_t kind, uint32_t size) {
    ark_type_t type{};
    type.kind = kind;
    type.size = size;
    type.align = 8;
    return keep(type);
  }
  const ark_type_t* wrapped(uint32_t kind, const ark_type_t* element, const ark_type_t* key = nullptr,
                            uint32_t count = 0, int64_t numerator = 0, int64_t denominator = 0) {
    ark_type_t type{};
    type.kind = kind;
    type.size = 24;
    type.align = 8;
    type.element = element;
    type.key = key;
    type.count = count;
    type.numerator = numerator;
    type.denominator = denominator;
    return keep(type);
  }
  /// elements: offsets are 0 but the last one's.
  const ark_type_t* several(uint32_t kind, std::vector<const ark_type_t*> elements, uint32_t last_offset = 0) {
    std::vector<ark_field_t> fields;
    for (const auto* element : elements) fields.push_back({nullptr, 0, 0, element});
    if (!fields.empty()) fields.back().offset = last_offset;
    ark_type_t type{};
    type.kind = kind;
    type.size = 40;
    type.align = 8;
    type.count = static_cast<uint32_t>(fields.size());
    type.fields = fields_.emplace_back(std::move(fields)).data();
    return keep(type);
  }
  struct Member {
    const char* name;
    uint32_t offset;
    const ark_type_t* type;
  };
  /// The result may be changed, so that a struct can contain references to itself.
  ark_type_t* structure(const std::string& id, uint32_t size, uint32_t flags, std::vector<Member> members) {
    std::vector<ark_field_t> fields;
    for (auto [name, offset, type] : members) fields.push_back({name, offset, 0, type});
    ark_type_t type{};
    type.kind = ARK_KIND_STRUCT;
    type.flags = flags;
    type.size = size;
    type.align = 8;
    type.id = text(id);
    type.count = static_cast<uint32_t>(fields.size());
    type.fields = fields_.emplace_back(std::move(fields)).data();
    return keep(type);
  }
  const ark_type_t* to_contract(uint32_t kind, const ark_contract_t* contract) {
    ark_type_t type{};
    type.kind = kind;
    type.size = type.align = 8;
    type.contract = contract;
    return keep(type);
  }

  struct Method {
    const char* name;
    uint32_t slot;
    const ark_type_t* result;
    std::vector<ark_param_t> params;
    uint32_t flags = 0;
    ptrdiff_t adjust = 0;
    bool is_virtual = true;
  };
  const ark_contract_t* contract(const std::string& id, const std::string& version, uint32_t slots,
                                 std::vector<Method> methods, std::vector<const ark_type_t*> errors = {},
                                 uint32_t destructor_slots = 2, uint32_t flags = 0) {
    auto& table = contracts_.emplace_back();
    fill(table, id, version, slots, std::move(methods), std::move(errors), destructor_slots, flags);
    return &table;
  }
  /// For contracts that refer to themselves: first room, then contents.
  ark_contract_t& room() { return contracts_.emplace_back(); }
  void fill(ark_contract_t& table, const std::string& id, const std::string& version, uint32_t slots,
            std::vector<Method> methods, std::vector<const ark_type_t*> errors = {}, uint32_t destructor_slots = 2,
            uint32_t flags = 0) {
    std::vector<ark_method_t> list;
    for (auto& method : methods) {
      const auto& params = params_.emplace_back(std::move(method.params));
      list.push_back({method.name, method.flags, static_cast<uint32_t>(params.size()), method.result, params.data(),
                      pointer(method.slot, method.adjust, method.is_virtual)});
    }
    table = {};
    table.size = sizeof table;
    table.flags = flags;
    table.id = text(id);
    table.version = text(version);
    table.method_count = static_cast<uint32_t>(list.size());
    table.methods = methods_.emplace_back(std::move(list)).data();
    table.error_count = static_cast<uint32_t>(errors.size());
    table.errors = errors_.emplace_back(std::move(errors)).data();
    table.end_pointer = pointer(slots, 0, true);
    table.destructor_slots = destructor_slots;
  }

 private:
  struct Words {
    ptrdiff_t word[2];
  };

  const void* pointer(uint32_t slot, ptrdiff_t adjust, bool is_virtual) {
#if defined(__aarch64__)
    return &pointers_.emplace_back(Words{{ptrdiff_t{slot} * 8, 2 * adjust + is_virtual}});
#else
    return &pointers_.emplace_back(Words{{ptrdiff_t{slot} * 8 + is_virtual, adjust}});
#endif
  }
  ark_type_t* keep(const ark_type_t& type) { return &types_.emplace_back(type); }

  std::deque<std::string> texts_;
  std::deque<ark_type_t> types_;
  std::deque<std::vector<ark_field_t>> fields_;
  std::deque<std::vector<ark_param_t>> params_;
  std::deque<std::vector<ark_method_t>> methods_;
  std::deque<std::vector<const ark_type_t*>> errors_;
  std::deque<Words> pointers_;
  std::deque<ark_contract_t> contracts_;
};

inline ark_param_t by_value(const ark_type_t* type) { return {type, 0, 0}; }
inline ark_param_t by_reference(const ark_type_t* type) { return {type, ARK_PARAM_BY_REFERENCE, 0}; }

}  // namespace ark::test
