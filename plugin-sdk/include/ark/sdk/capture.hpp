/// Exceptions on their way out of a module's code: into the error of a call, into a status, and back.
#pragma once

#include <ark/sdk/errors.hpp>
#include <ark/sdk/types.hpp>

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <typeinfo>

// GCC's null check takes every forced unwinding that is caught by reference for a null reference. The check of alignment is
// the same one: left alone it would bring the null check back wherever the function is inlined.
#if defined(__GNUC__) && !defined(__clang__)
#define ARK_NO_NULL_CHECK __attribute__((no_sanitize("null", "alignment")))
#else
#define ARK_NO_NULL_CHECK
#endif

namespace ark::detail {

template <class T, class = void>
struct ListedErrors {
  using type = Errors<>;
};
template <class T>
struct ListedErrors<T, std::void_t<typename T::errors>> {
  using type = typename T::errors;
};
/// The errors that contract T names.
template <class T>
using Listed = typename ListedErrors<T>::type;

/// The type of the exception being handled, as its author would write it: malloc'ed, or null when memory is short.
inline char* thrown_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (!type) return strdup("a foreign exception");
  int status = 0;
  char* readable = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
  return readable ? readable : strdup(type->name());
}

inline void capture_thrown(ark_error_t* error, const char* text) {
  fail_call(error, ARK_CALL_FAILED, nullptr, text);
  error->type_name = thrown_type();
}

/// Turns the exception being handled into an error. Only forced unwinding gets out.
ARK_NO_NULL_CHECK inline void capture(ark_error_t* error, Errors<>) {
  try {
    throw;
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const ServiceError& e) {
    // This one was reached and ran; it is somebody behind it who was not. Its caller may not take that for "nothing was called".
    const bool passed_on = e.kind() == ARK_CALL_UNAVAILABLE;
    fail_call(error, passed_on ? ARK_CALL_FAILED : e.kind(), passed_on ? "ark::ServiceUnavailable" : e.type().c_str(),
              e.text().c_str(), e.provider().c_str());
  } catch (const std::exception& e) {
    capture_thrown(error, e.what());
  } catch (...) {
    capture_thrown(error, "not a std::exception");
  }
}

template <class E>
ARK_NO_NULL_CHECK void capture_listed(ark_error_t* error, const E& thrown) {
  void* room = nullptr;
  try {
    room = error_payload_room(Type<E>::value);
    ::new (room) E(thrown);
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (...) {
    ::operator delete(room, std::align_val_t(alignof(std::max_align_t)));
    return fail_call(error, ARK_CALL_FAILED, Type<E>::value.id, "the error could not be copied");
  }
  error->payload = room;
  error->type = &Type<E>::value;
  error->kind = ARK_CALL_BUSINESS;
}

template <class E, class... More>
ARK_NO_NULL_CHECK void capture(ark_error_t* error, Errors<E, More...>) {
  try {
    throw;
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const E& thrown) {
    capture_listed(error, thrown);
  } catch (...) {
    capture(error, Errors<More...>());
  }
}

/// Throws what the error says, as the caller's own type if it lists it.
[[noreturn]] inline void raise(ark_error_t& error, Errors<>) {
  const auto text = [](const char* chars) { return std::string(chars ? chars : ""); };
  if (error.kind == ARK_CALL_UNAVAILABLE) throw ServiceUnavailable(text(error.text));
  throw ServiceError(static_cast<ark_call_result_t>(error.kind), text(error.type_name), text(error.text),
                     text(error.provider));
}
template <class E, class... More>
[[noreturn]] void raise(ark_error_t& error, Errors<E, More...>) {
  if (error.kind == ARK_CALL_BUSINESS && error.type == &Type<E>::value)
    throw E(std::move(*static_cast<E*>(error.payload)));
  raise(error, Errors<More...>());
}

inline void set_status(ark_status_t* status, ark_code_t code, const char* text) {
  size_t size = std::strlen(text);
  if (size >= sizeof status->text) {
    size = sizeof status->text - 1;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // no half character
  }
  std::memcpy(status->text, text, size);
  status->text[size] = 0;
  status->code = code;
}

/// "type: text" of the exception being handled.
inline void set_status_to_thrown(ark_status_t* status, const char* text) {
  char* type = thrown_type();
  char sentence[sizeof status->text + 4];  // one character more than fits: set_status cuts it whole
  std::snprintf(sentence, sizeof sentence, "%s%s%s", type ? type : "an exception", *text ? ": " : "", text);
  std::free(type);
  set_status(status, ARK_STATUS_MODULE_FAILED, sentence);
}

/// Runs code of the module for the container: nothing but forced unwinding gets out.
template <class Code>
ARK_NO_NULL_CHECK void guarded(ark_status_t* status, Code code) {
  try {
    code();
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (const Error& e) {
    set_status(status, ARK_STATUS_MODULE_FAILED, e.what());  // the container's own sentence needs no type
  } catch (const std::exception& e) {
    set_status_to_thrown(status, e.what());
  } catch (...) {
    set_status_to_thrown(status, "");
  }
}

/// As the type of an expression's other branch.
template <class T = void>
[[noreturn]] T raise(const ark_status_t& status) {
  throw Error(static_cast<ark_code_t>(status.code), status.text);
}

}  // namespace ark::detail
