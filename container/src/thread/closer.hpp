/// Waits until nobody is inside what has been taken away: the other half of the pin in ark/abi/service.h.
#pragma once

#include <ark/abi/service.h>

#include <chrono>
#include <vector>

namespace ark::container::thread {

enum class Drained {
  kYes,
  kLate,           ///< the deadline passed while others were inside
  kWouldDeadlock,  ///< nobody else is inside, but the asking thread is
};

using Deadline = std::chrono::steady_clock::time_point;

/// Waits until no thread pins one of `entries`, which are in no slot any more. Threads that start to pin meanwhile do not find them.
/// Whether it may free them is the caller's to decide: only after kYes. [any thread]
Drained wait_unpinned(const std::vector<const ark_entry_t*>& entries, Deadline deadline);

/// Threads that pin one of `entries` now, by kernel id. May be out of date when it returns.
std::vector<int> threads_inside(const std::vector<const ark_entry_t*>& entries);

/// The asking thread pins one of `entries`.
bool inside_here(const std::vector<const ark_entry_t*>& entries);

}  // namespace ark::container::thread
