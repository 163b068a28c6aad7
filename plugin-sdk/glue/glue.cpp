// Linked into every module, with --wrap for each function below: what a module starts or registers it starts and
// registers through the container, which knows then whose it is. Static libraries inside the module are wrapped too.
// Shared libraries that travel with it are led here by the packer, which renames what they import to ark_hook_...
// (docs/isolation.md). One object for all modules; it has no state of its own.
#include <ark/abi/module.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

extern "C" {

extern __attribute__((visibility("hidden")))
ark_self_t ark_self;  // ARK_BIZ or ARK_PLUGIN defines it; the container fills it before any code runs

static const ark_hooks_t& hooks() {
  if (ark_self.hooks) return *ark_self.hooks;
  std::fputs(
      "ark: a module's code runs outside a container: it was opened by dlopen; use ark-container, or build it with "
      "ARK_LINKED\n",
      stderr);
  std::abort();
}

// std::thread's entry: libstdc++ calls pthread_create itself, so this is what a module imports.
#define ARK_STD_THREAD_START _ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE
#define ARK_GLUE_JOIN_(a, b) a##b
#define ARK_GLUE_JOIN(a, b) ARK_GLUE_JOIN_(a, b)
#define ARK_REAL(name) ARK_GLUE_JOIN(__real_, name)
#define ARK_WRAP(name) ARK_GLUE_JOIN(__wrap_, name)

void ARK_REAL(ARK_STD_THREAD_START)(void* thread, void** state, void (*depend)());
/// state: the unique_ptr<std::thread::_State> parameter, which is passed by address.
void ARK_WRAP(ARK_STD_THREAD_START)(void* thread, void** state, void (*depend)()) {
  *state = hooks().thread_state(ark_self.generation, *state);
  ARK_REAL(ARK_STD_THREAD_START)(thread, state, depend);
}

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  return hooks().thread_create(ark_self.generation, thread, attributes, start, argument);
}
int __wrap_pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) {
  return hooks().key_create(ark_self.generation, key, destroy);
}
int __wrap_pthread_key_delete(pthread_key_t key) { return hooks().key_delete(ark_self.generation, key); }

int __wrap___cxa_thread_atexit(void (*destroy)(void*), void* object, void*) {
  return hooks().thread_atexit(ark_self.generation, destroy, object);
}
int __wrap___cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void*) {
  return hooks().thread_atexit(ark_self.generation, destroy, object);
}

int __wrap_sigaction(int number, const struct sigaction* action, struct sigaction* old) {
  return hooks().sigaction(ark_self.generation, number, action, old);
}
/// As the C library does it: the handler stays, and interrupted calls go on.
sighandler_t __wrap_signal(int number, sighandler_t handler) {
  struct sigaction action = {}, old = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return hooks().sigaction(ark_self.generation, number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int __wrap_on_exit(void (*function)(int, void*), void* argument) {
  return hooks().on_exit(ark_self.generation, function, argument);
}
[[noreturn]] void __wrap_exit(int status) {
  hooks().exit(ark_self.generation, status, 0);
  std::abort();
}
[[noreturn]] void __wrap_quick_exit(int status) {
  hooks().exit(ark_self.generation, status, 1);
  std::abort();
}
[[noreturn]] void __wrap__exit(int status) {
  hooks().exit(ark_self.generation, status, 1);
  std::abort();
}
[[noreturn]] void __wrap__Exit(int status) {
  hooks().exit(ark_self.generation, status, 1);
  std::abort();
}

// The same for libraries of the module: with the module's main file they are bound in one scope, and it stands first.
#define ARK_HOOK(name) \
  __attribute__((visibility("default"), alias(ARK_HOOK_TEXT(ARK_WRAP(name))))) decltype(ARK_WRAP(name)) ARK_GLUE_JOIN(ark_hook_, name)
#define ARK_HOOK_TEXT(name) ARK_HOOK_TEXT_(name)
#define ARK_HOOK_TEXT_(name) #name

ARK_HOOK(ARK_STD_THREAD_START);
ARK_HOOK(pthread_create);
ARK_HOOK(pthread_key_create);
ARK_HOOK(pthread_key_delete);
ARK_HOOK(__cxa_thread_atexit);
ARK_HOOK(__cxa_thread_atexit_impl);
ARK_HOOK(sigaction);
ARK_HOOK(signal);
ARK_HOOK(on_exit);
ARK_HOOK(exit);
ARK_HOOK(quick_exit);
ARK_HOOK(_exit);
ARK_HOOK(_Exit);

}  // extern "C"
