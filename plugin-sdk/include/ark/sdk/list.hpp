/// ARK_STRUCT and ARK_ERROR: the lists of members that make a struct a value. Write them outside any namespace, after
/// the struct.
#pragma once
#pragma GCC system_header  // compilers warn of __VA_OPT__ before C++20, though all that we support have it

#include <ark/sdk/types.hpp>

#include <cstddef>
#include <stdexcept>
#include <type_traits>

// ARK_EACH(F, T, a, b, c, ) is F(T, a, 0) F(T, b, 0 + 1) F(T, c, 0 + 1 + 1), ARK_NAMES(a, b, c, ) is a, b, c: up to 84
// entries. Lists end in a comma, since before C++20 a macro may not be given nothing for its dots.
#define ARK_PARENTHESES ()
#define ARK_EXPAND(...) ARK_EXPAND_3(ARK_EXPAND_3(ARK_EXPAND_3(ARK_EXPAND_3(__VA_ARGS__))))
#define ARK_EXPAND_3(...) ARK_EXPAND_2(ARK_EXPAND_2(ARK_EXPAND_2(ARK_EXPAND_2(__VA_ARGS__))))
#define ARK_EXPAND_2(...) ARK_EXPAND_1(ARK_EXPAND_1(ARK_EXPAND_1(ARK_EXPAND_1(__VA_ARGS__))))
#define ARK_EXPAND_1(...) __VA_ARGS__
#define ARK_EACH(F, T, ...) __VA_OPT__(ARK_EXPAND(ARK_EACH_STEP(F, T, 0, __VA_ARGS__)))
#define ARK_EACH_STEP(F, T, i, entry, ...) \
  F(T, entry, i) __VA_OPT__(ARK_EACH_AGAIN ARK_PARENTHESES(F, T, i + 1, __VA_ARGS__))
#define ARK_EACH_AGAIN() ARK_EACH_STEP
#define ARK_NAMES(...) ARK_EXPAND(ARK_NAMES_STEP(__VA_ARGS__))
#define ARK_NAMES_STEP(entry, ...) entry __VA_OPT__(, ARK_NAMES_AGAIN ARK_PARENTHESES(__VA_ARGS__))
#define ARK_NAMES_AGAIN() ARK_NAMES_STEP
#define ARK_COUNT_ONE(T, entry, i) +1

#define ARK_FIELD(T, member, i) \
  {#member, offsetof(T, member), 0, &ark::detail::Type<typename ark::detail::Inside<decltype(T::member)>::type>::value},
#define ARK_FIELD_OFFSET(T, member, i) offsetof(T, member),

namespace ark::detail {

constexpr bool ascend(const size_t* offsets, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    if (offsets[i] <= offsets[i - 1]) return false;
  }
  return true;
}

}  // namespace ark::detail

#define ARK_LIST_MEMBERS(T, ID, ...)                                                                                 \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"") template <>                \
  struct ark::Struct<T> {                                                                                            \
    static constexpr const char* kId = ID;                                                                           \
    template <class X> /* not before it is used: lists may come in any order */                                      \
    struct Members {                                                                                                 \
      static constexpr uint32_t count = 0 ARK_EACH(ARK_COUNT_ONE, X, __VA_ARGS__);                                   \
      static constexpr ark_field_t list[] = {ARK_EACH(ARK_FIELD, X, __VA_ARGS__){}};                                 \
    };                                                                                                               \
    /* fails, saying how many members there are, if one is not listed */                                             \
    __VA_OPT__(static void every_member_is_listed(T& value) {                                                        \
      [[maybe_unused]] auto& [ARK_NAMES(__VA_ARGS__)] = value;                                                       \
    })                                                                                                               \
    static constexpr size_t kOffsets[] = {ARK_EACH(ARK_FIELD_OFFSET, T, __VA_ARGS__) 0};                             \
  };                                                                                                                 \
  static_assert(ark::detail::ascend(ark::Struct<T>::kOffsets, sizeof ark::Struct<T>::kOffsets / sizeof(size_t) - 1), \
                "ark: list the members of " #T " in the order of their declaration");                                \
  static_assert(std::is_default_constructible_v<T>, "ark: " #T " needs a default constructor: a carrier builds it"); \
  static_assert(std::is_copy_constructible_v<T>, "ark: " #T " must be copyable: it is a value");                     \
  _Pragma("GCC diagnostic pop")

/// ARK_STRUCT(acme::Order, "com.acme.Order", id, lines, express): every member, in the order of declaration. The id is
/// its name on any wire.
#define ARK_STRUCT(T, ...)                                                                         \
  static_assert(!std::is_polymorphic_v<T>, "ark: " #T " has virtual functions; a value has none"); \
  ARK_LIST_MEMBERS(T, __VA_ARGS__, )

/// The same for what a contract's methods throw (ark::Errors). It may derive from std::exception.
#define ARK_ERROR(T, ...)                                                                                \
  static_assert(!std::is_base_of_v<std::runtime_error, T> && !std::is_base_of_v<std::logic_error, T>,    \
                "ark: derive " #T                                                                        \
                " from std::exception: std::runtime_error and the like hold a text that no list names"); \
  ARK_LIST_MEMBERS(T, __VA_ARGS__, )
