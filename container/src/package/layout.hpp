/// The layout of a contract as plain data: what two modules must agree on before one may call the other by a virtual
/// call. It is made from the constant tables of a mapped module, written into manifests, and compared before any module
/// is mapped.
///
/// Types are texts: void bool i8…i64 u8…u64 f32 f64 string view bytes, enum<i32>, list<T>, array<T,4>, set<T>,
/// map<K,V>, optional<T>, variant<A,B>, tuple<A,B>, pair<A,B>, duration<i64,1/1000>, time<i64,1/1000000000>, shared<T>,
/// callback<id of a contract>, contract<id of a contract>, or the id of a struct. Values; any thread may use its own.
#pragma once

#include <ark/abi/contract.h>
#include <ark/container/status.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::package {

struct ParamLayout {
  std::string type;
  bool by_reference = false;
  bool operator==(const ParamLayout&) const = default;
};

struct MethodLayout {
  static constexpr uint32_t kNotVirtual = UINT32_MAX;

  std::string name;
  uint32_t slot = 0;   ///< index in the vtable
  int64_t adjust = 0;  ///< bytes added to `this`: not 0 for methods inherited from a second base
  bool is_const = false, is_noexcept = false;
  std::string result;
  std::vector<ParamLayout> params;
  bool operator==(const MethodLayout&) const = default;
};

struct FieldLayout {
  std::string name;
  uint32_t offset = 0;  ///< bytes
  std::string type;
  bool operator==(const FieldLayout&) const = default;
};

struct StructLayout {
  uint32_t size = 0, align = 0;  ///< bytes
  bool trivial = false;          ///< for the purposes of calls: passed in registers if small enough
  std::vector<FieldLayout> fields;
  bool operator==(const StructLayout&) const = default;
};

/// One contract, without the structs it uses.
struct InterfaceLayout {
  std::string id, version;        ///< "com.acme.Orders", "1.2"
  bool local = false;             ///< ARK_LOCAL_CONTRACT
  uint32_t slots = 0;             ///< of the vtable
  uint32_t destructor_slots = 0;  ///< 2 with a virtual destructor, else 0
  std::vector<MethodLayout> methods;
  std::vector<std::string> errors;  ///< ids of structs

  /// Virtual functions that the list of methods does not name.
  int64_t unlisted_slots() const;
  bool operator==(const InterfaceLayout&) const = default;
};

/// A contract with all it reaches.
struct ContractLayout {
  InterfaceLayout contract;
  std::map<std::string, StructLayout, std::less<>> structs;  ///< by id, errors included
  std::map<std::string, InterfaceLayout, std::less<>>
      interfaces;  ///< by id: contracts of callbacks and of references, without `contract` itself
  /// Not empty: why the tables cannot be described, such as two different structs with one id. check_listed refuses it.
  std::string fault;

  bool empty() const { return contract.id.empty(); }
  /// The interface with this id, `contract` included. nullptr: there is none.
  const InterfaceLayout* find(std::string_view id) const;
  bool operator==(const ContractLayout&) const = default;
};

/// Reads the constant data of a mapped module; runs none of its code.
ContractLayout layout_of(const ark_contract_t& table);

/// A struct alone, as the one error of a contract that has its id and no method.
ContractLayout layout_of(const ark_type_t& type);

/// A number that two layouts of the same content share, whichever form they have. Not a defence against forgery: it
/// tells whether a manifest still describes the module beside it. Allocates nothing for contracts with fewer than 64
/// structs and callbacks.
uint64_t layout_digest(const ark_contract_t& table);
uint64_t layout_digest(const ContractLayout& layout);
uint64_t layout_digest(const ark_type_t& type);

/// Whether `importer` may call an object of `exporter`. The importer's methods must be a prefix of the exporter's, with
/// equal vtable slots and signatures; all structs they use and all errors of equal id must be equal; noexcept that the
/// importer believes in must be promised by the exporter; contracts of callbacks are compared in both directions.
/// kIncompatible names the first difference: "com.acme.Orders.place parameter 2: by reference is 1 for the importer, 0
/// for the exporter".
Status compare_layouts(const ContractLayout& importer, const ContractLayout& exporter);

/// Whether two structs, as `ones` and `others` were compiled with them, are the same. kIncompatible names the first
/// difference: "com.acme.StockLow.left: offset is 8 for audit 1.0.0, 16 for orders 1.0.0".
Status compare_structs(const ark_type_t& one, std::string_view ones, const ark_type_t& other, std::string_view others);

/// Whether the contract can be offered or called at all: every virtual function is listed, ids and versions are well
/// formed, names occur once, every struct is described once. kInvalidArgument with what to change in the source.
Status check_listed(const ContractLayout& layout);

}  // namespace ark::container::package
