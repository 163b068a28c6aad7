/// Asks a running container over its Unix socket.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>

namespace ark::arkctl {

struct Reply {
  int status = 0;    ///< of HTTP
  std::string body;  ///< JSON
};

/// One request, one connection; waits as long as the operation takes. UNAVAILABLE: nobody answers at `socket`, or not to this user; says what to do.
container::Result<Reply> ask(const std::filesystem::path& socket, const std::string& method, const std::string& target, const std::string& body);

/// For a path's part: "orders:1.0.0" stays, what is reserved becomes %XX.
std::string encode_for_path(const std::string& text);

}  // namespace ark::arkctl
