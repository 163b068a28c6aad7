/// A client that can do what no HTTP library would.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/files.hpp"

namespace ark::test {

struct RawResponse {
  int status = 0;    ///< 0: the connection ended without one
  std::string head;  ///< with the status line
  std::string body;
};

/// One connection to a Unix socket. Times out, as a failed read, after 30 s.
class RawClient {
 public:
  explicit RawClient(const std::filesystem::path& socket);

  bool connected() const { return connected_; }
  /// False: the other side has closed.
  bool send(std::string_view bytes);
  /// No more will be sent.
  void finish();
  RawResponse receive();
  /// Has the other side ended the connection, without sending anything more? Waits for it.
  bool ended();
  RawResponse ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }

 private:
  bool receive_more();
  container::base::Descriptor socket_;
  bool connected_ = false;
  std::string received_;
};

/// "GET /api/v1/version HTTP/1.1" with what it needs; more: further header lines, each with its \r\n.
std::string request(const std::string& method, const std::string& path, const std::string& body = "",
                    const std::string& more = "");

}  // namespace ark::test
