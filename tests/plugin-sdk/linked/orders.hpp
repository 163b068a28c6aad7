/// What the test sees of the linked module linked_orders.
#pragma once

#include <functional>

namespace acme {

/// Run by the module's constructor and destructor; empty: nothing.
inline std::function<void()> on_orders_start, on_orders_stop;
inline int orders_alive = 0;

}  // namespace acme
