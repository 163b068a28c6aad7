/// ARK_CONTRACT and ARK_LOCAL_CONTRACT: the list of methods that makes an abstract class a contract. Write them outside
/// any namespace.
///
///   struct Greeter {                                  // a header of its own, shared by provider and users
///     virtual ~Greeter() = default;
///     virtual std::string greet(const std::string& name) = 0;
///   };
///   ARK_CONTRACT(acme::Greeter, "com.acme.Greeter", "1.0", greet)
///
/// Methods are virtual, named once, and may be const, noexcept or inherited; a minor version may append methods to the
/// list and to the class.
#pragma once

#include <ark/sdk/call.hpp>
#include <ark/sdk/contract_macros.hpp>

#include <new>

namespace ark::detail {

template <class T>
struct ContractTable {
  static_assert(std::is_abstract_v<T>, "ark: a contract is an abstract class: its methods are pure virtual");

  /// A virtual function that the compiler appends: its slot is the number of slots.
  template <class X>
  struct End : X {
    virtual void ark_end();
  };
  static constexpr void (End<T>::*end)() = &End<T>::ark_end;

  template <class Sequence>
  struct Methods;
  template <int... I>
  struct Methods<std::integer_sequence<int, I...>> {
    static constexpr ark_method_t list[] = {MethodOf<T, I>::make()...};
    static constexpr void (*invoke[])(void*, void**, void*) = {&MethodOf<T, I>::invoke...};
  };
  using All = Methods<std::make_integer_sequence<int, method_count<T>()>>;

  template <class E>
  struct ErrorList;
  template <class... E>
  struct ErrorList<Errors<E...>> {
    static constexpr const ark_type_t* list[sizeof...(E) + 1] = {&Type<E>::value..., nullptr};
    static constexpr uint32_t count = sizeof...(E);
  };

  ARK_NO_NULL_CHECK static void invoke(void* target, uint32_t method, void** args, void* result, ark_error_t* error) {
    try {
      All::invoke[method](target, args, result);
      const auto& described = All::list[method];
      if ((described.flags & ARK_METHOD_NOEXCEPT) && take_kept_error(*error) && described.result->destroy)
        described.result->destroy(result);
    } catch (abi::__forced_unwind&) {
      throw;
    } catch (...) {
      capture(error, Listed<T>());
    }
  }
  static void* make_proxy(ark_carrier_t* carrier) {
    static_assert(
        !std::is_abstract_v<Proxy<T>>,
        "ark: a pure virtual method is missing from the list in ARK_CONTRACT (the errors around this one name it)");
    return static_cast<T*>(new (std::nothrow) Proxy<T>(carrier));
  }
  static void destroy_proxy(void* target) {
    auto* proxy = static_cast<Proxy<T>*>(static_cast<T*>(target));
    auto* carrier = proxy->ark_caller.carrier;
    delete proxy;
    carrier->destroy(carrier);
  }

  static const ark_contract_t value;
};
template <class T>
ARK_CONSTINIT const ark_contract_t ContractTable<T>::value = {sizeof(ark_contract_t),
                                                              ContractOf<T>::kLocal ? ARK_CONTRACT_LOCAL : 0,
                                                              ContractOf<T>::kId,
                                                              ContractOf<T>::kVersion,
                                                              method_count<T>(),
                                                              ErrorList<Listed<T>>::count,
                                                              All::list,
                                                              ErrorList<Listed<T>>::list,
                                                              &end,
                                                              std::has_virtual_destructor_v<T> ? 2u : 0u,
                                                              0,
                                                              &invoke,
                                                              &make_proxy,
                                                              &destroy_proxy};

}  // namespace ark::detail

namespace ark {

/// The table of contract T, constant data of this module.
template <class T>
constexpr const ark_contract_t& contract_of() {
  static_assert(detail::method_count<T>() > 0);  // with a sentence if it is none
  return detail::ContractTable<T>::value;
}

}  // namespace ark

#define ARK_CONTRACT(T, ID, VERSION, ...) ARK_DEFINE_CONTRACT(false, T, ID, VERSION, __VA_ARGS__)

/// A contract whose methods may also take references to contracts (`Listener&`). It never leaves the process.
#define ARK_LOCAL_CONTRACT(T, ID, VERSION, ...) ARK_DEFINE_CONTRACT(true, T, ID, VERSION, __VA_ARGS__)
