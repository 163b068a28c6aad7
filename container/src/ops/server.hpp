/// Serves the API on a Unix socket.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <memory>

namespace ark::container::ops {

/// What one client may cost.
struct ServerLimits {
  size_t connections = 64;
  size_t header_size = 16 << 10, body_size = 1 << 20;  ///< bytes
  std::chrono::milliseconds idle{30'000};              ///< to send a request, or to take a response
  size_t event_waits = 16;                             ///< clients that wait for events; they keep no thread
};

/// Thread safety: made and destroyed by one thread. Reading and writing have a thread of their own, operations run on
/// four others and views on one more: a list of modules is answered however many operations run.
class Server {
 public:
  /// Listens at `socket`, mode 0600; takes the place of a socket that a dead process has left. ALREADY_EXISTS: somebody
  /// answers there.
  static Result<std::unique_ptr<Server>> start(Container& container, const std::filesystem::path& socket,
                                               const ServerLimits& limits = {});
  /// Whether one can listen there, as far as the path tells.
  static Status check_path(const std::filesystem::path& socket);
  /// Refuses new requests, waits for those that run, and removes the socket.
  virtual ~Server() = default;
};

}  // namespace ark::container::ops
