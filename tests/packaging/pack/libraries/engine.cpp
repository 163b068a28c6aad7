// A library of somebody's own, of the kind that is bundled.
#include <pthread.h>

#include <cstdlib>
#include <stdexcept>

extern "C" int parts_count();

template <class T>
struct Shared {
  static int calls;  // STB_GNU_UNIQUE where the compiler makes it so
};
template <class T>
int Shared<T>::calls = 0;

namespace {

volatile int constructed = 0;
struct Static {
  Static() { constructed = 1; }
  ~Static() { constructed = 0; }
} object;

// Behind the data in memory, in the page that the file's data ends in.
int many_zeros[4096];
// Relative relocations.
int* volatile const places[] = {&many_zeros[0], &many_zeros[1], &many_zeros[2], &many_zeros[3]};

// Not noreturn, since the hook comes back.
void (*volatile leave)(int) = std::exit;

void* nothing(void*) { return nullptr; }

}  // namespace

extern "C" {
int engine_calls() { return ++Shared<int>::calls; }
int engine_parts() { return parts_count(); }
int engine_constructed() { return constructed; }
int engine_zeros() {
  int sum = 0;
  for (int zero : many_zeros) sum += zero;
  for (auto* place : places) sum += *place;
  return sum;
}
int engine_throws(int value) {
  try {
    if (value > 0) throw std::runtime_error("thrown");
  } catch (const std::runtime_error&) {
    return value;
  }
  return 0;
}
// "exit" is the end of this name, and they share their bytes in the string table.
void engine_exit(int status) { leave(status); }
int engine_thread() {
  pthread_t thread;
  int error = pthread_create(&thread, nullptr, nothing, nullptr);
  if (error == 0) pthread_join(thread, nullptr);
  return error;
}
}
