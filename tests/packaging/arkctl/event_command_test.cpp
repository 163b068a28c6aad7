// arkctl events, and with --follow: the real program, and a container in this process that it asks.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "container/ops/mock_container.hpp"
#include "ops/server.hpp"
#include "support/run_program.hpp"

namespace ark::arkctl {
namespace {

namespace fs = std::filesystem;
using container::event::Journal;
using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

/// A program that runs until this is destroyed; what it writes, line by line.
class Running {
 public:
  Running(std::vector<std::string> words, const fs::path& err) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
      std::vector<char*> list;
      for (auto& word : words) list.push_back(word.data());
      list.push_back(nullptr);
      execv(list[0], list.data());
      _exit(127);
    }
    close(ends[1]);
    out_ = container::base::Descriptor(ends[0]);
  }
  ~Running() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  /// The next line; "" if none comes within a minute.
  std::string line() {
    for (;;) {
      if (const auto end = read_.find('\n'); end != std::string::npos) {
        const auto line = read_.substr(0, end);
        read_.erase(0, end + 1);
        return line;
      }
      pollfd ready{out_.get(), POLLIN, 0};
      char bytes[4096];
      const ssize_t size = poll(&ready, 1, 60'000) == 1 ? read(out_.get(), bytes, sizeof bytes) : 0;
      if (size <= 0) return "";
      read_.append(bytes, static_cast<size_t>(size));
    }
  }

 private:
  pid_t pid_ = -1;
  container::base::Descriptor out_;
  std::string read_;
};

class EventCommand : public testing::Test {
 protected:
  EventCommand() {
    fs::create_directories(home_ / "run");
    serve();
  }
  ~EventCommand() override { server_.reset(); }

  /// A container of a new run.
  void serve() {
    journal_ = std::make_unique<Journal>(4);
    test::tell_events(container_, *journal_);
    auto server = container::ops::Server::start(container_, home_ / "run" / "ark.sock");
    ASSERT_TRUE(server.ok()) << server.status().text();
    server_ = std::move(*server);
  }
  Running follow(std::vector<std::string> more = {}) {
    std::vector<std::string> words{ARKCTL, "--home", home_.native(), "events", "--follow"};
    words.insert(words.end(), more.begin(), more.end());
    return Running(words, dir_ / "err");
  }
  std::string await_error(const std::string& words) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::string text;
    while (text.find(words) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      text = *container::base::read_file(dir_ / "err");
      std::this_thread::yield();
    }
    return text;
  }

  test::TempDir dir_;
  const fs::path home_ = dir_ / "home";
  testing::NiceMock<test::MockContainer> container_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<container::ops::Server> server_;
};

constexpr const char* kTime = "[0-9-]+T[0-9:.]+Z  ";

TEST_F(EventCommand, ShowsWhatHappened) {
  journal_->add(Journal::From::kContainer, "AfterBizStartup", "orders", "1.0.0", "");
  journal_->add(Journal::From::kContainer, "AfterBizSwitch", "orders", "1.1.0", "deactivated 1.0.0");
  journal_->add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  const auto ran = test::run_program({ARKCTL, "--home", home_.native(), "events"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out,
              MatchesRegex(std::string(kTime) + "AfterBizStartup        orders 1.0.0\n" + kTime +
                           "AfterBizSwitch         orders 1.1.0  deactivated 1.0.0\n" + kTime + "ContainerStarted\n"));
}

TEST_F(EventCommand, FollowsEachAsItComes) {
  journal_->add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  auto following = follow();
  EXPECT_THAT(following.line(), HasSubstr("ContainerStarted"));
  for (const char* version : {"1.0.0", "1.1.0", "1.2.0"}) {
    journal_->add(Journal::From::kContainer, "AfterBizStartup", "orders", version, "");
    EXPECT_THAT(following.line(), HasSubstr(std::string("orders ") + version));
  }
}

TEST_F(EventCommand, FollowsInJsonALineEach) {
  auto following = follow({"--json"});
  journal_->add(Journal::From::kContainer, "AfterBizStartup", "orders", "1.0.0", "");
  const auto line = json::parse(following.line(), nullptr, false);
  ASSERT_TRUE(line.is_object());
  EXPECT_EQ(line["module"], "orders");
  EXPECT_EQ(line["number"], 1);
}

TEST_F(EventCommand, SaysHowManyWereLost) {
  journal_->add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  auto following = follow();
  following.line();
  server_.reset();
  EXPECT_THAT(await_error("waiting for it"), HasSubstr("waiting for it"));
  for (int i = 0; i < 10; ++i) journal_->add(Journal::From::kContainer, "AfterBizStartup", "orders", std::to_string(i), "");
  auto server = container::ops::Server::start(container_, home_ / "run" / "ark.sock");
  ASSERT_TRUE(server.ok());
  server_ = std::move(*server);
  EXPECT_THAT(following.line(), HasSubstr("orders 6"));
  EXPECT_THAT(await_error("were lost"), HasSubstr("arkctl: 6 events were lost"));
}

TEST_F(EventCommand, FollowsAContainerThatIsStartedAnew) {
  journal_->add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  auto following = follow();
  following.line();
  server_.reset();
  serve();
  journal_->add(Journal::From::kContainer, "BeforePluginStartup", "greeter", "1.0.0", "");
  journal_->add(Journal::From::kContainer, "ContainerStarted", "", "", "");
  EXPECT_THAT(following.line(), HasSubstr("greeter 1.0.0")) << "from its first event on";
  EXPECT_THAT(following.line(), HasSubstr("ContainerStarted"));
  EXPECT_THAT(await_error("started anew"), HasSubstr("arkctl: the container was started anew"));
}

TEST_F(EventCommand, ThreeSaysThatNobodyAnswers) {
  server_.reset();
  EXPECT_EQ(test::run_program({ARKCTL, "--home", home_.native(), "events", "--follow"}).status, 3);
}

}  // namespace
}  // namespace ark::arkctl
