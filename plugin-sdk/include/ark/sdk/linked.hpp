/// Modules that are linked into one executable instead of being packed: for tests, debuggers and platforms without a
/// loader.
#pragma once

#include <ark/abi/module.h>

#include <vector>

namespace ark {

/// Every module of this executable that was compiled with ARK_LINKED, in the order of their static constructors.
inline std::vector<const ark_module_t*>& linked_modules() {
  static std::vector<const ark_module_t*> all;
  return all;
}

/// ARK_BIZ and ARK_PLUGIN define one in a linked build.
struct LinkedModule {
  explicit LinkedModule(const ark_module_t* module) { linked_modules().push_back(module); }
};

}  // namespace ark
