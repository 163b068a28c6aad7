/// What calls and the container's functions throw.
#pragma once

#include <ark/abi/contract.h>
#include <ark/abi/status.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace ark {

// Exceptions are caught by name across modules: the boundary's version is part of these, so that another version is
// never taken for this one.
inline namespace v1 {

/// A provider failed in a way that its contract does not list, or the call did not reach one.
class ServiceError : public std::exception {
 public:
  ServiceError(ark_call_result_t kind, std::string type, std::string text, std::string provider = "")
      : kind_(kind), type_(std::move(type)), text_(std::move(text)), provider_(std::move(provider)) {
    for (const auto* part : {&provider_, &type_, &text_}) {
      if (!part->empty()) what_ += (what_.empty() ? "" : ": ") + *part;
    }
  }
  const char* what() const noexcept override { return what_.c_str(); }
  ark_call_result_t kind() const { return kind_; }
  const std::string& type() const { return type_; }  ///< of what the provider threw, readable; "" if nothing was thrown
  const std::string& text() const { return text_; }  ///< its what()
  const std::string& provider() const {
    return provider_;
  }  ///< who threw it: "orders 1.0.0"; "" if nobody was reached or it is not known

 private:
  ark_call_result_t kind_;
  std::string type_, text_, provider_, what_;
};

/// Nobody provides the service now; nothing was called.
class ServiceUnavailable : public ServiceError {
 public:
  explicit ServiceUnavailable(std::string text) : ServiceError(ARK_CALL_UNAVAILABLE, "", std::move(text)) {}
};

/// A request to the container failed: what() is its sentence.
class Error : public std::exception {
 public:
  static constexpr ark_code_t kInvalidArgument = ARK_STATUS_INVALID_ARGUMENT;
  static constexpr ark_code_t kNotFound = ARK_STATUS_NOT_FOUND;
  static constexpr ark_code_t kAlreadyExists = ARK_STATUS_ALREADY_EXISTS;
  static constexpr ark_code_t kFailedPrecondition = ARK_STATUS_FAILED_PRECONDITION;
  static constexpr ark_code_t kIncompatible = ARK_STATUS_INCOMPATIBLE;
  static constexpr ark_code_t kCorrupt = ARK_STATUS_CORRUPT;
  static constexpr ark_code_t kUnavailable = ARK_STATUS_UNAVAILABLE;
  static constexpr ark_code_t kDeadlineExceeded = ARK_STATUS_DEADLINE_EXCEEDED;
  static constexpr ark_code_t kWouldDeadlock = ARK_STATUS_WOULD_DEADLOCK;
  static constexpr ark_code_t kStopping = ARK_STATUS_STOPPING;
  static constexpr ark_code_t kUnsupported = ARK_STATUS_UNSUPPORTED;
  static constexpr ark_code_t kResourceExhausted = ARK_STATUS_RESOURCE_EXHAUSTED;
  static constexpr ark_code_t kModuleFailed = ARK_STATUS_MODULE_FAILED;
  static constexpr ark_code_t kInternal = ARK_STATUS_INTERNAL;

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
    std::free(provider);
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

/// Fills an error without payload; a null text stays out. When memory is short the error has fewer words. [any thread]
inline void fail_call(ark_error_t* error, ark_call_result_t kind, const char* type, const char* text,
                      const char* provider = nullptr) {
  error->kind = kind;
  error->type_name = type ? strdup(type) : nullptr;
  error->text = text ? strdup(text) : nullptr;
  error->provider = provider && *provider ? strdup(provider) : nullptr;
}

}  // namespace ark
