/// What is known of one method of a contract from its pointer to member, and what is refused.
#pragma once

#include <ark/abi/contract.h>
#include <ark/sdk/types.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace ark::detail {

template <class T>
struct ContractOf;  // specialised by ARK_CONTRACT: id, version, number of methods
template <class T, int I>
struct Method;  // specialised by ARK_CONTRACT: name, pointer, ArkOverride, ArkCall

template <class T, class = void>
struct IsContract : std::false_type {};
template <class T>
struct IsContract<T, std::void_t<decltype(ContractOf<T>::kId)>> : std::true_type {};

template <class T>
constexpr int method_count() {
  static_assert(IsContract<T>::value, "ark: this class is no contract; list its methods in ARK_CONTRACT");
  if constexpr (IsContract<T>::value) return ContractOf<T>::kMethods;
  return 0;
}

template <class T>
struct ContractTable;  // contract.hpp

/// Stands for `T&` where T is a contract.
template <class T>
struct ContractReference {};
template <class T>
struct Describe<ContractReference<T>> {
  static constexpr ark_type_t make() {
    ark_type_t type{};
    type.kind = ARK_KIND_CONTRACT;
    type.size = sizeof(void*);
    type.align = alignof(void*);
    type.contract = &ContractTable<T>::value;
    return type;
  }
};

enum class Verdict { kGood, kNotAMember, kRefQualified, kVolatile, kHasItsSentence };

template <class P>
struct Signature {
  static constexpr Verdict verdict = Verdict::kNotAMember;
  static constexpr bool is_const = false, is_noexcept = false;
  using Plain = void();
  using Full = void();
};
/// Of a name that ARK_METHOD has refused.
template <>
struct Signature<void> {
  static constexpr Verdict verdict = Verdict::kHasItsSentence;
  static constexpr bool is_const = false, is_noexcept = false;
  using Plain = void();
  using Full = void();
};
#define ARK_SIGNATURE(QUALIFIERS, VERDICT, CONST, NOEXCEPT)         \
  template <class O, class R, class... A>                           \
  struct Signature<R (O::*)(A...) QUALIFIERS> {                     \
    static constexpr Verdict verdict = Verdict::VERDICT;            \
    static constexpr bool is_const = CONST, is_noexcept = NOEXCEPT; \
    using Plain = R(A...);                                          \
    using Full = R(A...) QUALIFIERS;                                \
  };
ARK_SIGNATURE(, kGood, false, false)
ARK_SIGNATURE(const, kGood, true, false)
ARK_SIGNATURE(noexcept, kGood, false, true)
ARK_SIGNATURE(const noexcept, kGood, true, true)
ARK_SIGNATURE(&, kRefQualified, false, false)
ARK_SIGNATURE(const&, kRefQualified, true, false)
ARK_SIGNATURE(&&, kRefQualified, false, false)
ARK_SIGNATURE(& noexcept, kRefQualified, false, true)
ARK_SIGNATURE(const& noexcept, kRefQualified, true, true)
ARK_SIGNATURE(&& noexcept, kRefQualified, false, true)
ARK_SIGNATURE(volatile, kVolatile, false, false)
ARK_SIGNATURE(const volatile, kVolatile, true, false)
ARK_SIGNATURE(volatile noexcept, kVolatile, false, true)
#undef ARK_SIGNATURE

/// A pointer to a member that class X inherits, as a pointer to a member of X.
template <class X, class P>
struct InTermsOf {
  using type = P;
};
template <class X, class O, class S>
struct InTermsOf<X, S O::*> {
  using type = S X::*;
};

/// One parameter: how it is passed, and its descriptor.
template <class A, bool kLocal>
struct Parameter {
  using Value = std::remove_cv_t<std::remove_reference_t<A>>;
  static constexpr bool by_reference = std::is_reference_v<A>;
  static constexpr bool is_contract = IsContract<Value>::value;
  static_assert(!is_contract || by_reference, "ark: a contract is passed by reference");
  static_assert(
      !is_contract || kLocal,
      "ark: a reference to a contract may only be a parameter of an ARK_LOCAL_CONTRACT; others pass an ark::Callback");
  static_assert(!std::is_pointer_v<Value>,
                "ark: a pointer cannot be a parameter; pass the value itself, a std::optional or an ark::Shared");
  static_assert(is_contract || !by_reference ||
                    (std::is_lvalue_reference_v<A> && std::is_const_v<std::remove_reference_t<A>>),
                "ark: a reference parameter must be const; what comes back is returned");
  using Described = std::conditional_t<is_contract, ContractReference<Value>, Value>;
  static constexpr ark_param_t make() {
    return {&Type<Described>::value, by_reference ? ARK_PARAM_BY_REFERENCE : 0, 0};
  }
};

template <class Plain, bool kLocal>
struct Shape;
template <class R, class... A, bool kLocal>
struct Shape<R(A...), kLocal> {
  static_assert(!std::is_reference_v<R> && !std::is_pointer_v<R>,
                "ark: a method returns a value, not a reference or a pointer");
  static_assert(!std::is_same_v<R, std::string_view>,
                "ark: a method cannot return a std::string_view: nobody would own its text; return std::string");
  using Result = R;
  static constexpr uint32_t count = sizeof...(A);
  static constexpr ark_param_t params[sizeof...(A) + 1] = {Parameter<A, kLocal>::make()..., {}};

  template <class T, class P, size_t... I>
  static void call(P method, void* target, void** args, void* result, std::index_sequence<I...>) {
    auto* object = static_cast<T*>(target);
    if constexpr (std::is_void_v<R>) {
      (object->*method)(static_cast<A&&>(*static_cast<typename Parameter<A, kLocal>::Value*>(args[I]))...);
    } else {
      ::new (result)
          R((object->*method)(static_cast<A&&>(*static_cast<typename Parameter<A, kLocal>::Value*>(args[I]))...));
    }
  }
};

template <class T, int I>
struct MethodOf {
  using M = Method<T, I>;
  using S = Signature<typename M::Pointer>;
  static_assert(S::verdict != Verdict::kNotAMember,
                "ark: a contract's method is a virtual member function, and not static");
  static_assert(S::verdict != Verdict::kRefQualified, "ark: a contract's method cannot be qualified with & or &&");
  static_assert(S::verdict != Verdict::kVolatile, "ark: a contract's method cannot be volatile");
  using ShapeOf = Shape<typename S::Plain, ContractOf<T>::kLocal>;
  static_assert(!S::is_noexcept || std::is_void_v<typename ShapeOf::Result> ||
                    std::is_default_constructible_v<typename ShapeOf::Result>,
                "ark: the result of a noexcept method needs a default constructor");
  /// In terms of T even where T inherits it: carries the adjustment of `this`.
  static constexpr auto pointer = M::template pointer<T>();

  static void invoke(void* target, void** args, void* result) {
    if constexpr (S::verdict == Verdict::kGood && !std::is_null_pointer_v<decltype(M::template pointer<T>())>) {
      ShapeOf::template call<T>(pointer, target, args, result, std::make_index_sequence<ShapeOf::count>());
    }
  }
  static constexpr ark_method_t make() {
    return {M::kName,        (S::is_const ? ARK_METHOD_CONST : 0) | (S::is_noexcept ? ARK_METHOD_NOEXCEPT : 0),
            ShapeOf::count,  &Type<typename ShapeOf::Result>::value,
            ShapeOf::params, &pointer};
  }
};

}  // namespace ark::detail
