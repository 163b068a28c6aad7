/// Descriptors (ark/abi/type.h) of C++ types: which values a contract may pass, and what a carrier can do with them.
///
/// The allow-list: arithmetic types, enums, std::string, bytes (std::vector of uint8_t or std::byte), std::vector, array, map, set, optional,
/// variant, pair, tuple, chrono durations and system_clock times, ARK_STRUCT types, ark::Shared, ark::Callback; std::string_view as a parameter.
/// Everything is constant data: readable before any code of the module has run.
#pragma once

#include <ark/abi/type.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

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
constexpr bool kTrivialForCalls =
    std::is_trivially_copy_constructible_v<T> && std::is_trivially_move_constructible_v<T> && std::is_trivially_destructible_v<T>;

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

// ---- what is refused, each with its sentence -------------------------------------------------------------------------------------

template <class T>
struct AlwaysFalse : std::false_type {};

template <class T, class = void>
struct IsListedStruct : std::false_type {};
template <class T>
struct IsListedStruct<T, std::void_t<decltype(Struct<T>::kId)>> : std::true_type {};

template <class T>
struct IsStdShared : std::false_type {};

template <class T>
constexpr ark_type_t make_struct() {
  ark_type_t type = basic<T>(ARK_KIND_STRUCT);
  using Fields = typename Struct<T>::template Fields<T>;
  type.id = Struct<T>::kId;
  type.fields = Fields::list;
  type.count = sizeof(Fields::list) / sizeof(ark_field_t);
  return type;
}

/// Anything that no specialisation below knows: a struct with a list, or a mistake.
template <class T, class>
struct Describe {
  static_assert(!std::is_pointer_v<T>,
                "ark: a pointer is not a value that a contract may pass; pass the value itself, a std::optional or an ark::Shared");
  static_assert(!std::is_reference_v<T>, "ark: a reference is not a value that a contract may pass here");
  static_assert(std::is_pointer_v<T> || std::is_reference_v<T> || IsListedStruct<T>::value,
                "ark: this type is not among the values that a contract may pass; give a struct an ARK_STRUCT list of its members, and use "
                "values instead of std::shared_ptr, std::unique_ptr, std::function and the like");
  static constexpr ark_type_t make() {
    if constexpr (IsListedStruct<T>::value) {
      return make_struct<T>();
    } else {
      return {};
    }
  }
};

/// What lies inside another value. A name for the type and not for its descriptor, which a cyclic type needs before it is complete.
template <class E>
struct Inside {
  static_assert(!std::is_same_v<E, std::string_view>,
                "ark: a std::string_view may only be a parameter; inside other values nobody would own its text: use std::string");
  using type = E;
};

// ---- scalars ---------------------------------------------------------------------------------------------------------------------

template <>
struct Describe<void> {
  static constexpr ark_type_t make() { return {}; }
};

template <class T>
struct Describe<T, std::enable_if_t<std::is_arithmetic_v<T>>> {
  static_assert(sizeof(T) <= 8, "ark: long double and 128-bit integers are not values that a contract may pass");
  static constexpr ark_type_t make() {
    if (std::is_same_v<T, bool>) return basic<T>(ARK_KIND_BOOL);
    if (std::is_floating_point_v<T>) return basic<T>(ARK_KIND_FLOAT);
    return basic<T>(std::is_signed_v<T> ? ARK_KIND_INT : ARK_KIND_UINT);
  }
};

template <class T>
struct Describe<T, std::enable_if_t<std::is_enum_v<T>>> {
  static constexpr ark_type_t make() {
    ark_type_t type = basic<T>(ARK_KIND_ENUM);
    type.element = &Type<std::underlying_type_t<T>>::value;
    return type;
  }
};

template <class Rep, class Period>
struct Describe<std::chrono::duration<Rep, Period>> {
  using T = std::chrono::duration<Rep, Period>;
  static constexpr ark_type_t make() {
    ark_type_t type = basic<T>(ARK_KIND_DURATION);
    type.element = &Type<Rep>::value;
    type.numerator = Period::num;
    type.denominator = Period::den;
    return type;
  }
};

template <class Clock, class Duration>
struct Describe<std::chrono::time_point<Clock, Duration>> {
  static_assert(std::is_same_v<Clock, std::chrono::system_clock>,
                "ark: only times of std::chrono::system_clock mean the same everywhere; other clocks are not values that a contract may pass");
  static constexpr ark_type_t make() {
    ark_type_t type = Describe<Duration>::make();
    type.kind = ARK_KIND_TIME;
    return type;
  }
};

// ---- texts and bytes -------------------------------------------------------------------------------------------------------------

template <class S>
struct TextOps {
  static constexpr ark_ops_t make() {
    ark_ops_t ops{};
    ops.text = [](const void* value, size_t* size) {
      const auto& text = *static_cast<const S*>(value);
      *size = text.size();
      return text.data();
    };
    ops.assign = [](void* value, const char* data, size_t size) { *static_cast<S*>(value) = S(data, size); };
    return ops;
  }
  static constexpr ark_ops_t ops = make();
};
template <>
struct Describe<std::string> {
  static constexpr ark_type_t make() { return with_ops<std::string>(ARK_KIND_STRING, TextOps<std::string>::ops); }
};
template <>
struct Describe<std::string_view> {
  static constexpr ark_type_t make() { return with_ops<std::string_view>(ARK_KIND_VIEW, TextOps<std::string_view>::ops); }
};

template <class E>
struct Bytes {
  using V = std::vector<E>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.text = [](const void* value, size_t* size) {
      const auto& bytes = *static_cast<const V*>(value);
      *size = bytes.size();
      return reinterpret_cast<const char*>(bytes.data());
    };
    ops.assign = [](void* value, const char* data, size_t size) {
      const auto* begin = reinterpret_cast<const E*>(data);
      static_cast<V*>(value)->assign(begin, begin + size);
    };
    ops.reserve = [](void* value, size_t count) { static_cast<V*>(value)->resize(count); };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() { return with_ops<V>(ARK_KIND_BYTES, ops); }
};
template <>
struct Describe<std::vector<uint8_t>> : Bytes<uint8_t> {};
template <>
struct Describe<std::vector<std::byte>> : Bytes<std::byte> {};

// ---- containers ------------------------------------------------------------------------------------------------------------------

template <class E>
struct Describe<std::vector<E>> {
  static_assert(!std::is_same_v<E, bool>, "ark: the elements of std::vector<bool> have no address; use std::vector<uint8_t>");
  using V = std::vector<E>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.count = [](const void* value) { return static_cast<const V*>(value)->size(); };
    ops.each = [](const void* value, ark_visit_t* visit, void* context) {
      for (const auto& element : *static_cast<const V*>(value)) visit(context, nullptr, &element);
    };
    ops.add = [](void* value, void*) -> void* { return &static_cast<V*>(value)->emplace_back(); };
    ops.reserve = [](void* value, size_t count) { static_cast<V*>(value)->reserve(count); };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() { return with_ops<V>(ARK_KIND_LIST, ops, &Type<typename Inside<E>::type>::value); }
};

template <class E, size_t N>
struct Describe<std::array<E, N>> {
  static constexpr ark_type_t make() {
    ark_type_t type = basic<std::array<E, N>>(ARK_KIND_ARRAY);
    type.element = &Type<typename Inside<E>::type>::value;
    type.count = N;
    return type;
  }
};

template <class E>
struct Describe<std::set<E>> {
  using S = std::set<E>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.count = [](const void* value) { return static_cast<const S*>(value)->size(); };
    ops.each = [](const void* value, ark_visit_t* visit, void* context) {
      for (const auto& element : *static_cast<const S*>(value)) visit(context, nullptr, &element);
    };
    ops.add = [](void* value, void* key) -> void* {
      return const_cast<E*>(&*static_cast<S*>(value)->insert(std::move(*static_cast<E*>(key))).first);
    };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() { return with_ops<S>(ARK_KIND_SET, ops, &Type<typename Inside<E>::type>::value); }
};

template <class K, class E>
struct Describe<std::map<K, E>> {
  using M = std::map<K, E>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.count = [](const void* value) { return static_cast<const M*>(value)->size(); };
    ops.each = [](const void* value, ark_visit_t* visit, void* context) {
      for (const auto& [key, element] : *static_cast<const M*>(value)) visit(context, &key, &element);
    };
    ops.add = [](void* value, void* key) -> void* { return &(*static_cast<M*>(value))[std::move(*static_cast<K*>(key))]; };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() {
    ark_type_t type = with_ops<M>(ARK_KIND_MAP, ops, &Type<typename Inside<E>::type>::value);
    type.key = &Type<typename Inside<K>::type>::value;
    return type;
  }
};

template <class E>
struct Describe<std::optional<E>> {
  using O = std::optional<E>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.get = [](const void* value) -> const void* {
      const auto& optional = *static_cast<const O*>(value);
      return optional ? &*optional : nullptr;
    };
    ops.add = [](void* value, void*) -> void* { return &static_cast<O*>(value)->emplace(); };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() { return with_ops<O>(ARK_KIND_OPTIONAL, ops, &Type<typename Inside<E>::type>::value); }
};

template <class... E>
struct Parts {
  static constexpr ark_field_t list[sizeof...(E) + 1] = {{nullptr, 0, 0, &Type<typename Inside<E>::type>::value}..., {}};
};

template <class... E>
struct Describe<std::variant<E...>> {
  using V = std::variant<E...>;
  template <size_t I>
  static void* emplace(V& variant) {
    return &variant.template emplace<I>();
  }
  template <size_t... I>
  static void* choose(V& variant, uint32_t index, std::index_sequence<I...>) {
    constexpr void* (*functions[])(V&) = {&emplace<I>...};
    return index < sizeof...(I) ? functions[index](variant) : nullptr;
  }
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.count = [](const void* value) { return static_cast<const V*>(value)->index(); };
    ops.get = [](const void* value) -> const void* {
      return std::visit([](const auto& alternative) -> const void* { return &alternative; }, *static_cast<const V*>(value));
    };
    ops.choose = [](void* value, uint32_t index) -> void* {
      return choose(*static_cast<V*>(value), index, std::index_sequence_for<E...>());
    };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() {
    ark_type_t type = with_ops<V>(ARK_KIND_VARIANT, ops);
    type.fields = Parts<E...>::list;
    type.count = sizeof...(E);
    return type;
  }
};

template <class T, class... E>
struct TupleLike {
  template <size_t I>
  static void* element(T& tuple) {
    return &std::get<I>(tuple);
  }
  template <size_t... I>
  static void* at(T& tuple, uint32_t index, std::index_sequence<I...>) {
    constexpr void* (*functions[sizeof...(I) + 1])(T&) = {&element<I>..., nullptr};
    return index < sizeof...(I) ? functions[index](tuple) : nullptr;
  }
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.at = [](void* value, uint32_t index) -> void* { return at(*static_cast<T*>(value), index, std::index_sequence_for<E...>()); };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() {
    ark_type_t type = with_ops<T>(ARK_KIND_TUPLE, ops);
    type.fields = Parts<E...>::list;
    type.count = sizeof...(E);
    return type;
  }
};
template <class... E>
struct Describe<std::tuple<E...>> : TupleLike<std::tuple<E...>, E...> {};
template <class A, class B>
struct Describe<std::pair<A, B>> : TupleLike<std::pair<A, B>, A, B> {
  using P = std::pair<A, B>;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
  // The offset tells a pair from a tuple of the same elements, which may lie the other way round in memory.
  static constexpr ark_field_t list[] = {{nullptr, 0, 0, &Type<typename Inside<A>::type>::value},
                                         {nullptr, offsetof(P, second), 0, &Type<typename Inside<B>::type>::value}};
#pragma GCC diagnostic pop
  static constexpr ark_type_t make() {
    ark_type_t type = TupleLike<P, A, B>::make();
    type.fields = list;
    return type;
  }
};

}  // namespace detail

/// The descriptor of T, constant data of this module.
template <class T>
constexpr const ark_type_t& type_of() {
  return detail::Type<T>::value;
}

}  // namespace ark
