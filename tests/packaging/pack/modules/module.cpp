// A module made by hand from the C tables alone. Definitions add one fault each.
#include <ark/abi/module.h>

#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <exception>

#ifndef MODULE_ABI
#define MODULE_ABI ARK_ABI_VERSION
#endif
#ifndef MODULE_NAME
#define MODULE_NAME "hand"
#endif
#ifndef MODULE_VERSION
#define MODULE_VERSION "1.2.3"
#endif
#ifndef MODULE_EXPORTS
#define MODULE_EXPORTS "com.acme.Clock@1.0"
#endif
#ifndef MODULE_IMPORTS
#define MODULE_IMPORTS "com.acme.Zone@[1.0,2.0)?"
#endif

namespace {

// A contract with `virtual int64_t now() = 0` and nothing else.
#if defined(__aarch64__)
constexpr intptr_t kFirstSlot[2] = {0, 1}, kSecondSlot[2] = {8, 1};
#else
constexpr intptr_t kFirstSlot[2] = {1, 0}, kSecondSlot[2] = {9, 0};
#endif
constexpr ark_type_t integer_type() {
  ark_type_t type{};
  type.kind = ARK_KIND_INT;
  type.flags = ARK_TYPE_TRIVIAL;
  type.size = type.align = 8;
  return type;
}
constexpr ark_type_t kInteger = integer_type();
constexpr ark_method_t kMethods[] = {{"now", 0, 0, &kInteger, nullptr, kFirstSlot}};
constexpr ark_contract_t clock_contract(const char* id) {
  ark_contract_t contract{};
  contract.size = sizeof contract;
  contract.id = id;
  contract.version = "1.0";
  contract.method_count = 1;
  contract.methods = kMethods;
  contract.end_pointer = kSecondSlot;
  return contract;
}
constexpr ark_contract_t kClock = clock_contract("com.acme.Clock"), kZone = clock_contract("com.acme.Zone");
constexpr const ark_contract_t* kContracts[] = {&kClock, nullptr, &kZone, &kClock};

struct Static {
  Static() { value = ::getpid(); }
  ~Static() { value = 0; }
  volatile int value;
};
#ifdef CONSTRUCTOR_ENDS_PROCESS
struct Deadly {
  Deadly() { ::_exit(3); }
} deadly;
#endif
Static constructed;

void* start(const ark_host_t*, ark_generation_t*, ark_status_t*) { return &constructed; }
void stop(void*, ark_status_t*) {}

}  // namespace

extern "C" {
__attribute__((visibility("hidden"))) extern ark_self_t ark_self;  // for the glue object
ark_self_t ark_self{};
__attribute__((visibility("default"))) extern const ark_module_t ark_module;
const ark_module_t ark_module = {MODULE_ABI,
                                 sizeof(ark_module_t),
                                 ARK_FINGERPRINT,
                                 ARK_VERSION_TEXT,
                                 MODULE_NAME,
                                 MODULE_VERSION,
                                 MODULE_EXPORTS,
                                 MODULE_IMPORTS,
                                 ARK_MODULE_BIZ,
                                 0,
                                 &ark_self,
                                 kContracts,
                                 kContracts + 4,
                                 start,
                                 stop};
}

#ifdef USE_COMPANY
extern "C" int company_secret(void);
int use_company() { return company_secret(); }
#endif

#ifdef CODE_WITH_ADDRESS
asm(".text\n.balign 8\n.quad ark_module\n");
#endif

extern "C" void own_init() { constructed.value = 1; }
extern "C" void own_fini() { constructed.value = 2; }

#ifdef THREAD_LOCAL_BYTES
__attribute__((visibility("hidden"))) thread_local volatile char room[THREAD_LOCAL_BYTES];
char use_room() { return room[0]; }
#endif

#ifdef SET_TERMINATE
void use_terminate() {
  std::set_terminate([] { std::abort(); });
}
#endif

#ifdef INLINE_STATIC
template <class T>
struct Unique {
  static int value;
};
template <class T>
int Unique<T>::value = 0;
int use_unique() { return ++Unique<int>::value; }
#endif

#ifdef THROWS
int use_throw(int x) {
  try {
    if (x > 0) throw x;
  } catch (int y) {
    return y;
  }
  return 0;
}
#endif

#ifdef CALL_NOBODY
extern "C" void nobody_defines_this();
void use_nobody() { nobody_defines_this(); }
#endif

#if defined(RESOLVER_DIES) || defined(RESOLVER_EXITS) || defined(RESOLVER_HANGS)
namespace {
void nothing() {}
}  // namespace
// Runs while the file is loaded.
extern "C" __attribute__((no_sanitize("address", "thread", "undefined"))) void (*resolve_work())() {
#if defined(RESOLVER_DIES)
  __builtin_trap();
#elif defined(RESOLVER_EXITS)
  ::_exit(0);
#else
  for (;;) ::pause();
#endif
  return nothing;
}
extern "C" void work() __attribute__((ifunc("resolve_work")));
void (*volatile use_work)() = work;
#endif
