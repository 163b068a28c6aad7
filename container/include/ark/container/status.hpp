/// How functions of the container say that they failed: a code and a sentence for an operator. Values; any thread may use its own.
#pragma once

#include <ark/abi/status.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ark::container {

enum class Code : int {
  kOk = ARK_STATUS_OK,
  kInvalidArgument = ARK_STATUS_INVALID_ARGUMENT,
  kNotFound = ARK_STATUS_NOT_FOUND,
  kAlreadyExists = ARK_STATUS_ALREADY_EXISTS,
  kFailedPrecondition = ARK_STATUS_FAILED_PRECONDITION,
  kIncompatible = ARK_STATUS_INCOMPATIBLE,
  kCorrupt = ARK_STATUS_CORRUPT,
  kUnavailable = ARK_STATUS_UNAVAILABLE,
  kDeadlineExceeded = ARK_STATUS_DEADLINE_EXCEEDED,
  kWouldDeadlock = ARK_STATUS_WOULD_DEADLOCK,
  kStopping = ARK_STATUS_STOPPING,
  kUnsupported = ARK_STATUS_UNSUPPORTED,
  kResourceExhausted = ARK_STATUS_RESOURCE_EXHAUSTED,
  kModuleFailed = ARK_STATUS_MODULE_FAILED,
  kInternal = ARK_STATUS_INTERNAL,
};

/// "ALREADY_EXISTS" and so on: the name used in JSON.
std::string_view code_name(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string text) : code_(code), text_(std::move(text)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  /// What, where, why and what to do. Empty if ok.
  const std::string& text() const { return text_; }

  /// The same failure with `where` in front: "where: text".
  Status within(std::string_view where) const {
    return ok() ? *this : Status(code_, std::string(where) + ": " + text_);
  }

 private:
  Code code_ = Code::kOk;
  std::string text_;
};

/// A T, or why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status failure) : value_(std::move(failure)) {}

  bool ok() const { return value_.index() == 0; }
  T& value() { return std::get<0>(value_); }
  const T& value() const { return std::get<0>(value_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  /// The failure; an ok Status if there is a value.
  Status status() const { return ok() ? Status() : std::get<1>(value_); }

 private:
  std::variant<T, Status> value_;
};

}  // namespace ark::container
