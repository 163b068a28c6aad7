#include "ops/server.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "base/files.hpp"
#include "container/ops/mock_container.hpp"
#include "container/ops/raw_client.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::ops {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using test::RawClient;
using test::RawResponse;
using test::request;
using test::sample_operation;
using testing::_;
using testing::HasSubstr;
using testing::NiceMock;
using testing::Return;

std::set<int> descriptors() {
  std::set<int> all;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) all.insert(std::stoi(entry.path().filename()));
  return all;
}

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    ON_CALL(container_, modules()).WillByDefault(Return(std::vector{test::sample_module()}));
    ON_CALL(container_, stop_module(_, _, _)).WillByDefault(Return(sample_operation()));
    ON_CALL(container_, wait_ready(_)).WillByDefault(Return(true));
  }

  void start(const ServerLimits& limits = {}) {
    auto server = Server::start(container_, path_, limits);
    ASSERT_TRUE(server.ok()) << server.status().text();
    server_ = std::move(*server);
  }
  void expect_serves() { EXPECT_EQ(RawClient(path_).ask(request("GET", "/api/v1/version")).status, 200); }

  test::TempDir dir_;
  const fs::path path_ = dir_ / "ark.sock";
  NiceMock<test::MockContainer> container_;
  std::unique_ptr<Server> server_;
};

/// An operation that ends when the test says so. What it waits for belongs to the container, which outlives the test's end.
class Blocking {
 public:
  void arrange(test::MockContainer& container) {
    ON_CALL(container, stop_module(_, _, _)).WillByDefault([state = state_](std::string_view, bool, By) {
      ++state->entered;
      state->entered.notify_all();
      state->released.wait(false);
      return sample_operation();
    });
  }
  void wait_until_entered(int times = 1) {
    for (int now = state_->entered; now < times; now = state_->entered) state_->entered.wait(now);
  }
  void release() {
    state_->released = true;
    state_->released.notify_all();
  }

 private:
  struct State {
    std::atomic<int> entered{0};
    std::atomic<bool> released{false};
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

// ---- the socket ----

TEST_F(ServerTest, OnlyItsOwnerMayOpenTheSocket) {
  const auto mask = umask(0);
  start();
  umask(mask);
  struct stat info;
  ASSERT_EQ(lstat(path_.c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  expect_serves();
}

TEST_F(ServerTest, TheSocketIsGoneWithTheServer) {
  start();
  server_.reset();
  EXPECT_FALSE(fs::exists(fs::symlink_status(path_)));
  EXPECT_FALSE(RawClient(path_).connected());
}

/// A socket of somebody else.
base::Descriptor bound_socket(int kind, const fs::path& path) {
  base::Descriptor made(socket(AF_UNIX, kind | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(bind(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return made;
}

TEST_F(ServerTest, TakesThePlaceOfASocketThatNobodyListensAt) {
  (void)bound_socket(SOCK_STREAM, path_);
  ASSERT_TRUE(fs::exists(path_));
  start();
  expect_serves();
}

TEST_F(ServerTest, LeavesASocketAloneThatSomebodyListensAt) {
  start();
  NiceMock<test::MockContainer> other;
  const auto second = Server::start(other, path_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kAlreadyExists);
  EXPECT_THAT(second.status().text(), HasSubstr(path_.string()));
  expect_serves();
}

TEST_F(ServerTest, LeavesASocketAloneWhoseOwnerIsTooBusyToAnswer) {
  const auto busy = bound_socket(SOCK_STREAM, path_);
  ASSERT_EQ(listen(busy.get(), 0), 0);
  const RawClient waiting(path_);  // all that it lets wait
  ASSERT_TRUE(waiting.connected());
  const auto server = Server::start(container_, path_);
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.status().text(), HasSubstr("another process listens there"));
  EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(ServerTest, LeavesASocketOfAnotherKindAlone) {
  const auto datagrams = bound_socket(SOCK_DGRAM, path_);
  const auto server = Server::start(container_, path_);
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.status().code(), Code::kAlreadyExists);
  EXPECT_THAT(server.status().text(), testing::AllOf(HasSubstr(path_.string()), HasSubstr("another kind")));
  EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(ServerTest, LeavesAFileAloneThatIsNoSocket) {
  std::ofstream(path_) << "precious";
  const auto server = Server::start(container_, path_);
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.status().code(), Code::kAlreadyExists);
  EXPECT_THAT(server.status().text(), HasSubstr("no socket"));
  EXPECT_EQ(*base::read_file(path_), "precious");
}

TEST_F(ServerTest, LeavesALinkAlone) {
  fs::create_symlink(dir_ / "elsewhere", path_);
  EXPECT_FALSE(Server::start(container_, path_).ok());
  EXPECT_TRUE(fs::is_symlink(fs::symlink_status(path_)));
  EXPECT_FALSE(fs::exists(dir_ / "elsewhere"));
}

TEST_F(ServerTest, SaysThatAPathIsTooLong) {
  const auto room = sizeof(sockaddr_un::sun_path) - 1 - dir_.path().native().size() - 1;
  const auto longest = dir_ / std::string(room, 'x'), longer = dir_ / std::string(room + 1, 'x');
  const auto refused = Server::start(container_, longer);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(refused.status().text(), testing::AllOf(HasSubstr("too long"), HasSubstr("api.socket")));
  EXPECT_TRUE(Server::start(container_, longest).ok());
}

TEST_F(ServerTest, SaysThatThereIsNoSuchFolder) {
  const auto server = Server::start(container_, dir_ / "missing" / "ark.sock");
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.status().code(), Code::kNotFound);
  EXPECT_THAT(server.status().text(), HasSubstr("missing/ark.sock"));
}

TEST_F(ServerTest, ProgramsThatAModuleStartsInheritNoDescriptor) {
  const auto before = descriptors();
  start();
  RawClient client(path_);
  ASSERT_EQ(client.ask(request("GET", "/api/v1/version")).status, 200);
  size_t found = 0;
  for (int fd : descriptors()) {
    if (before.count(fd) || fcntl(fd, F_GETFD) < 0) continue;  // the second: of the listing itself
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC) << fs::read_symlink("/proc/self/fd/" + std::to_string(fd));
    ++found;
  }
  EXPECT_GE(found, 4u) << "the listener, both ends of the connection, and what waits for them";
}

TEST_F(ServerTest, LeavesNoDescriptorBehind) {
  start();
  expect_serves();
  server_.reset();
  const auto before = descriptors();
  start();
  expect_serves();
  server_.reset();
  EXPECT_EQ(descriptors(), before);
}

TEST_F(ServerTest, AClientWaitsUntilADescriptorIsLeft) {
  start();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{static_cast<rlim_t>(*descriptors().rbegin()) + 8, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<base::Descriptor> held;
  for (int fd = dup(0); fd >= 0; fd = dup(0)) held.emplace_back(fd);
  held.pop_back();
  RawClient client(path_);  // has the last one
  client.send(request("GET", "/api/v1/version"));
  held.clear();
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(client.receive().status, 200);
  expect_serves();
}

// ---- HTTP ----

TEST_F(ServerTest, AnswersInJson) {
  start();
  const auto response = RawClient(path_).ask(request("GET", "/api/v1/modules"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.head, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(response.body, HasSubstr("\"orders\""));
  EXPECT_EQ(response.body.back(), '\n');
}

TEST_F(ServerTest, OneConnectionTakesManyRequests) {
  start();
  RawClient client(path_);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.ask(request("GET", "/api/v1/version")).status, 200);
  const auto two = request("GET", "/api/v1/version") + request("GET", "/api/v1/nothing");
  EXPECT_EQ(client.ask(two).status, 200);
  EXPECT_EQ(client.receive().status, 404);
  EXPECT_EQ(client.ask(request("GET", "/api/v1/version", "", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, AHeadRequestIsRefusedWithoutABody) {
  start();
  RawClient client(path_);
  client.send(request("HEAD", "/api/v1/version"));
  client.finish();
  const auto response = client.receive();
  EXPECT_THAT(response.head, HasSubstr("405"));
  EXPECT_EQ(response.body, "");
}

TEST_F(ServerTest, SaysWhichMethodsThereAre) {
  start();
  const auto response = RawClient(path_).ask(request("PUT", "/api/v1/modules"));
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.head, HasSubstr("Allow: GET, POST\r\n"));
}

TEST_F(ServerTest, TakesABodyInChunks) {
  EXPECT_CALL(container_, install(fs::path("/a.ark"), _, _)).WillOnce(Return(sample_operation()));
  start();
  RawClient client(path_);
  client.send(request("POST", "/api/v1/modules", "", "Transfer-Encoding: chunked\r\n") + "d\r\n{\"package\": \"\r\n");
  const auto response = client.ask("8\r\n/a.ark\"}\r\n0\r\n\r\n");
  EXPECT_EQ(response.status, 200) << response.body;
}

TEST_F(ServerTest, WhatIsNoHttpIsToldSoAndTheNextClientIsServed) {
  start();
  for (const std::string text :
       {"hello\r\n\r\n", "\r\n\r\nx", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "GET / HTTP/1.1\r\nA b: c\r\n\r\n"}) {
    RawClient client(path_);
    const auto response = client.ask(text);
    EXPECT_EQ(response.status, 400) << text;
    EXPECT_THAT(response.body, HasSubstr("INVALID_ARGUMENT")) << text;
    EXPECT_TRUE(client.ended()) << text;
  }
  expect_serves();
}

TEST_F(ServerTest, ABodyThatIsTooLargeIsRefused) {
  start({.body_size = 1000});
  RawClient said(path_), chunked(path_);
  EXPECT_EQ(said.ask(request("POST", "/api/v1/modules", std::string(1001, ' '))).status, 413);
  EXPECT_TRUE(said.ended());
  EXPECT_EQ(chunked
                .ask(request("POST", "/api/v1/modules", "", "Transfer-Encoding: chunked\r\n") + "7d0\r\n" +
                     std::string(2000, ' ') + "\r\n0\r\n\r\n")
                .status,
            413);
  EXPECT_EQ(RawClient(path_).ask(request("POST", "/api/v1/modules", std::string(1000, ' '))).status, 400)
      << "the largest is read";
  expect_serves();
}

TEST_F(ServerTest, AHeaderThatIsTooLargeIsRefused) {
  start({.header_size = 1000});
  RawClient client(path_);
  EXPECT_EQ(client.ask(request("GET", "/api/v1/version", "", "X-Long: " + std::string(2000, 'x') + "\r\n")).status,
            431);
  EXPECT_TRUE(client.ended());
  RawClient endless(path_);
  EXPECT_EQ(endless.ask("GET /" + std::string(2000, 'x')).status, 431);
  expect_serves();
}

// ---- many, slow and gone clients ----

TEST_F(ServerTest, TooManyConnectionsAreTurnedAway) {
  start({.connections = 2});
  auto first = std::make_unique<RawClient>(path_);
  RawClient second(path_);
  EXPECT_EQ(first->ask(request("GET", "/api/v1/version")).status, 200);
  EXPECT_EQ(second.ask(request("GET", "/api/v1/version")).status, 200);
  RawClient third(path_);
  const auto response = third.receive();
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, testing::AllOf(HasSubstr("too many connections"), HasSubstr("\"UNAVAILABLE\"")));
  EXPECT_TRUE(third.ended());
  first.reset();
  int status = 503;
  while (status != 200) status = RawClient(path_).ask(request("GET", "/api/v1/version")).status;  // once it has noticed
}

TEST_F(ServerTest, AClientThatSendsNothingIsLeft) {
  start({.idle = milliseconds(50)});
  EXPECT_TRUE(RawClient(path_).ended());
  RawClient half(path_);
  half.send("GET /api/v1/version HT");
  EXPECT_TRUE(half.ended());
  expect_serves();
}

TEST_F(ServerTest, AClientThatTakesNoAnswerIsLeft) {
  // More than a socket holds.
  ON_CALL(container_, modules()).WillByDefault(Return(std::vector<ModuleInfo>(50'000, test::sample_module())));
  start({.connections = 1, .idle = milliseconds(50)});
  RawClient deaf(path_);
  deaf.send(request("GET", "/api/v1/modules"));
  int status = 0;
  while (status != 200) status = RawClient(path_).ask(request("GET", "/api/v1/version")).status;  // once there is room
}

TEST_F(ServerTest, AnOperationMayTakeLongerThanAClientMay) {
  Blocking blocking;
  blocking.arrange(container_);
  start({.idle = milliseconds(20)});
  RawClient client(path_);
  client.send(request("POST", "/api/v1/modules/orders/stop"));
  blocking.wait_until_entered();
  EXPECT_TRUE(RawClient(path_).ended()) << "by now the limit is over";
  blocking.release();
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerTest, ListsAreAnsweredHoweverManyOperationsRun) {
  Blocking blocking;
  blocking.arrange(container_);
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(path_));
    clients.back()->send(request("POST", "/api/v1/modules/orders/stop"));
  }
  blocking.wait_until_entered(4);
  for (const char* path : {"/api/v1/modules", "/api/v1/version", "/api/v1/services", "/api/v1/ready"}) {
    EXPECT_EQ(RawClient(path_).ask(request("GET", path)).status, 200);
  }
  blocking.release();
  for (auto& client : clients) EXPECT_EQ(client->receive().status, 200);
}

// ---- events ----

class ServerOfEvents : public ServerTest {
 protected:
  ServerOfEvents() { test::tell_events(container_, journal_); }
  ~ServerOfEvents() override { server_.reset(); }
  static std::string question(uint64_t since, int wait_ms) {
    return request("GET", "/api/v1/events?since=" + std::to_string(since) + "&wait_ms=" + std::to_string(wait_ms));
  }

  event::Journal journal_;
};

TEST_F(ServerOfEvents, ClientsWaitForTheNextOneAndNobodyWaitsForThem) {
  start();
  journal_.add(event::Journal::From::kContainer, "ContainerStarted", "", "", "");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<RawClient>(path_));
    clients.back()->send(question(1, 30'000));
  }
  EXPECT_EQ(RawClient(path_).ask(question(0, 30'000)).status, 200) << "there is something already";
  for (const char* path : {"/api/v1/modules", "/api/v1/version", "/api/v1/events?since=1"}) {
    EXPECT_EQ(RawClient(path_).ask(request("GET", path)).status, 200);
  }
  journal_.add(event::Journal::From::kContainer, "AfterBizStartup", "orders", "1.0.0", "");
  for (auto& client : clients) EXPECT_THAT(client->receive().body, HasSubstr("AfterBizStartup"));
}

TEST_F(ServerOfEvents, AClientIsAnsweredWithNothingWhenItsTimeIsOver) {
  start();
  const auto answer = RawClient(path_).ask(question(0, 20));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"events\":[]"));
}

TEST_F(ServerOfEvents, TooManyThatWaitAreTurnedAway) {
  ServerLimits limits;
  limits.event_waits = 2;
  start(limits);
  RawClient first(path_), second(path_);
  first.send(question(0, 30'000));
  second.send(question(0, 30'000));
  RawResponse refused;
  do {  // the two may not have been read yet
    refused = RawClient(path_).ask(question(0, 1));
  } while (refused.status != 503);
  EXPECT_THAT(refused.body, HasSubstr("too many clients that wait for events"));
  journal_.add(event::Journal::From::kContainer, "ContainerStarted", "", "", "");
  EXPECT_EQ(first.receive().status, 200);
  EXPECT_EQ(second.receive().status, 200);
  EXPECT_EQ(RawClient(path_).ask(question(0, 1)).status, 200);
}

TEST_F(ServerOfEvents, ItsEndKeepsNobodyWaiting) {
  start();
  RawClient client(path_);
  client.send(question(0, 30'000));
  expect_serves();
  const auto began = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  journal_.add(event::Journal::From::kContainer, "ContainerStopped", "", "", "");  // nobody is told any more
}

TEST_F(ServerTest, AClientThatIsGoneDoesNotMatterToItsOperation) {
  Blocking blocking;
  blocking.arrange(container_);
  start();
  {
    RawClient client(path_);
    client.send(request("POST", "/api/v1/modules/orders/stop"));
    blocking.wait_until_entered();
  }
  blocking.release();
  expect_serves();
}

TEST_F(ServerTest, ItsEndWaitsForWhatRunsAndStillAnswers) {
  Blocking blocking;
  blocking.arrange(container_);
  start();
  RawClient client(path_), idle(path_);
  client.send(request("POST", "/api/v1/modules/orders/stop"));
  blocking.wait_until_entered();
  auto ended = std::async(std::launch::async, [&] { server_.reset(); });
  while (RawClient(path_).connected()) std::this_thread::yield();  // it has begun to end
  EXPECT_EQ(ended.wait_for(milliseconds(0)), std::future_status::timeout);
  blocking.release();
  EXPECT_EQ(client.receive().status, 200);
  ended.get();
  EXPECT_TRUE(idle.ended());
}

}  // namespace
}  // namespace ark::container::ops
