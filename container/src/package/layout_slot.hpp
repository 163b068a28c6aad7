/// Where a pointer to a virtual member function leads. Source: Itanium C++ ABI 2.3; for aarch64 the C++ ABI for the Arm
/// 64-bit Architecture.
#pragma once

#include <cstddef>
#include <cstdint>

#include "package/layout.hpp"

namespace ark::container::package {

struct VtableSlot {
  uint32_t slot = MethodLayout::kNotVirtual;
  int64_t adjust = 0;  ///< bytes added to `this`
};

/// pointer: to the two words of a pointer to member, as in ark_method_t.
inline VtableSlot vtable_slot(const void* pointer) {
  auto* word = static_cast<const ptrdiff_t*>(pointer);
  if (word == nullptr) return {};
#if defined(__aarch64__)
  if ((word[1] & 1) == 0) return {};
  return {static_cast<uint32_t>(word[0] / 8), word[1] >> 1};
#else
  if ((word[0] & 1) == 0) return {};
  return {static_cast<uint32_t>(word[0] / 8), word[1]};
#endif
}

}  // namespace ark::container::package
