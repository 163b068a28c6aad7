#include "ops/server.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <thread>

#include "base/files.hpp"
#include "ops/api.hpp"
#include "ops/event_waits.hpp"

namespace ark::container::ops {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;
using boost::system::error_code;

constexpr size_t kOperations =
    16;  ///< that are answered at the same time: one may wait for its turn, or for a module that hangs

/// What stands first is used, at the end, by what is left of the requests in what stands below it.
struct Shared {
  Shared(Container& c, const ServerLimits& l) : container(c), limits(l), event_waits(c, io, l.event_waits) {}

  Container& container;
  const ServerLimits limits;
  std::atomic<size_t> connections{0};
  asio::io_context io{1};
  EventWaits event_waits;
  asio::thread_pool operations{kOperations};  ///< and waits for ready
  asio::thread_pool views{1};                 ///< what is answered at once
  asio::thread_pool questions{1};             ///< what modules are asked: it takes as long as they like
};

std::string peer_of(Local::socket& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "the API";
  return "the API, user " + std::to_string(peer.uid) + ", process " + std::to_string(peer.pid);
}

/// One client. All but the work of a request runs on the I/O thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Local::socket socket, Shared& shared)
      : requester_(peer_of(socket)), stream_(std::move(socket)), shared_(shared) {
    ++shared_.connections;
  }
  ~Connection() { --shared_.connections; }

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(shared_.limits.header_size));
    parser_->body_limit(shared_.limits.body_size);
    stream_.expires_after(shared_.limits.idle);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, size_t) { self->on_read(error); });
  }

  /// Says why it is not served, and ends.
  void refuse(int status, Code code, const std::string& text) {
    write(error_response(status, Status(code, text)), false);
  }

 private:
  void on_read(error_code error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout) return close();
    if (error == http::error::body_limit) return refuse(413, Code::kInvalidArgument, "the body is too large");
    if (error == http::error::header_limit) return refuse(431, Code::kInvalidArgument, "the header is too large");
    if (error && error.category() == http::make_error_code(http::error::bad_method).category()) {
      return refuse(400, Code::kInvalidArgument, "this is no HTTP request: " + error.message());
    }
    if (error) return close();
    stream_.expires_never();  // operations have deadlines of their own
    const auto& message = parser_->get();
    ApiRequest request{std::string(message.method_string()), std::string(message.target()), message.body(), requester_};
    const bool keep_alive = message.keep_alive();
    method_ = message.method();
    if (const auto wait = event_wait(request)) return wait_for_event(*wait, std::move(request), keep_alive);
    answer(std::move(request), keep_alive);
  }

  void wait_for_event(const EventWait& wait, ApiRequest request, bool keep_alive) {
    const bool waits =
        shared_.event_waits.add(wait, [self = shared_from_this(), request = std::move(request), keep_alive]() mutable {
          self->answer(std::move(request), keep_alive);
        });
    if (!waits)
      refuse(503, Code::kUnavailable, "there are too many clients that wait for events; ask without wait_ms, or later");
  }

  void answer(ApiRequest request, bool keep_alive) {
    auto& pool = asks_modules(request)      ? shared_.questions
                 : answers_at_once(request) ? shared_.views
                                            : shared_.operations;
    asio::post(pool, [self = shared_from_this(), request = std::move(request), keep_alive] {
      auto response = handle(self->shared_.container, request);
      asio::post(self->stream_.get_executor(),
                 [self, response = std::move(response), keep_alive] { self->write(response, keep_alive); });
    });
  }

  void write(const ApiResponse& response, bool keep_alive) {
    auto message = std::make_shared<http::response<http::string_body>>(static_cast<http::status>(response.status), 11);
    message->set(http::field::content_type, "application/json");
    if (!response.allow.empty()) message->set(http::field::allow, response.allow);
    message->keep_alive(keep_alive);
    if (method_ != http::verb::head) message->body() = response.body + "\n";
    message->prepare_payload();
    stream_.expires_after(shared_.limits.idle);
    http::async_write(stream_, *message, [self = shared_from_this(), message](error_code error, size_t) {
      if (error || message->need_eof()) return self->close();
      self->read();
    });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(Local::socket::shutdown_both, ignored);
    stream_.close();
  }

  const std::string requester_;
  Stream stream_;
  Shared& shared_;
  http::verb method_ = http::verb::unknown;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
};

void close_on_exec(int fd) { fcntl(fd, F_SETFD, FD_CLOEXEC); }

/// Removes a socket that nobody listens at any more, and nothing else: ALREADY_EXISTS if somebody does.
Status make_room(const std::filesystem::path& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return Status(Code::kAlreadyExists,
                  "cannot listen at " + path.string() + ": there is a file that is no socket; move it away");
  }
  const base::Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.valid()) return base::errno_status(errno, "find out who listens at", path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  const int error = connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  if (error == 0 || error == EAGAIN) {  // EAGAIN: so many wait that it takes no more
    return Status(Code::kAlreadyExists,
                  "cannot listen at " + path.string() + ": another process listens there; choose another api.socket");
  }
  if (error == EPROTOTYPE) {
    return Status(Code::kAlreadyExists,
                  "cannot listen at " + path.string() +
                      ": there is a socket of another kind, of something else; choose another api.socket");
  }
  if (error != ECONNREFUSED && error != ENOENT) return base::errno_status(error, "find out who listens at", path);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return base::errno_status(errno, "remove the old socket", path);
  return {};
}

class UnixServer final : public Server {
 public:
  UnixServer(Container& container, std::filesystem::path path, const ServerLimits& limits)
      : path_(std::move(path)), shared_(container, limits), acceptor_(shared_.io), pause_(shared_.io) {}

  ~UnixServer() override {
    asio::post(shared_.io, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      shared_.event_waits.close();
    });
    shared_.views.join();
    shared_.questions.join();
    shared_.operations.join();                // what runs ends,
    asio::post(shared_.io, [this] { shared_.io.stop(); });  // and its response is on its way before this
    if (thread_.joinable()) thread_.join();
    if (bound_) unlink(path_.c_str());
  }

  Status listen() {
    if (auto status = Server::check_path(path_); !status.ok()) return status;
    if (auto status = make_room(path_); !status.ok()) return status;
    error_code error;
    acceptor_.open(Local(), error);
    if (!error) {
      close_on_exec(acceptor_.native_handle());
      fchmod(acceptor_.native_handle(),
             0600);  // before bind: the file is made with this mode, and nobody else may ever open it
      acceptor_.bind(Local::endpoint(path_.string()), error);
      bound_ = !error;
    }
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return base::errno_status(error.value(), "listen at", path_);
    accept();
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "ark-api");
      shared_.io.run();
    });
    return {};
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, Local::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) return accept_later();
      close_on_exec(socket.native_handle());
      auto connection = std::make_shared<Connection>(std::move(socket), shared_);
      if (shared_.connections > shared_.limits.connections) {
        connection->refuse(503, Code::kUnavailable, "there are too many connections");
      } else {
        connection->read();
      }
      accept();
    });
  }

  /// No descriptor is left, most likely: whoever waits is still there when one is.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](error_code error) {
      if (!error && acceptor_.is_open()) accept();
    });
  }

  const std::filesystem::path path_;
  Shared shared_;
  Local::acceptor acceptor_;
  asio::steady_timer pause_;
  bool bound_ = false;  ///< the file at path_ is this one's
  std::thread thread_;
};

}  // namespace

Status Server::check_path(const std::filesystem::path& socket) {
  constexpr size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (socket.native().size() <= kLongest) return {};
  return Status(Code::kInvalidArgument, "the socket path " + socket.string() + " is too long: at most " +
                                            std::to_string(kLongest) + " bytes; set api.socket to a shorter one");
}

Result<std::unique_ptr<Server>> Server::start(Container& container, const std::filesystem::path& socket,
                                              const ServerLimits& limits) {
  auto server = std::make_unique<UnixServer>(container, socket, limits);
  if (auto status = server->listen(); !status.ok()) return status;
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace ark::container::ops
