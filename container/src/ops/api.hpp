/// The HTTP API under /api/v1, apart from HTTP: a request in, a response out. Its pages: docs/api.md.
#pragma once

#include <ark/container/container.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace ark::container::ops {

struct ApiRequest {
  std::string method;  ///< "GET"
  std::string target;  ///< "/api/v1/modules/orders:1.0.0?force=true", still encoded
  std::string body;
  std::string requester = {};  ///< who is at the other end: "the API, user 1000, process 4711"
};

struct ApiResponse {
  int status = 200;
  std::string body;   ///< JSON
  std::string allow;  ///< of a 405: methods that the path has
};

/// No operation and no waiting (who waits for events does it elsewhere): GET, but for /ready with a timeout.
bool answers_at_once(const ApiRequest& request);

/// A GET of events that is to be answered when there are newer ones than `since`, or after `time`.
struct EventWait {
  uint64_t since = 0;
  std::chrono::milliseconds time{0};
};

/// Nothing: it is no such request, or it is wrong, and handle() says so.
std::optional<EventWait> event_wait(const ApiRequest& request);
/// It asks modules how they are, and takes as long as they do.
bool asks_modules(const ApiRequest& request);

/// Thread safety: any thread. Returns when the operation has ended, or at once.
ApiResponse handle(Container& container, const ApiRequest& request);

/// A response whose body says what was wrong with the request itself.
ApiResponse error_response(int status, const Status& status_text);

}  // namespace ark::container::ops
