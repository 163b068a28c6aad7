/// How a descriptor (ark/abi/type.h) is made from a C++ type, and what is refused. The types themselves: scalars.hpp,
/// containers.hpp, list.hpp, shared.hpp, callback.hpp.
#pragma once

#include <ark/abi/type.h>

#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>

#if defined(__clang__)
#define ARK_CONSTINIT [[clang::require_constant_initialization]]
#else
#define ARK_CONSTINIT __constinit
#endif

namespace ark {

template <class T>
struct Struct;  ///< specialised by ARK_STRUCT and ARK_ERROR

namespace detail {

template <class T, class = void>
struct Describe;  // per type: make()

/// The one descriptor of T in this module. Cyclic types are fine: others need its address only.
template <class T>
struct Type {
  static const ark_type_t value;
};
template <class T>
ARK_CONSTINIT const ark_type_t Type<T>::value = Describe<T>::make();

template <class T>
constexpr bool kTrivialForCalls = std::is_trivially_copy_constructible_v<T> &&
                                  std::is_trivially_move_constructible_v<T> && std::is_trivially_destructible_v<T>;

template <class T>
constexpr ark_type_t basic(ark_kind_t kind) {
  ark_type_t type{};
  type.kind = kind;
  type.size = sizeof(T);
  type.align = alignof(T);
  type.flags = kTrivialForCalls<T> ? ARK_TYPE_TRIVIAL : 0;
  type.construct = [](void* room) { ::new (room) T(); };
  type.destroy = [](void* value) { static_cast<T*>(value)->~T(); };
  return type;
}

template <class T>
constexpr ark_type_t with_ops(ark_kind_t kind, const ark_ops_t& ops, const ark_type_t* element = nullptr) {
  ark_type_t type = basic<T>(kind);
  type.ops = &ops;
  type.element = element;
  return type;
}

// ---- what is refused, each with its sentence ----

template <class T, class = void>
struct IsListedStruct : std::false_type {};
template <class T>
struct IsListedStruct<T, std::void_t<decltype(Struct<T>::kId)>> : std::true_type {};

template <class T>
constexpr bool kIsSmartPointer = false;
template <class T>
constexpr bool kIsSmartPointer<std::shared_ptr<T>> = true;
template <class T>
constexpr bool kIsSmartPointer<std::weak_ptr<T>> = true;
template <class T, class D>
constexpr bool kIsSmartPointer<std::unique_ptr<T, D>> = true;
template <class T>
constexpr bool kIsFunction = std::is_function_v<T>;
template <class S>
constexpr bool kIsFunction<std::function<S>> = true;

template <class T>
constexpr ark_type_t make_struct() {
  ark_type_t type = basic<T>(ARK_KIND_STRUCT);
  using Members = typename Struct<T>::template Members<T>;
  type.id = Struct<T>::kId;
  type.fields = Members::list;
  type.count = Members::count;
  return type;
}

/// Anything that no specialisation knows: a struct with a list, or a mistake.
template <class T, class>
struct Describe {
  static constexpr bool kIsPointer = std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T>;
  static constexpr bool kHasItsSentence = kIsPointer || std::is_reference_v<T> || kIsSmartPointer<T> || kIsFunction<T>;
  static_assert(!kIsPointer,
                "ark: a pointer is not a value that a contract may pass; pass the value itself, a std::optional or an "
                "ark::Shared");
  static_assert(!std::is_reference_v<T>,
                "ark: a reference is not a value that a contract may pass here; pass the value itself");
  static_assert(!kIsSmartPointer<T>,
                "ark: std::shared_ptr, weak_ptr and unique_ptr run code of the module that made them; use ark::Shared, "
                "or the value itself");
  static_assert(!kIsFunction<T>,
                "ark: a function runs code of the module that made it; pass an ark::Callback to a contract of yours");
  static_assert(kHasItsSentence || IsListedStruct<T>::value,
                "ark: this type is not among the values that a contract may pass (ark/sdk/types.hpp lists them); a "
                "struct needs an ARK_STRUCT "
                "list of its members");
  static constexpr ark_type_t make() {
    if constexpr (IsListedStruct<T>::value) {
      return make_struct<T>();
    } else {
      return {};
    }
  }
};

/// What lies inside another value. A name for the type and not for its descriptor, which a cyclic type needs before it
/// is complete.
template <class E>
struct Inside {
  static_assert(!std::is_same_v<E, std::string_view>,
                "ark: a std::string_view may only be a parameter; inside other values nobody would own its text: use "
                "std::string");
  using type = E;
};

}  // namespace detail

/// The descriptor of T, constant data of this module.
template <class T>
constexpr const ark_type_t& type_of() {
  return detail::Type<T>::value;
}

}  // namespace ark
