/// Descriptors of values without parts that anybody could reach: numbers, enums, times, texts, bytes.
#pragma once

#include <ark/sdk/descriptor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ark::detail {

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
                "ark: only times of std::chrono::system_clock mean the same everywhere; other clocks are not values "
                "that a contract may pass");
  static constexpr ark_type_t make() {
    constexpr ark_type_t duration = Describe<Duration>::make();
    ark_type_t type = basic<std::chrono::time_point<Clock, Duration>>(ARK_KIND_TIME);
    type.element = duration.element;
    type.numerator = duration.numerator;
    type.denominator = duration.denominator;
    return type;
  }
};

// ---- texts and bytes ----

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
  static constexpr ark_type_t make() {
    return with_ops<std::string_view>(ARK_KIND_VIEW, TextOps<std::string_view>::ops);
  }
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

}  // namespace ark::detail
