// A module as ark_add_biz links it, but with a second symbol: what a test makes its code do.
#include "glue/module.hpp"

#include <ark/sdk.hpp>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <thread>

namespace {

struct Module {
  explicit Module(ark::Context&) {}
};

void do_nothing(int) {}
void forget(void*) {}
void* run(void* argument) { return argument; }

/// Its destructor is registered with the thread that first looks at it.
struct Goodbye {
  int value = 1;
  ~Goodbye() { value = 0; }
};
thread_local Goodbye goodbye;

int act(glue::Act what) {
  switch (what) {
    case glue::Act::kPthread: {
      pthread_t thread;
      const int failed = pthread_create(&thread, nullptr, run, nullptr);
      return failed ? failed : pthread_join(thread, nullptr);
    }
    case glue::Act::kStdThread:
      std::thread([] {}).join();
      return 0;
    case glue::Act::kKeyCreate: {
      pthread_key_t key;
      return pthread_key_create(&key, forget);
    }
    case glue::Act::kKeyDelete:
      return pthread_key_delete(12345);
    case glue::Act::kThreadLocal:
      return goodbye.value;
    case glue::Act::kSigaction: {
      struct sigaction action {};
      action.sa_handler = do_nothing;
      return sigaction(SIGUSR2, &action, nullptr);
    }
    case glue::Act::kSignal:
      return signal(SIGUSR2, do_nothing) == SIG_IGN ? 0 : -1;
    case glue::Act::kOnExit:
      return on_exit([](int, void*) {}, nullptr);
    case glue::Act::kExit:
      exit(3);
    case glue::Act::kUnderscoreExit:
      _exit(4);
    case glue::Act::kUnderscoreCapitalExit:
      _Exit(5);
    case glue::Act::kQuickExit:
      quick_exit(6);
  }
  return -1;
}

}  // namespace

ARK_BIZ(Module)

extern "C" __attribute__((visibility("default"))) int glue_act(int what) { return act(static_cast<glue::Act>(what)); }
