/// The tables that modules are given. Constant; one for the process.
#pragma once

#include <ark/abi/health.h>
#include <ark/abi/host.h>
#include <ark/abi/operations.h>

namespace ark::container::lifecycle {

extern const ark_host_t kHostTable;
extern const ark_hooks_t kHooksTable;
extern const ark_health_t kHealthTable;
extern const ark_operations_t kOperationsTable;

}  // namespace ark::container::lifecycle
