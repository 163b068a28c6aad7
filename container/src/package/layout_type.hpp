/// Types as texts (layout.hpp): written from a module's descriptors, and taken apart again.
#pragma once

#include <ark/abi/contract.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace ark::container::package {

/// Letters, digits, '_', '.', '-' and '$', not beginning with a digit, '-' or '.', at most 256 bytes; not the name of a
/// built-in type.
bool is_id(std::string_view text);

/// A piece of a type's text.
struct TypePiece {
  enum class Kind { kPlain, kStruct, kContract };
  Kind kind;
  std::string_view text;
};

/// Calls on_piece(TypePiece) for the text from left to right; together the pieces are the text.
template <class F>
void each_piece(std::string_view type, F&& on_piece);

/// Whether the text is a type by the grammar, ids included. Ids are not looked up. False for nesting beyond all sense.
bool is_type(std::string_view text);

/// Hands the text of `type` to a sink, which has text(string_view), use(const ark_type_t&) for a struct, whose id it
/// must write itself, and use(const ark_contract_t&) likewise. Reads descriptors only.
template <class Sink>
void write_type(const ark_type_t* type, Sink& sink);

// ---- below: the templates ----

bool is_built_in(std::string_view name);

/// Length of the name or number at the front. (find_first_of would call memchr for each byte.)
inline size_t word_size(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && text[size] != '<' && text[size] != '>' && text[size] != ',') ++size;
  return size;
}

template <class F>
void each_piece(std::string_view type, F&& on_piece) {
  bool contract_follows = false;
  for (size_t at = 0; at < type.size();) {
    auto name = type.substr(at, word_size(type.substr(at)));
    if (name.empty()) {
      on_piece({TypePiece::Kind::kPlain, type.substr(at++, 1)});
      continue;
    }
    bool number = name[0] >= '0' && name[0] <= '9';
    auto kind = contract_follows              ? TypePiece::Kind::kContract
                : number || is_built_in(name) ? TypePiece::Kind::kPlain
                                              : TypePiece::Kind::kStruct;
    on_piece({kind, name});
    contract_follows = name == "callback" || name == "contract";
    at += name.size();
  }
}

template <class Sink>
void write_number(int64_t number, Sink& sink) {
  sink.text(std::to_string(number));  // within the small string: no allocation
}

template <class Sink>
void write_scalar(char letter, uint32_t size, Sink& sink) {
  sink.text(std::string_view(&letter, 1));
  write_number(int64_t{size} * 8, sink);
}

template <class Sink>
void write_elements(std::string_view name, const ark_type_t& type, Sink& sink) {
  sink.text(name);
  for (uint32_t i = 0; i < type.count; ++i) {
    if (i > 0) sink.text(",");
    write_type(type.fields[i].type, sink);
  }
  sink.text(">");
}

template <class Sink>
void write_wrapped(std::string_view name, const ark_type_t& type, Sink& sink) {
  sink.text(name);
  if (type.kind == ARK_KIND_MAP) {
    write_type(type.key, sink);
    sink.text(",");
  }
  write_type(type.element, sink);
  if (type.kind == ARK_KIND_ARRAY) {
    sink.text(",");
    write_number(type.count, sink);
  }
  if (type.kind == ARK_KIND_DURATION || type.kind == ARK_KIND_TIME) {
    sink.text(",");
    write_number(type.numerator, sink);
    sink.text("/");
    write_number(type.denominator, sink);
  }
  sink.text(">");
}

template <class Sink>
void write_contract(std::string_view name, const ark_type_t& type, Sink& sink) {
  sink.text(name);
  sink.use(*type.contract);
  sink.text(">");
}

template <class Sink>
void write_type(const ark_type_t* type, Sink& sink) {
  if (type == nullptr) return sink.text("void");
  switch (type->kind) {
    case ARK_KIND_VOID:
      return sink.text("void");
    case ARK_KIND_BOOL:
      return sink.text("bool");
    case ARK_KIND_INT:
      return write_scalar('i', type->size, sink);
    case ARK_KIND_UINT:
      return write_scalar('u', type->size, sink);
    case ARK_KIND_FLOAT:
      return write_scalar('f', type->size, sink);
    case ARK_KIND_ENUM:
      return write_wrapped("enum<", *type, sink);
    case ARK_KIND_STRING:
      return sink.text("string");
    case ARK_KIND_VIEW:
      return sink.text("view");
    case ARK_KIND_BYTES:
      return sink.text("bytes");
    case ARK_KIND_LIST:
      return write_wrapped("list<", *type, sink);
    case ARK_KIND_ARRAY:
      return write_wrapped("array<", *type, sink);
    case ARK_KIND_SET:
      return write_wrapped("set<", *type, sink);
    case ARK_KIND_MAP:
      return write_wrapped("map<", *type, sink);
    case ARK_KIND_OPTIONAL:
      return write_wrapped("optional<", *type, sink);
    case ARK_KIND_VARIANT:
      return write_elements("variant<", *type, sink);
    // A pair gives the offset of its second element; a tuple, which may lie in memory the other way round, has none to
    // give.
    case ARK_KIND_TUPLE:
      return write_elements(type->count == 2 && type->fields[1].offset != 0 ? "pair<" : "tuple<", *type, sink);
    case ARK_KIND_DURATION:
      return write_wrapped("duration<", *type, sink);
    case ARK_KIND_TIME:
      return write_wrapped("time<", *type, sink);
    case ARK_KIND_STRUCT:
      return sink.use(*type);
    case ARK_KIND_SHARED:
      return write_wrapped("shared<", *type, sink);
    case ARK_KIND_CALLBACK:
      return write_contract("callback<", *type, sink);
    case ARK_KIND_CONTRACT:
      return write_contract("contract<", *type, sink);
    default:
      return sink.text("unknown");  // no text of a type: check_listed refuses it
  }
}

/// A contract that reaches what one struct reaches: it has the struct's id, no method, and the struct as its one error.
inline ark_contract_t contract_around(const ark_type_t* const* type) {
  ark_contract_t contract{};
  contract.size = sizeof contract;
  contract.id = (*type)->id;
  contract.version = "1.0";
  contract.error_count = 1;
  contract.errors = type;
  return contract;
}

}  // namespace ark::container::package
