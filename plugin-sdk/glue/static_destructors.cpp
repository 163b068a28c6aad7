// The destructors of a module's static objects, kept by the module itself. The C library's list would grow for as long
// as modules are replaced: it uses a slot again only behind the last one in use, and there the next generation has
// always put its own (32 bytes for each static object).
#include <pthread.h>

#include <cstddef>
#include <cstdlib>

namespace {

struct Destructor {
  void (*destroy)(void*);
  void* object;
};

// Constant-initialised, as static constructors come here in any order; nothing to destroy.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
Destructor* destructors = nullptr;  // guarded by mutex, as the next two
size_t count = 0;
size_t room = 0;

bool take_last(Destructor* last) {
  pthread_mutex_lock(&mutex);
  const bool found = count > 0;
  if (found) *last = destructors[--count];
  pthread_mutex_unlock(&mutex);
  return found;
}

/// Run by the loader after all other functions of the module's fini array, as the C library would. A destructor may
/// register others: each is taken off before it runs. Those behind one that ends its thread never run.
__attribute__((destructor(101))) void run_static_destructors() {
  for (Destructor last; take_last(&last);) last.destroy(last.object);
  std::free(destructors);
  destructors = nullptr;
  room = 0;
}

}  // namespace

extern "C" int __wrap___cxa_atexit(void (*destroy)(void*), void* object, void*) {
  pthread_mutex_lock(&mutex);
  if (count == room) {
    const size_t more = room ? 2 * room : 8;
    void* grown = std::realloc(destructors, more * sizeof(Destructor));
    if (grown) {
      destructors = static_cast<Destructor*>(grown);
      room = more;
    }
  }
  const bool fits = count < room;
  if (fits) destructors[count++] = {destroy, object};
  pthread_mutex_unlock(&mutex);
  return fits ? 0 : -1;
}
