#pragma once

#include <cstdint>

namespace ark::container::crash {

/// Where a thread was when a signal interrupted it.
struct Place {
  uintptr_t pc = 0, stack = 0;
  uintptr_t link = 0;  ///< register that holds the return address, on processors that have one; else 0
};
Place place_of(const void* context);

/// Calls visit(argument, address) for the return addresses above the interrupted place, innermost first, at most `most`; each less one, so that it
/// lies in the call. Nothing if the interrupted code has no unwind information. Async-signal-safe once warm_up_unwinder has been called; faults if the
/// stack is damaged.
void walk_stack(const Place& from, int most, void (*visit)(void* argument, uintptr_t address), void* argument);

/// The unwinder finds its own tables on its first use, which a handler could not do.
void warm_up_unwinder();

}  // namespace ark::container::crash
