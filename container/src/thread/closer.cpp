#include "thread/closer.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>

#include "thread/barrier.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::thread {
namespace {

/// Entries are compared, never followed: they may belong to anybody by now.
bool pins(const Known& thread, const std::vector<const ark_entry_t*>& entries) {
  const auto is_one = [&](ark_entry_t* const& cell) {
    const ark_entry_t* entry = __atomic_load_n(&cell, __ATOMIC_ACQUIRE);
    return entry && std::find(entries.begin(), entries.end(), entry) != entries.end();
  };
  const auto has_one = [&](const ark_record_t& cells) { return std::any_of(std::begin(cells.cell), std::end(cells.cell), is_one); };
  return has_one(*thread.record) || std::any_of(thread.more.begin(), thread.more.end(), has_one);
}

/// Most waits are shorter than a time slice; a pinned caller that lost its processor must be waited for.
void back_off(int turn) {
  if (turn < 50) {
    sched_yield();
    return;
  }
  timespec pause{0, std::min(50'000L * (turn - 49), 1'000'000L)};
  nanosleep(&pause, nullptr);
}

}  // namespace

Drained wait_unpinned(const std::vector<const ark_entry_t*>& entries, Deadline deadline) {
  if (entries.empty()) return Drained::kYes;
  barrier_on_all_threads();
  const Known* self = if_known();
  for (int turn = 0;; ++turn) {
    bool mine = false, others = false;
    each([&](Known& thread) {
      if (pins(thread, entries)) (&thread == self ? mine : others) = true;
    });
    if (!others) return mine ? Drained::kWouldDeadlock : Drained::kYes;
    if (std::chrono::steady_clock::now() >= deadline) return Drained::kLate;
    back_off(turn);
  }
}

std::vector<int> threads_inside(const std::vector<const ark_entry_t*>& entries) {
  std::vector<int> inside;
  each([&](Known& thread) {
    if (pins(thread, entries)) inside.push_back(thread.tid);
  });
  return inside;
}

bool inside_here(const std::vector<const ark_entry_t*>& entries) {
  const Known* self = if_known();
  return self && pins(*self, entries);
}

}  // namespace ark::container::thread
