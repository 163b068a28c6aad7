/// The threads that have called through a reference or left a destructor to run at their end.
///
/// Each has its record (ark/abi/service.h) in the executable's thread-local storage, at the same offset from the thread pointer in every
/// thread; modules reach it with that offset alone. A thread becomes known on its first pin and is forgotten when it ends.
#pragma once

#include <ark/abi/service.h>

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace ark::container::thread {

/// A destructor that runs when its thread ends, or earlier if the code it belongs to goes.
struct Farewell {
  const void* owner;
  void (*destroy)(void*);
  void* object;
};

struct Known {
  ark_record_t* record;
  int tid;
  std::deque<ark_record_t> more;      ///< of these only the cells are used, beyond those of the record; a deque never moves them
  std::vector<Farewell> farewells;
  int borrowed = 0;                   ///< somebody runs one of its farewells: it may not end meanwhile
};

/// Offset of the record from the thread pointer.
intptr_t record_offset();

/// This thread, known from now on. [any thread]
Known& here();
/// This thread if it is known, else null.
Known* if_known();

/// ark_host_t::more_pins. [caller's thread]
ark_entry_t** more_pins(ark_record_t* record);

/// Calls visit for every known thread; none can end or become known meanwhile. visit must not wait or call module code.
void each(const std::function<void(Known&)>& visit);

/// Leaves a destructor to run at the end of this thread.
void add_farewell(const Farewell& farewell);
/// Runs the farewells of `owner` that any thread has left, newest first for each thread. Returns when none is left; one that its own
/// thread is running may not have returned yet: running_farewells_of tells. Runs module code: on the lent thread, nothing locked.
void run_farewells_of(const void* owner);
/// Threads that are in a farewell of owner at this moment.
int running_farewells_of(const void* owner);
/// Runs what this thread has left, as its end would. For threads whose end must come before something else.
void run_own_farewells();

/// "thread 123 (name)" of a thread of this process; "thread 123 (ended)" if it has gone.
std::string describe(int tid);
/// Kernel id of this thread, without a system call after the first.
int current_tid();

}  // namespace ark::container::thread
