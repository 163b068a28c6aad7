#include "app/api_probe.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/files.hpp"

namespace ark::container::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest = "GET /api/v1/ready HTTP/1.1\r\nHost: ark\r\nConnection: close\r\n\r\n";
constexpr std::string_view kAnswer = "HTTP/1.1 ";

bool wait_for(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd one{fd, events, 0};
    const int got = poll(&one, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 1'000'000)));
    if (got >= 0 || errno != EINTR) return got > 0;
  }
}

}  // namespace

bool api_answers(const std::filesystem::path& path, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  sockaddr_un to{};
  if (path.native().size() >= sizeof to.sun_path) return false;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.c_str(), path.native().size());
  const base::Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return false;
  if (send(fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kRequest.size())) return false;
  char begin[kAnswer.size()];
  for (size_t have = 0; have < sizeof begin;) {
    if (!wait_for(fd.get(), POLLIN, deadline)) return false;
    const ssize_t got = recv(fd.get(), begin + have, sizeof begin - have, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
    have += static_cast<size_t>(std::max<ssize_t>(got, 0));
  }
  return std::string_view(begin, sizeof begin) == kAnswer;
}

}  // namespace ark::container::app
