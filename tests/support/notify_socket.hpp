/// The service manager's end of sd_notify(3).
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/files.hpp"

namespace ark::test {

class NotifySocket {
 public:
  /// address: a path, or '@' and an abstract name, as NOTIFY_SOCKET has it.
  explicit NotifySocket(const std::string& address) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address.data(), address.size());
    if (address[0] == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (bind(fd_.get(), reinterpret_cast<sockaddr*>(&at), size) != 0) throw std::runtime_error("cannot bind " + address);
  }

  /// The next message; none if there is none within that time.
  std::optional<std::string> next(std::chrono::milliseconds limit = std::chrono::seconds(30)) const {
    pollfd one{fd_.get(), POLLIN, 0};
    if (poll(&one, 1, static_cast<int>(limit.count())) <= 0) return {};
    char text[4096];
    const ssize_t size = recv(fd_.get(), text, sizeof text, 0);
    if (size < 0) return {};
    return std::string(text, static_cast<size_t>(size));
  }
  /// The next message that has `part` in it, after whatever comes before.
  std::string next_with(const std::string& part) const {
    for (;;) {
      const auto message = next();
      if (!message) return "no message has " + part;
      if (message->find(part) != std::string::npos) return *message;
    }
  }

 private:
  container::base::Descriptor fd_;
};

}  // namespace ark::test
