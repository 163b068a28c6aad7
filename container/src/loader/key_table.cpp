#include "loader/key_table.hpp"

#include <sched.h>

#include <array>
#include <cerrno>
#include <limits.h>
#include <mutex>
#include <utility>

namespace ark::container::loader {
namespace {

constexpr size_t kKeys = PTHREAD_KEYS_MAX;

struct Entry {
  pthread_key_t key = 0;
  void (*destroy)(void*) = nullptr;
  const void* owner = nullptr;  // null: free
  int running = 0;
  bool deleted = false;  // the key is; the place is freed once none of its destructors runs
};

struct Table {
  std::mutex mutex;
  std::array<Entry, kKeys> entries;  // guarded by mutex
};

Table& table() {
  static Table* t = new Table;  // never destroyed: threads may end after main
  return *t;
}

/// The place whose destructor the calling thread is running.
thread_local const Entry* running_here = nullptr;

/// What the C library calls with a thread's value of the key at `index`.
void run_destructor(size_t index, void* value) {
  auto& t = table();
  void (*destroy)(void*);
  {
    std::lock_guard lock(t.mutex);
    auto& entry = t.entries[index];
    if (!entry.owner || entry.deleted) return;  // meanwhile
    destroy = entry.destroy;
    ++entry.running;
    running_here = &entry;
  }
  struct Done {
    Entry& entry;
    ~Done() {
      running_here = nullptr;
      std::lock_guard lock(table().mutex);
      if (--entry.running == 0 && entry.deleted) entry = {};
    }
  } done{t.entries[index]};
  destroy(value);
}

/// The C library passes a destructor nothing but the value: one function for each place in the table.
template <size_t... I>
constexpr std::array<void (*)(void*), sizeof...(I)> make_destructors(std::index_sequence<I...>) {
  return {+[](void* value) { run_destructor(I, value); }...};
}
constexpr auto kDestructors = make_destructors(std::make_index_sequence<kKeys>());

}  // namespace

int create_key(const void* owner, pthread_key_t* key, void (*destroy)(void*)) {
  auto& t = table();
  std::lock_guard lock(t.mutex);
  for (size_t i = 0; i < kKeys; ++i) {
    auto& entry = t.entries[i];
    if (entry.owner) continue;
    const int error = pthread_key_create(key, destroy ? kDestructors[i] : nullptr);
    if (error == 0) entry = {*key, destroy, owner};
    return error;
  }
  return EAGAIN;
}

int delete_key(pthread_key_t key) {
  auto& t = table();
  std::unique_lock lock(t.mutex);
  Entry* found = nullptr;
  for (auto& entry : t.entries) {
    if (entry.owner && entry.key == key && !entry.deleted) found = &entry;
  }
  const int error = pthread_key_delete(key);
  if (!found) return error;
  found->deleted = true;
  const int own = running_here == found ? 1 : 0;  // a destructor that deletes its own key does not wait for itself
  ++found->running;                               // keeps the place
  while (found->running > own + 1) {
    lock.unlock();
    sched_yield();
    lock.lock();
  }
  if (--found->running == 0) *found = {};
  return error;
}

std::vector<OwnedKey> keys_of(const void* owner) {
  std::lock_guard lock(table().mutex);
  std::vector<OwnedKey> keys;
  for (auto& entry : table().entries) {
    if (entry.owner == owner && !entry.deleted) keys.push_back({entry.key, entry.destroy});
  }
  return keys;
}

int running_key_destructors_of(const void* owner) {
  std::lock_guard lock(table().mutex);
  int running = 0;
  for (auto& entry : table().entries) {
    if (entry.owner == owner) running += entry.running;
  }
  return running;
}

void run_key_destructors(const void* owner) {
  for (const auto& owned : keys_of(owner)) {
    void* value = owned.destroy ? pthread_getspecific(owned.key) : nullptr;
    if (!value) continue;
    pthread_setspecific(owned.key, nullptr);
    owned.destroy(value);
  }
}

}  // namespace ark::container::loader
