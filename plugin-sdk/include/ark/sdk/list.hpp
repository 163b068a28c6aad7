/// ARK_STRUCT and ARK_ERROR: the lists of members that make a struct a value. Write them outside any namespace, after the struct.
#pragma once

#include <ark/sdk/types.hpp>

#include <cstddef>
#include <type_traits>

// ARK_EACH(F, T, a, b, c) is F(T, a, 0) F(T, b, 0 + 1) F(T, c, 0 + 1 + 1): up to 84 entries.
#define ARK_PARENTHESES ()
#define ARK_EXPAND(...) ARK_EXPAND_3(ARK_EXPAND_3(ARK_EXPAND_3(ARK_EXPAND_3(__VA_ARGS__))))
#define ARK_EXPAND_3(...) ARK_EXPAND_2(ARK_EXPAND_2(ARK_EXPAND_2(ARK_EXPAND_2(__VA_ARGS__))))
#define ARK_EXPAND_2(...) ARK_EXPAND_1(ARK_EXPAND_1(ARK_EXPAND_1(ARK_EXPAND_1(__VA_ARGS__))))
#define ARK_EXPAND_1(...) __VA_ARGS__
#define ARK_EACH(F, T, ...) __VA_OPT__(ARK_EXPAND(ARK_EACH_STEP(F, T, 0, __VA_ARGS__)))
#define ARK_EACH_STEP(F, T, i, entry, ...) F(T, entry, i) __VA_OPT__(ARK_EACH_AGAIN ARK_PARENTHESES(F, T, i + 1, __VA_ARGS__))
#define ARK_EACH_AGAIN() ARK_EACH_STEP
#define ARK_COUNT_ONE(T, entry, i) +1

#define ARK_FIELD(T, member, i) {#member, offsetof(T, member), 0, &ark::detail::Type<typename ark::detail::Inside<decltype(T::member)>::type>::value},
#define ARK_FIELD_OFFSET(T, member, i) offsetof(T, member),

#define ARK_LIST_MEMBERS(T, ID, ...)                                                                                    \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"")                                \
  template <>                                                                                                           \
  struct ark::Struct<T> {                                                                                               \
    static constexpr const char* kId = ID;                                                                              \
    template <class X> /* not before it is used: lists may come in any order */                                         \
    struct Fields {                                                                                                     \
      static constexpr ark_field_t list[] = {ARK_EACH(ARK_FIELD, X, __VA_ARGS__)};                                      \
    };                                                                                                                  \
    /* fails with the number of members if one is not listed */                                                         \
    static void every_member_is_listed(T& value) { [[maybe_unused]] auto& [__VA_ARGS__] = value; }                      \
    static constexpr bool in_order() {                                                                                  \
      constexpr size_t offsets[] = {ARK_EACH(ARK_FIELD_OFFSET, T, __VA_ARGS__)};                                        \
      for (size_t i = 1; i < sizeof offsets / sizeof *offsets; ++i) {                                                   \
        if (offsets[i] <= offsets[i - 1]) return false;                                                                 \
      }                                                                                                                 \
      return true;                                                                                                      \
    }                                                                                                                   \
  };                                                                                                                    \
  static_assert(ark::Struct<T>::in_order(), "ark: list the members of " #T " in the order of their declaration");       \
  static_assert(std::is_default_constructible_v<T>, "ark: " #T " needs a default constructor: a carrier builds it");    \
  static_assert(std::is_copy_constructible_v<T>, "ark: " #T " must be copyable: it is a value");                        \
  _Pragma("GCC diagnostic pop")

/// ARK_STRUCT(acme::Order, "com.acme.Order", id, lines, express): every member, in the order of declaration. The id is its name on any wire.
#define ARK_STRUCT(T, ID, ...)                                                                    \
  static_assert(!std::is_polymorphic_v<T>, "ark: " #T " has virtual functions; a value has none"); \
  ARK_LIST_MEMBERS(T, ID, __VA_ARGS__)

/// The same for what a contract's methods throw (ark::Errors); it may derive from std::exception.
#define ARK_ERROR(T, ID, ...) ARK_LIST_MEMBERS(T, ID, __VA_ARGS__)
