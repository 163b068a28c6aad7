/// The tables that modules are given. Constant; one for the process.
#pragma once

#include <ark/abi/host.h>

namespace ark::container::lifecycle {

extern const ark_host_t kHostTable;
extern const ark_hooks_t kHooksTable;

}  // namespace ark::container::lifecycle
