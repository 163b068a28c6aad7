#include "arkctl/api_client.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <cstdio>

namespace ark::arkctl {

namespace http = boost::beast::http;
using Local = boost::asio::local::stream_protocol;
using container::Code;
using container::Result;
using container::Status;

namespace {

constexpr uint64_t kLargestReply = uint64_t{64} << 20;

/// "user ark": whose `path` is, or the deepest folder of it that can be seen.
std::string owner_of(const std::filesystem::path& path) {
  std::error_code ignored;
  struct stat info;
  for (auto seen = std::filesystem::absolute(path, ignored); stat(seen.c_str(), &info) != 0; seen = seen.parent_path()) {
    if (!seen.has_relative_path()) return "another user";
  }
  const auto* user = getpwuid(info.st_uid);
  return "user " + (user ? std::string(user->pw_name) : std::to_string(info.st_uid));
}

}  // namespace

Result<Reply> ask(const std::filesystem::path& socket, const std::string& method, const std::string& target, const std::string& body) {
  boost::asio::io_context io;
  boost::system::error_code error;
  Local::socket stream(io);
  auto unreachable = [&]() {
    if (error == boost::system::errc::permission_denied) {
      return Status(Code::kUnavailable, "the container at " + socket.string() + " belongs to " + owner_of(socket) + ": " + error.message() +
                                            "; run arkctl as that user");
    }
    return Status(Code::kUnavailable, "no container answers at " + socket.string() + ": " + error.message() +
                                          "; start ark-container, or say which one with --home or --socket");
  };
  if (socket.native().size() >= 108) {
    error = boost::system::errc::make_error_code(boost::system::errc::filename_too_long);
    return unreachable();
  }
  stream.connect(Local::endpoint(socket.string()), error);
  if (error) return unreachable();
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, "ark");
  request.keep_alive(false);
  request.body() = body;
  request.prepare_payload();
  http::write(stream, request, error);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kLargestReply);
  if (!error) http::read(stream, buffer, parser, error);
  if (error) return Status(Code::kUnavailable, "the container at " + socket.string() + " ended the connection: " + error.message());
  return Reply{static_cast<int>(parser.get().result_int()), parser.get().body()};
}

std::string encode_for_path(const std::string& text) {
  std::string encoded;
  for (unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == ':') {
      encoded += static_cast<char>(c);
      continue;
    }
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", c);
    encoded += hex;
  }
  return encoded;
}

}  // namespace ark::arkctl
