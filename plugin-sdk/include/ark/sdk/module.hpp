/// ARK_BIZ and ARK_PLUGIN: make a class the module.
///
///   class Orders {
///    public:
///     explicit Orders(ark::Context& ctx);  // starts
///     ~Orders();                           // stops
///   };
///   ARK_BIZ(Orders)
///
/// Once in a module, in the namespace of the class or outside any.
#pragma once

#include <ark/abi/module.h>
#include <ark/sdk/context.hpp>
#include <ark/sdk/linked.hpp>

#include <memory>
#include <type_traits>

// ark_add_biz() and ark_add_plugin() define ARK_MODULE_NAME, _VERSION, _KIND, _EXPORTS and _IMPORTS.
#if defined(ARK_MODULE_NAME) && defined(ARK_MODULE_VERSION) && defined(ARK_MODULE_KIND)
#define ARK_MODULE_IS_DESCRIBED 1
#else
#define ARK_MODULE_IS_DESCRIBED 0
#define ARK_MODULE_NAME ""
#define ARK_MODULE_VERSION ""
#define ARK_MODULE_KIND ARK_MODULE_BIZ
#endif
#ifndef ARK_MODULE_EXPORTS
#define ARK_MODULE_EXPORTS ""
#endif
#ifndef ARK_MODULE_IMPORTS
#define ARK_MODULE_IMPORTS ""
#endif

// Bounds of the section that ARK_CONTRACT fills; missing in a module without contracts.
extern "C" {
extern const ark_contract_t* const __start_ark_contracts[] __attribute__((weak, visibility("hidden")));
extern const ark_contract_t* const __stop_ark_contracts[] __attribute__((weak, visibility("hidden")));
}

namespace ark::detail {

template <class M>
struct ModuleObject {
  static_assert(std::is_constructible_v<M, Context&>,
                "ark: a module's class has a constructor that takes ark::Context&");
  Context context;
  M module;
  ModuleObject(const ark_host_t* host, ark_generation_t* generation) : context(host, generation), module(context) {}
};

template <class M>
void* start_module(const ark_host_t* host, ark_generation_t* generation, ark_status_t* status) {
  void* object = nullptr;
  guarded(status, [&] { object = new ModuleObject<M>(host, generation); });
  return object;
}
template <class M>
void stop_module(void* object, ark_status_t* status) {
  guarded(status, [&] { delete static_cast<ModuleObject<M>*>(object); });
}

template <class M>
constexpr ark_module_t describe_module(ark_module_kind_t kind, ark_self_t* self) {
  return {ARK_ABI_VERSION,
          sizeof(ark_module_t),
          ARK_FINGERPRINT,
          ARK_VERSION_TEXT,
          ARK_MODULE_NAME,
          ARK_MODULE_VERSION,
          ARK_MODULE_EXPORTS,
          ARK_MODULE_IMPORTS,
          static_cast<uint32_t>(kind),
          0,
          self,
          __start_ark_contracts,
          __stop_ark_contracts,
          &start_module<M>,
          &stop_module<M>};
}

}  // namespace ark::detail

#define ARK_CHECK_MODULE(KIND, MACRO, FUNCTION)                                              \
  static_assert(ARK_MODULE_IS_DESCRIBED, "ark: build this file with " FUNCTION " in CMake"); \
  static_assert(!ARK_MODULE_IS_DESCRIBED || ARK_MODULE_KIND == KIND,                         \
                "ark: " MACRO " is in a module that CMake does not add with " FUNCTION);

#if defined(ARK_LINKED)

#define ARK_LINKED_NAME_(target) ark_module_##target
#define ARK_LINKED_NAME(target) ARK_LINKED_NAME_(target)
#define ARK_DEFINE_MODULE(M, KIND)                                                                              \
  extern "C" const ark_module_t ARK_LINKED_NAME(ARK_LINKED);                                                    \
  extern "C" const ark_module_t ARK_LINKED_NAME(ARK_LINKED) = ::ark::detail::describe_module<M>(KIND, nullptr); \
  static const ::ark::LinkedModule ark_linked_module{&ARK_LINKED_NAME(ARK_LINKED)};

#else

extern "C" __attribute__((visibility("hidden"))) ark_self_t ark_self;  // the glue object reads it

#define ARK_DEFINE_MODULE(M, KIND)                                                                    \
  extern "C" {                                                                                        \
  ark_self_t ark_self{};                                                                              \
  extern __attribute__((visibility("default"))) const ark_module_t ark_module;                        \
  ARK_CONSTINIT const ark_module_t ark_module = ::ark::detail::describe_module<M>(KIND, &::ark_self); \
  }

#endif

#define ARK_BIZ(M)                                             \
  ARK_CHECK_MODULE(ARK_MODULE_BIZ, "ARK_BIZ", "ark_add_biz()") \
  ARK_DEFINE_MODULE(M, ARK_MODULE_BIZ)

#define ARK_PLUGIN(M)                                                   \
  ARK_CHECK_MODULE(ARK_MODULE_PLUGIN, "ARK_PLUGIN", "ark_add_plugin()") \
  ARK_DEFINE_MODULE(M, ARK_MODULE_PLUGIN)
