/// What ARK_CONTRACT (contract.hpp) expands to. Names that meet an author's method names begin with Ark.
#pragma once
#pragma GCC system_header  // compilers warn of __VA_OPT__ before C++20, though all that we support have it

#include <ark/sdk/list.hpp>
#include <ark/sdk/method.hpp>
#include <ark/sdk/pin.hpp>

#include <type_traits>

#define ARK_METHOD(T, method, i)                                                                \
  template <>                                                                                   \
  struct ark::detail::Method<T, i> {                                                            \
    static constexpr const char* kName = #method;                                               \
    struct ArkClash {                                                                           \
      int method;                                                                               \
    };                                                                                          \
    template <class ArkX>                                                                       \
    struct ArkBoth : ArkX, ArkClash {};                                                         \
    template <class ArkX, class = void>                                                         \
    struct Has : std::true_type {};                                                             \
    template <class ArkX>                                                                       \
    struct Has<ArkX, std::void_t<decltype(&ArkBoth<ArkX>::method)>> : std::false_type {};       \
    template <class ArkX, class = void>                                                         \
    struct One : std::false_type {                                                              \
      using type = void;                                                                        \
    };                                                                                          \
    template <class ArkX>                                                                       \
    struct One<ArkX, std::void_t<decltype(&ArkX::method)>> : std::true_type {                   \
      using type = decltype(&ArkX::method);                                                     \
    };                                                                                          \
    static_assert(Has<T>::value, "ark: " #T " has no method " #method);                         \
    static_assert(!Has<T>::value || One<T>::value,                                              \
                  "ark: " #T "::" #method                                                       \
                  " is overloaded or not public; a contract's method needs a name of its own"); \
    using Pointer = typename One<T>::type;                                                      \
    template <class ArkX>                                                                       \
    static constexpr auto pointer() {                                                           \
      using Wanted = typename InTermsOf<ArkX, Pointer>::type;                                   \
      static_assert(std::is_convertible_v<Pointer, Wanted>,                                     \
                    "ark: " #T " inherits " #method " from a virtual base; a contract cannot"); \
      if constexpr (std::is_void_v<Pointer> || !std::is_convertible_v<Pointer, Wanted>) {       \
        return nullptr;                                                                         \
      } else {                                                                                  \
        return static_cast<Wanted>(&ArkX::method);                                              \
      }                                                                                         \
    }                                                                                           \
    template <class ArkNext, class S>                                                           \
    struct ArkCall;                                                                             \
    template <class ArkNext, class ArkR, class... ArkA>                                         \
    struct ArkCall<ArkNext, ArkR(ArkA...)> : ArkNext {                                          \
      ARK_ALWAYS_INLINE ArkR method(ArkA... arguments) const {                                  \
        return this->ark_caller.template call<T, i, ArkR>(static_cast<ArkA&&>(arguments)...);   \
      }                                                                                         \
    };                                                                                          \
    template <class ArkNext, class S>                                                           \
    struct ArkOverride : ArkNext {};                                                            \
    ARK_OVERRIDES(method, i, T)                                                                 \
  };

#define ARK_OVERRIDES(method, i, T)    \
  ARK_OVERRIDE(method, i, T, )         \
  ARK_OVERRIDE(method, i, T, const)    \
  ARK_OVERRIDE(method, i, T, noexcept) \
  ARK_OVERRIDE(method, i, T, const noexcept)

#define ARK_OVERRIDE(method, i, T, QUALIFIERS)                                                                \
  template <class ArkNext, class ArkR, class... ArkA>                                                         \
  struct ArkOverride<ArkNext, ArkR(ArkA...) QUALIFIERS> : ArkNext {                                           \
    /* cold: else the compiler takes a proxy to be what a caller of the contract most likely has before it */ \
    [[gnu::cold]] ArkR method(ArkA... arguments) QUALIFIERS override {                                        \
      return this->ark_caller.template call<T, i, ArkR>(static_cast<ArkA&&>(arguments)...);                   \
    }                                                                                                         \
  };

#define ARK_JOIN_(a, b) a##b
#define ARK_JOIN(a, b) ARK_JOIN_(a, b)

#define ARK_DEFINE_CONTRACT(LOCAL, T, ID, VERSION, ...) \
  ARK_DEFINE_CONTRACT_LIST(LOCAL, T, ID, VERSION, __VA_ARGS__ __VA_OPT__(, ))
#define ARK_DEFINE_CONTRACT_LIST(LOCAL, T, ID, VERSION, ...)                                   \
  template <>                                                                                  \
  struct ark::detail::ContractOf<T> {                                                          \
    static constexpr const char* kId = ID;                                                     \
    static constexpr const char* kVersion = VERSION;                                           \
    static constexpr bool kLocal = LOCAL;                                                      \
    static constexpr int kMethods = 0 ARK_EACH(ARK_COUNT_ONE, T, __VA_ARGS__);                 \
    static_assert(kMethods > 0, "ark: " #T " lists no method");                                \
    static_assert(kMethods <= 64, "ark: " #T " lists more than 64 methods");                   \
  };                                                                                           \
  ARK_EACH(ARK_METHOD, T, __VA_ARGS__)                                                         \
  /* Where the container and the packer find all contracts that a module was compiled with. */ \
  [[gnu::used, gnu::section("ark_contracts")]] static const ark_contract_t* const ARK_JOIN(    \
      ark_contract_entry_, __COUNTER__) = &ark::detail::ContractTable<T>::value;
