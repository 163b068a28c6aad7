// One hash of a contract's layout, computed from a module's tables and from a manifest alike: both walks below put the
// same bytes in the same order. A struct or contract is put in full after everything that was met before it, and by its
// id wherever it is used.
#include <algorithm>
#include <cstring>

#include "package/layout.hpp"
#include "package/layout_slot.hpp"
#include "package/layout_type.hpp"
#include "package/layout_walk.hpp"

namespace ark::container::package {
namespace {

/// Hashes a stream of bytes; how it is cut into calls does not matter.
class Hash {
 public:
  void text(std::string_view text) {
    while (!text.empty()) {
      auto part = text.substr(0, sizeof block_ - used_);
      std::memcpy(block_ + used_, part.data(), part.size());
      used_ += part.size();
      text.remove_prefix(part.size());
      if (used_ == sizeof block_) mix_block();
    }
  }
  void number(uint64_t number) { text({reinterpret_cast<const char*>(&number), sizeof number}); }
  /// A text and its end, so that "ab", "c" is not "a", "bc". No text of a layout contains a NUL.
  void name(std::string_view name) {
    text(name);
    end();
  }
  void end() { text(std::string_view("", 1)); }

  uint64_t finish() {
    auto length = length_ + used_;
    std::memset(block_ + used_, 0, sizeof block_ - used_);
    mix_block();
    return fold(state_ ^ length, 0x9e3779b97f4a7c15);
  }

 private:
  static uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    auto product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  void mix_block() {
    for (size_t at = 0; at < sizeof block_; at += 16) {
      uint64_t word[2];
      std::memcpy(word, block_ + at, sizeof word);
      state_ = fold(state_ ^ word[0] ^ 0xa0761d6478bd642f, word[1] ^ 0xe7037ed1a0b428db) + 0x8ebc6af09c88c6e3;
    }
    length_ += used_;
    used_ = 0;
  }

  char block_[256];
  size_t used_ = 0;
  uint64_t length_ = 0, state_ = 0;
};

// ---- what both walks put, in this order ----

void put_interface(Hash& hash, std::string_view id, std::string_view version, bool local, uint32_t slots,
                   uint32_t destructor_slots) {
  hash.name(id);
  hash.name(version);
  hash.number(local);
  hash.number(slots);
  hash.number(destructor_slots);
}

void put_method(Hash& hash, std::string_view name, VtableSlot slot, bool is_const, bool is_noexcept, size_t params) {
  hash.name(name);
  hash.number(slot.slot);
  hash.number(static_cast<uint64_t>(slot.adjust));
  hash.number(uint64_t{is_const} | uint64_t{is_noexcept} << 1 | uint64_t{params} << 2);
}

void put_struct(Hash& hash, std::string_view id, uint32_t size, uint32_t align, bool trivial, size_t fields) {
  hash.name(id);
  hash.number(size);
  hash.number(uint64_t{align} | uint64_t{trivial} << 32);
  hash.number(fields);
}

// ---- the two walks ----

class TableWalk {
 public:
  uint64_t run(const ark_contract_t& root) {
    contracts_.meet(root.id, &root);
    std::string_view id;
    const ark_type_t* type = nullptr;
    const ark_contract_t* contract = nullptr;
    for (;;) {
      if (structs_.next(id, type)) {
        put(*type);
      } else if (contracts_.next(id, contract)) {
        put(*contract);
      } else {
        return hash_.finish();
      }
    }
  }

  // The sink of write_type.
  void text(std::string_view text) { hash_.text(text); }
  void use(const ark_type_t& type) {
    std::string_view id = type.id;
    structs_.meet(id, &type);
    hash_.text(id);
  }
  void use(const ark_contract_t& contract) {
    std::string_view id = contract.id;
    contracts_.meet(id, &contract);
    hash_.text(id);
  }

 private:
  void put_type(const ark_type_t* type) {
    write_type(type, *this);
    hash_.end();
  }

  void put(const ark_contract_t& contract) {
    auto slots = contract.end_pointer == nullptr ? 0 : vtable_slot(contract.end_pointer).slot;
    put_interface(hash_, contract.id, contract.version, (contract.flags & ARK_CONTRACT_LOCAL) != 0, slots,
                  contract.destructor_slots);
    hash_.number(contract.method_count);
    for (uint32_t i = 0; i < contract.method_count; ++i) put(contract.methods[i]);
    hash_.number(contract.error_count);
    for (uint32_t i = 0; i < contract.error_count; ++i) put_type(contract.errors[i]);
  }

  void put(const ark_method_t& method) {
    put_method(hash_, method.name, vtable_slot(method.pointer), (method.flags & ARK_METHOD_CONST) != 0,
               (method.flags & ARK_METHOD_NOEXCEPT) != 0, method.param_count);
    put_type(method.result);
    for (uint32_t i = 0; i < method.param_count; ++i) {
      hash_.number((method.params[i].flags & ARK_PARAM_BY_REFERENCE) != 0);
      put_type(method.params[i].type);
    }
  }

  void put(const ark_type_t& type) {
    put_struct(hash_, type.id, type.size, type.align, (type.flags & ARK_TYPE_TRIVIAL) != 0, type.count);
    for (uint32_t i = 0; i < type.count; ++i) {
      hash_.name(type.fields[i].name);
      hash_.number(type.fields[i].offset);
      put_type(type.fields[i].type);
    }
  }

  Hash hash_;
  Reached<const ark_type_t*> structs_;
  Reached<const ark_contract_t*> contracts_;
};

class LayoutWalk {
 public:
  explicit LayoutWalk(const ContractLayout& layout) : layout_(layout) {}

  uint64_t run() {
    contracts_.meet(layout_.contract.id, &layout_.contract);
    std::string_view id;
    const StructLayout* type = nullptr;
    const InterfaceLayout* contract = nullptr;
    for (;;) {
      if (structs_.next(id, type)) {
        if (type != nullptr) put(id, *type);
      } else if (contracts_.next(id, contract)) {
        if (contract != nullptr) put(*contract);
      } else {
        return hash_.finish();
      }
    }
  }

 private:
  void put_type(const std::string& type) {
    each_piece(type, [&](const TypePiece& piece) {
      if (piece.kind == TypePiece::Kind::kStruct) {
        auto found = layout_.structs.find(piece.text);
        structs_.meet(piece.text, found == layout_.structs.end() ? nullptr : &found->second);
      } else if (piece.kind == TypePiece::Kind::kContract) {
        contracts_.meet(piece.text, layout_.find(piece.text));
      }
    });
    hash_.name(type);
  }

  void put(const InterfaceLayout& contract) {
    put_interface(hash_, contract.id, contract.version, contract.local, contract.slots, contract.destructor_slots);
    hash_.number(contract.methods.size());
    for (const auto& method : contract.methods) put(method);
    hash_.number(contract.errors.size());
    for (const auto& error : contract.errors) put_type(error);
  }

  void put(const MethodLayout& method) {
    put_method(hash_, method.name, {method.slot, method.adjust}, method.is_const, method.is_noexcept,
               method.params.size());
    put_type(method.result);
    for (const auto& param : method.params) {
      hash_.number(param.by_reference);
      put_type(param.type);
    }
  }

  void put(std::string_view id, const StructLayout& type) {
    put_struct(hash_, id, type.size, type.align, type.trivial, type.fields.size());
    for (const auto& field : type.fields) {
      hash_.name(field.name);
      hash_.number(field.offset);
      put_type(field.type);
    }
  }

  const ContractLayout& layout_;
  Hash hash_;
  Reached<const StructLayout*> structs_;
  Reached<const InterfaceLayout*> contracts_;
};

}  // namespace

uint64_t layout_digest(const ark_contract_t& table) { return TableWalk().run(table); }
uint64_t layout_digest(const ContractLayout& layout) { return LayoutWalk(layout).run(); }
uint64_t layout_digest(const ark_type_t& type) {
  const auto* const list = &type;
  return layout_digest(contract_around(&list));
}

}  // namespace ark::container::package
