#include "thread/known_threads.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>

namespace ark::container::thread {
namespace {

thread_local ark_record_t this_record;  // all zero until the thread is known
thread_local Known* this_thread = nullptr;
thread_local int this_tid = 0;

struct Registry {
  std::mutex mutex;
  std::vector<Known*> threads;               // guarded by mutex
  std::map<const void*, int> running;        // guarded by mutex: farewells in progress, by owner
  pthread_key_t end_of_thread;
  Registry();
};

Registry& registry() {
  static Registry* r = new Registry;  // never destroyed: threads may end after main
  return *r;
}

/// Takes the newest farewell of `thread` that is `owner`'s, or anybody's if owner is null. The mutex is held.
bool take(Known& thread, const void* owner, Farewell* taken) {
  auto& all = thread.farewells;
  auto found = std::find_if(all.rbegin(), all.rend(), [owner](const Farewell& f) { return !owner || f.owner == owner; });
  if (found == all.rend()) return false;
  *taken = *found;
  all.erase(std::next(found).base());
  ++registry().running[taken->owner];
  return true;
}

void finish(const Farewell& farewell) {
  auto& r = registry();
  std::lock_guard lock(r.mutex);
  if (--r.running[farewell.owner] == 0) r.running.erase(farewell.owner);
}

void run(const Farewell& farewell) {
  struct Finish {  // also when the destructor ends its thread
    const Farewell& farewell;
    ~Finish() { finish(farewell); }
  } finish_it{farewell};
  farewell.destroy(farewell.object);
}

void run_farewells(Known& thread) {
  for (;;) {
    Farewell farewell;
    {
      std::lock_guard lock(registry().mutex);
      if (!take(thread, nullptr, &farewell)) return;
    }
    run(farewell);
  }
}

void end_of_thread(void* value) {
  auto* self = static_cast<Known*>(value);
  run_farewells(*self);
  auto& r = registry();
  for (std::unique_lock lock(r.mutex);; lock.unlock(), sched_yield(), lock.lock()) {
    if (self->borrowed) continue;
    r.threads.erase(std::find(r.threads.begin(), r.threads.end(), self));
    break;
  }
  this_record.next = nullptr;  // a call from a destructor that runs later makes the thread known again
  this_thread = nullptr;
  delete self;
}

Registry::Registry() {
  if (pthread_key_create(&end_of_thread, thread::end_of_thread) != 0) {
    std::fputs("ark: no thread-specific key is left for the container itself\n", stderr);
    std::abort();
  }
}

}  // namespace

intptr_t record_offset() {
#if defined(__clang__) && defined(__x86_64__)
  char* thread_pointer;
  __asm__("mov %%fs:0, %0" : "=r"(thread_pointer));
#else
  char* thread_pointer = static_cast<char*>(__builtin_thread_pointer());
#endif
  return reinterpret_cast<char*>(&this_record) - thread_pointer;
}

int current_tid() {
  if (this_tid == 0) this_tid = static_cast<int>(syscall(SYS_gettid));
  return this_tid;
}

Known* if_known() { return this_thread; }

Known& here() {
  if (this_thread) return *this_thread;
  auto& r = registry();
  auto* self = new Known{&this_record, current_tid(), {}, {}};
  pthread_setspecific(r.end_of_thread, self);
  this_thread = self;
  std::lock_guard lock(r.mutex);
  r.threads.push_back(self);
  this_record.next = this_record.cell;
  return *self;
}

namespace {

ark_entry_t** more_cells(ark_record_t* record) {
  auto& self = here();
  if (reinterpret_cast<uintptr_t>(record->next) % ARK_RECORD_SIZE != 0) return record->next;  // known only now
  const auto is_full = [record](const ark_record_t& cells) { return record->next == std::end(cells.cell); };
  auto next = self.more.begin();
  if (!is_full(*record)) next = std::next(std::find_if(self.more.begin(), self.more.end(), is_full));
  if (next != self.more.end()) return next->cell;
  std::lock_guard lock(registry().mutex);
  return self.more.emplace_back().cell;
}

}  // namespace

ark_entry_t** more_pins(ark_record_t* record) {
  try {
    return more_cells(record);
  } catch (const std::exception& e) {
    // Not std::terminate, which may park a thread of a module and go on: the call would be in flight for ever.
    std::fprintf(stderr, "ark: a call cannot be noted, and may not go on without that: %s\n", e.what());
    std::abort();
  }
}

void each(const std::function<void(Known&)>& visit) {
  std::lock_guard lock(registry().mutex);
  for (auto* known : registry().threads) visit(*known);
}

void add_farewell(const Farewell& farewell) {
  auto& self = here();
  std::lock_guard lock(registry().mutex);
  self.farewells.push_back(farewell);
}

void run_farewells_of(const void* owner) {
  struct Borrowed {  // the objects lie in that thread's storage: it may not end before they are gone
    Known* thread = nullptr;
    ~Borrowed() {
      if (!thread) return;
      std::lock_guard lock(registry().mutex);
      --thread->borrowed;
    }
  };
  for (;;) {
    Borrowed borrowed;
    Farewell farewell{};
    {
      std::lock_guard lock(registry().mutex);
      for (auto* known : registry().threads) {
        if (!take(*known, owner, &farewell)) continue;
        borrowed.thread = known;
        ++known->borrowed;
        break;
      }
    }
    if (!borrowed.thread) return;
    run(farewell);
  }
}

int running_farewells_of(const void* owner) {
  auto& r = registry();
  std::lock_guard lock(r.mutex);
  auto found = r.running.find(owner);
  return found == r.running.end() ? 0 : found->second;
}

void run_own_farewells() {
  if (this_thread) run_farewells(*this_thread);
}

std::string describe(int tid) {
  char path[64], name[32] = "ended";
  std::snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
  if (std::FILE* file = std::fopen(path, "re")) {
    if (std::fgets(name, sizeof name, file)) name[std::char_traits<char>::length(name) - 1] = 0;
    std::fclose(file);
  }
  return "thread " + std::to_string(tid) + " (" + name + ")";
}

}  // namespace ark::container::thread
