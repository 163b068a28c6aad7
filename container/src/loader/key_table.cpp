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
};

struct Table {
  std::mutex mutex;
  std::array<Entry, kKeys> entries;  // guarded by mutex
};

Table& table() {
  static Table* t = new Table;  // never destroyed: threads may end after main
  return *t;
}

/// What the C library calls with a thread's value of the key at `index`.
void run_destructor(size_t index, void* value) {
  auto& t = table();
  void (*destroy)(void*);
  {
    std::lock_guard lock(t.mutex);
    auto& entry = t.entries[index];
    if (!entry.owner) return;  // deleted meanwhile
    destroy = entry.destroy;
    ++entry.running;
  }
  struct Done {
    size_t index;
    ~Done() {
      std::lock_guard lock(table().mutex);
      --table().entries[index].running;
    }
  } done{index};
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
    if (error == 0) entry = {*key, destroy, owner, 0};
    return error;
  }
  return EAGAIN;
}

int delete_key(pthread_key_t key) {
  auto& t = table();
  for (std::unique_lock lock(t.mutex);; lock.unlock(), sched_yield(), lock.lock()) {
    Entry* found = nullptr;
    for (auto& entry : t.entries) {
      if (entry.owner && entry.key == key) found = &entry;
    }
    if (!found) return pthread_key_delete(key);
    if (found->running) continue;
    *found = {};
    return pthread_key_delete(key);
  }
}

std::vector<OwnedKey> keys_of(const void* owner) {
  std::lock_guard lock(table().mutex);
  std::vector<OwnedKey> keys;
  for (auto& entry : table().entries) {
    if (entry.owner == owner) keys.push_back({entry.key, entry.destroy});
  }
  return keys;
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
