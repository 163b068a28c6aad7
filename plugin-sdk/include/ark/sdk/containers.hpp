/// Descriptors of values made of others: the standard containers, optional, variant, pair and tuple.
#pragma once

#include <ark/sdk/scalars.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace ark::detail {

template <class E>
struct Describe<std::vector<E>> {
  static_assert(!std::is_same_v<E, bool>,
                "ark: the elements of std::vector<bool> have no address; use std::vector<uint8_t>");
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
    ops.add = [](void* value, void* key) -> void* {
      return &(*static_cast<M*>(value))[std::move(*static_cast<K*>(key))];
    };
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
  static constexpr ark_type_t make() {
    return with_ops<O>(ARK_KIND_OPTIONAL, ops, &Type<typename Inside<E>::type>::value);
  }
};

template <class... E>
struct Parts {
  static constexpr ark_field_t list[sizeof...(E) + 1] = {{nullptr, 0, 0, &Type<typename Inside<E>::type>::value}...,
                                                         {}};
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
      return std::visit([](const auto& alternative) -> const void* { return &alternative; },
                        *static_cast<const V*>(value));
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
    ops.at = [](void* value, uint32_t index) -> void* {
      return at(*static_cast<T*>(value), index, std::index_sequence_for<E...>());
    };
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

}  // namespace ark::detail
