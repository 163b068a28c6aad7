#include <ark/container/status.hpp>

namespace ark::container {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "OK";
    case Code::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kAlreadyExists:
      return "ALREADY_EXISTS";
    case Code::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case Code::kIncompatible:
      return "INCOMPATIBLE";
    case Code::kCorrupt:
      return "CORRUPT";
    case Code::kUnavailable:
      return "UNAVAILABLE";
    case Code::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code::kWouldDeadlock:
      return "WOULD_DEADLOCK";
    case Code::kStopping:
      return "STOPPING";
    case Code::kUnsupported:
      return "UNSUPPORTED";
    case Code::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::kModuleFailed:
      return "MODULE_FAILED";
    case Code::kInternal:
      return "INTERNAL";
  }
  return "INTERNAL";  // a module may hand over any number
}

}  // namespace ark::container
