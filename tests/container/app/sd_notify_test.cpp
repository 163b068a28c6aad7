#include "app/sd_notify.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <cstdlib>

#include "app/api_probe.hpp"
#include "support/notify_socket.hpp"
#include "support/process_facts.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::app {
namespace {

using std::chrono::milliseconds;
using test::NotifySocket;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

class SdNotifyTest : public testing::Test {
 protected:
  SdNotifyTest() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  static void set(const std::string& address, const char* watchdog_us = nullptr, const std::string& watchdog_pid = "") {
    setenv("NOTIFY_SOCKET", address.c_str(), 1);
    if (watchdog_us) setenv("WATCHDOG_USEC", watchdog_us, 1);
    if (!watchdog_pid.empty()) setenv("WATCHDOG_PID", watchdog_pid.c_str(), 1);
  }
  static void expect_all_said(const std::string& address) {
    const NotifySocket manager(address);
    set(address);
    SdNotify notify;
    EXPECT_EQ(notify.problem(), "");
    notify.starting([](milliseconds) { return true; });
    EXPECT_EQ(manager.next(), "STATUS=starting");
    notify.ready("4 modules");
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=4 modules");
    notify.stopping("stopping: SIGTERM came");
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=stopping: SIGTERM came");
    notify.failed("a failed\nb failed");
    EXPECT_EQ(manager.next(), "STATUS=a failed;b failed");
  }

  test::TempDir dir_;
  const std::string path_ = (dir_ / "notify").native();
};

TEST_F(SdNotifyTest, SpeaksToAPath) { expect_all_said(path_); }
TEST_F(SdNotifyTest, SpeaksToAnAbstractName) { expect_all_said("@ark-test-" + std::to_string(getpid())); }

TEST_F(SdNotifyTest, TakesTheVariablesOutOfTheEnvironment) {
  const NotifySocket manager(path_);
  set(path_, "1000000", std::to_string(getpid()));
  const SdNotify notify;
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) EXPECT_EQ(std::getenv(name), nullptr) << name;
}

TEST_F(SdNotifyTest, WithoutAManagerDoesNothing) {
  const auto before = test::ProcessFacts::now();
  setenv("WATCHDOG_USEC", "1000", 1);
  SdNotify notify;
  notify.starting([](milliseconds) { return true; });
  notify.ready("");
  const auto now = test::ProcessFacts::now();
  EXPECT_EQ(notify.problem(), "");
  EXPECT_EQ(now.threads, before.threads);
  EXPECT_EQ(now.descriptors, before.descriptors);
}

TEST_F(SdNotifyTest, SaysWhatIsWrongWithTheAddressAndGoesOn) {
  const std::vector<std::string> wrong{"vsock:2:1", "relative", "@", "/", path_, "/" + std::string(200, 'x')};
  for (const auto& address : wrong) {
    set(address);
    SdNotify notify;
    EXPECT_THAT(notify.problem(), HasSubstr("NOTIFY_SOCKET is '" + address + "': "));
    notify.starting([](milliseconds) { return true; });
    notify.ready("");
  }
}

TEST_F(SdNotifyTest, AWatchdogThatIsNoNumberIsSaid) {
  const NotifySocket manager(path_);
  for (const char* usec : {"soon", "-1", "0", "1s", "99999999999999999999"}) {
    set(path_, usec);
    EXPECT_THAT(SdNotify().problem(), HasSubstr("WATCHDOG_USEC is '" + std::string(usec) + "'"));
  }
}

TEST_F(SdNotifyTest, AsksForMoreTimeThenTellsThatItLivesThenAsksAgain) {
  const NotifySocket manager(path_);
  set(path_, "20000", std::to_string(getpid()));
  SdNotify notify;
  notify.starting([](milliseconds) { return true; });
  EXPECT_EQ(manager.next(), "STATUS=starting");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.next(), "EXTEND_TIMEOUT_USEC=40000");
  notify.ready("");
  EXPECT_THAT(manager.next_with("READY=1"), HasSubstr("READY=1"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.next(), "WATCHDOG=1");
  notify.stopping("");
  EXPECT_THAT(manager.next_with("STOPPING=1"), HasSubstr("STOPPING=1"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.next(), "EXTEND_TIMEOUT_USEC=40000");
}

TEST_F(SdNotifyTest, IsNotKeptFromSayingThatItIsReadyByWhatNobodyReads) {
  const NotifySocket manager(path_);
  set(path_, "2000");
  std::atomic<int> asked{0};
  SdNotify notify;
  notify.starting([&](milliseconds) { return ++asked > 0; });
  while (asked < 100) std::this_thread::yield();  // more than a socket keeps
  std::thread reader([&] { EXPECT_THAT(manager.next_with("READY=1"), HasSubstr("READY=1")); });
  notify.ready("");
  reader.join();
}

TEST_F(SdNotifyTest, SaysNothingOfALifeThatItCannotProve) {
  const NotifySocket manager(path_);
  set(path_, "2000");
  std::atomic<int> asked{0};
  std::atomic<bool> answers{false};
  SdNotify notify;
  notify.starting([&](milliseconds limit) {
    EXPECT_GE(limit.count(), 1);
    ++asked;
    asked.notify_all();
    return answers.load();
  });
  notify.ready("");
  EXPECT_EQ(manager.next(), "STATUS=starting");
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=");
  for (int seen = 0; seen < 5; seen = asked) asked.wait(seen);
  EXPECT_EQ(manager.next(milliseconds(0)), std::nullopt);
  answers = true;
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST_F(SdNotifyTest, AnothersWatchdogIsNotAnswered) {
  const NotifySocket manager(path_);
  set(path_, "2000", std::to_string(getpid() + 1));
  SdNotify notify;
  EXPECT_EQ(notify.problem(), "");
  notify.starting([](milliseconds) { return true; });
  notify.ready("");
  EXPECT_EQ(manager.next(), "STATUS=starting");
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=");
  EXPECT_EQ(manager.next(milliseconds(200)), std::nullopt) << "a hundred of its intervals";
}

TEST_F(SdNotifyTest, AManagerThatHasGoneIsNoHindrance) {
  set(path_);
  {
    const NotifySocket manager(path_);
    SdNotify notify;
    notify.starting([](milliseconds) { return true; });
  }
  set(path_);
  SdNotify notify;
  EXPECT_THAT(notify.problem(), HasSubstr("Connection refused"));
}

TEST(ApiProbe, IsFalseWhereNobodyAnswers) {
  const test::TempDir dir;
  EXPECT_FALSE(api_answers(dir / "none", milliseconds(10)));
  EXPECT_FALSE(api_answers("/" + std::string(200, 'x'), milliseconds(10)));
  const base::Descriptor mute(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  (dir / "mute").native().copy(at.sun_path, sizeof at.sun_path - 1);
  ASSERT_EQ(bind(mute.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(listen(mute.get(), 1), 0);
  EXPECT_FALSE(api_answers(dir / "mute", milliseconds(10))) << "it accepts, and says nothing";
}

}  // namespace
}  // namespace ark::container::app
