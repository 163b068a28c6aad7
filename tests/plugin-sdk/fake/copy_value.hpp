/// Copies a value as a carrier does: through descriptors alone, on both sides.
#pragma once

#include <ark/abi/type.h>

#include <map>

namespace ark::test {

/// One copier for all values of a message: what is shared among them is shared among the copies.
class ValueCopier {
 public:
  /// to: value-initialised. The types have the same shape; they may be those of two modules.
  void copy(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to);

 private:
  void copy_elements(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to);
  void copy_parts(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to);
  void copy_shared(const ark_type_t& from_type, const void* from, const ark_type_t& to_type, void* to);

  std::map<const void*, void*> shared_;
};

}  // namespace ark::test
