/// What calls and the container's functions throw, and how errors cross between modules.
#pragma once

#include <ark/abi/contract.h>
#include <ark/abi/status.h>
#include <ark/sdk/types.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <type_traits>
#include <typeinfo>

namespace ark {

// Exceptions are caught by name across modules: the boundary's version is part of these, so that another version is never taken for this one.
inline namespace v1 {

/// A provider failed in a way that its contract does not list, or the call did not reach one.
class ServiceError : public std::exception {
 public:
  ServiceError(ark_call_result_t kind, std::string type, std::string text)
      : kind_(kind), type_(std::move(type)), text_(std::move(text)), what_(type_.empty() ? text_ : type_ + ": " + text_) {}
  const char* what() const noexcept override { return what_.c_str(); }
  ark_call_result_t kind() const { return kind_; }
  const std::string& type() const { return type_; }  ///< of what the provider threw, readable; "" if nothing was thrown
  const std::string& text() const { return text_; }

 private:
  ark_call_result_t kind_;
  std::string type_, text_, what_;
};

/// Nobody provides the service now; nothing was called.
class ServiceUnavailable : public ServiceError {
 public:
  explicit ServiceUnavailable(std::string text) : ServiceError(ARK_CALL_UNAVAILABLE, "", std::move(text)) {}
};

/// A request to the container failed.
class Error : public std::exception {
 public:
  Error(ark_code_t code, std::string text) : code_(code), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  ark_code_t code() const { return code_; }

 private:
  ark_code_t code_;
  std::string text_;
};

}  // namespace v1

/// In a contract: `using errors = ark::Errors<OutOfStock>;` names the ARK_ERROR types that its methods throw.
template <class... E>
struct Errors {};

/// Owns what an ark_error_t holds. For whoever begins a call: callers and carriers.
class CallError : public ark_error_t {
 public:
  CallError() : ark_error_t{} {}
  /// Can take the errors that `contract` lists.
  explicit CallError(const ark_contract_t& contract) : ark_error_t{} {
    known = contract.errors;
    known_count = contract.error_count;
  }
  CallError(const CallError&) = delete;
  ~CallError() { clear(); }
  void clear() {
    if (payload) {
      type->destroy(payload);
      ::operator delete(payload, std::align_val_t(alignof(std::max_align_t)));
    }
    std::free(type_name);
    std::free(text);
    const auto* const list = known;
    const uint32_t count = known_count;
    static_cast<ark_error_t&>(*this) = {};
    known = list;
    known_count = count;
  }
};

/// Room for an error object of the described type, as ark_error_t::payload; not constructed yet.
inline void* error_payload_room(const ark_type_t& type) {
  return ::operator new(type.size, std::align_val_t(alignof(std::max_align_t)));
}

namespace detail {

inline char* copy_text(const char* text) {
  char* copy = strdup(text);
  return copy;  // null when out of memory: an error without words
}

template <class T, class = void>
struct ListedErrors {
  using type = Errors<>;
};
template <class T>
struct ListedErrors<T, std::void_t<typename T::errors>> {
  using type = typename T::errors;
};

inline std::string readable(const std::type_info* type) {
  if (!type) return "a foreign exception";
  int status = 0;
  char* text = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  std::string result = text ? text : type->name();
  std::free(text);
  return result;
}

}  // namespace detail

/// Fills an error without payload. [any thread]
inline void fail_call(ark_error_t* error, ark_call_result_t kind, const char* type, const char* text) {
  error->kind = kind;
  error->type_name = detail::copy_text(type);
  error->text = detail::copy_text(text);
}

namespace detail {

// GCC's null check takes every forced unwinding that is caught by reference for a null reference.
#if defined(__GNUC__) && !defined(__clang__)
#define ARK_NO_NULL_CHECK __attribute__((no_sanitize("null")))
#else
#define ARK_NO_NULL_CHECK
#endif

/// Turns the exception being handled into an error. Forced unwinding goes on.
ARK_NO_NULL_CHECK inline void capture(ark_error_t* error, Errors<>) {
  try {
    throw;
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const ServiceError& e) {
    fail_call(error, e.kind(), e.type().c_str(), e.text().c_str());
  } catch (const std::exception& e) {
    fail_call(error, ARK_CALL_FAILED, readable(abi::__cxa_current_exception_type()).c_str(), e.what());
  } catch (...) {
    fail_call(error, ARK_CALL_FAILED, readable(abi::__cxa_current_exception_type()).c_str(), "not a std::exception");
  }
}
template <class E, class... More>
ARK_NO_NULL_CHECK void capture(ark_error_t* error, Errors<E, More...>) {
  try {
    throw;
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const E& e) {
    void* room = error_payload_room(Type<E>::value);
    ::new (room) E(e);
    error->payload = room;
    error->type = &Type<E>::value;
    error->kind = ARK_CALL_BUSINESS;
  } catch (...) {
    capture(error, Errors<More...>());
  }
}

/// Throws what the error says, as the caller's own type if it lists it.
[[noreturn]] inline void raise(ark_error_t& error, Errors<>) {
  const std::string text = error.text ? error.text : "";
  if (error.kind == ARK_CALL_UNAVAILABLE) throw ServiceUnavailable(text);
  throw ServiceError(static_cast<ark_call_result_t>(error.kind), error.type_name ? error.type_name : "", text);
}
template <class E, class... More>
[[noreturn]] void raise(ark_error_t& error, Errors<E, More...>) {
  if (error.type == &Type<E>::value) throw E(std::move(*static_cast<E*>(error.payload)));
  raise(error, Errors<More...>());
}

inline void set_status(ark_status_t* status, ark_code_t code, const std::string& text) {
  size_t size = text.size() < sizeof status->text ? text.size() : sizeof status->text - 1;
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // no half character
  std::memcpy(status->text, text.data(), size);
  status->text[size] = 0;
  status->code = code;
}

/// The exception being handled as a status: "type: text". Forced unwinding goes on.
ARK_NO_NULL_CHECK inline void capture_status(ark_status_t* status) {
  try {
    throw;
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const Error& e) {
    set_status(status, ARK_STATUS_MODULE_FAILED, e.what());
  } catch (const std::exception& e) {
    set_status(status, ARK_STATUS_MODULE_FAILED, readable(abi::__cxa_current_exception_type()) + ": " + e.what());
  } catch (...) {
    set_status(status, ARK_STATUS_MODULE_FAILED, readable(abi::__cxa_current_exception_type()));
  }
}

/// Runs code of the module for the container: nothing but forced unwinding gets out.
template <class Code>
ARK_NO_NULL_CHECK void guarded(ark_status_t* status, Code code) {
  try {
    code();
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (...) {
    capture_status(status);
  }
}

/// As the type of an expression's other branch.
template <class T = void>
[[noreturn]] T raise(const ark_status_t& status) {
  throw Error(static_cast<ark_code_t>(status.code), status.text);
}

template <class T>
struct NoDeduceType {
  using type = T;
};
/// An argument that does not decide T: the caller names it.
template <class T>
using NoDeduce = typename NoDeduceType<T>::type;

}  // namespace detail
}  // namespace ark
