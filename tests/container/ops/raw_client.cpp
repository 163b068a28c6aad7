#include "container/ops/raw_client.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

namespace ark::test {

RawClient::RawClient(const std::filesystem::path& path) : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{30, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  connected_ = connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawClient::finish() { shutdown(socket_.get(), SHUT_WR); }

bool RawClient::receive_more() {
  char bytes[4096];
  const auto size = recv(socket_.get(), bytes, sizeof bytes, 0);
  if (size <= 0) return false;
  received_.append(bytes, static_cast<size_t>(size));
  return true;
}

RawResponse RawClient::receive() {
  RawResponse response;
  size_t end;
  while ((end = received_.find("\r\n\r\n")) == received_.npos) {
    if (!receive_more()) return response;
  }
  response.head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  size_t length = 0;
  constexpr std::string_view kLength = "Content-Length: ";
  if (const auto at = response.head.find(kLength); at != response.head.npos) {
    const char* digits = response.head.data() + at + kLength.size();
    std::from_chars(digits, response.head.data() + response.head.size(), length);
  }
  while (received_.size() < length) {
    if (!receive_more()) return response;
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  std::from_chars(response.head.data() + std::strlen("HTTP/1.1 "), response.head.data() + response.head.size(),
                  response.status);
  return response;
}

bool RawClient::ended() {
  char byte;
  const auto size = recv(socket_.get(), &byte, 1, 0);
  return received_.empty() && (size == 0 || (size < 0 && errno == ECONNRESET));
}

std::string request(const std::string& method, const std::string& path, const std::string& body,
                    const std::string& more) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: ark\r\n" + more;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

}  // namespace ark::test
