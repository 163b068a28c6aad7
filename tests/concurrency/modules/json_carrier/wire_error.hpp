/// What is wrong with a message, or with a value that cannot be put into one.
#pragma once

#include <stdexcept>

namespace json_carrier {

/// Ends the call it is thrown in with ARK_CALL_PROTOCOL.
struct WireError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How deep values may be nested; a message or a graph that goes deeper is refused before it exhausts the stack.
inline constexpr int kMaxDepth = 500;

}  // namespace json_carrier
