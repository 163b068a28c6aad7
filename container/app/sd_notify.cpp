#include "app/sd_notify.hpp"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace ark::container::app {
namespace {

/// How often the manager is asked for more time if there is no watchdog, and for how much: some beats may come late.
constexpr auto kInterval = std::chrono::seconds(5);
constexpr int kBeatsGranted = 4;

/// For a manager that has more to read than it can take; then the message is lost.
constexpr timeval kLongestSend{5, 0};

/// The variable's value, taken out of the environment.
std::string take(const char* name) {
  const char* value = std::getenv(name);
  const std::string text = value ? value : "";
  unsetenv(name);
  return text;
}

/// 0: no positive number.
int64_t number_of(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

std::string status_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ';');
  return "STATUS=" + text;
}

}  // namespace

SdNotify::SdNotify() {
  const auto address = take("NOTIFY_SOCKET"), usec = take("WATCHDOG_USEC"), pid = take("WATCHDOG_PID");
  if (address.empty()) return;
  open(address);
  const bool is_ours = pid.empty() || number_of(pid) == getpid();
  const int64_t watchdog_us = is_ours ? number_of(usec) : 0;
  if (!usec.empty() && number_of(usec) == 0 && problem_.empty()) {
    problem_ = "WATCHDOG_USEC is '" + usec + "', which is no number of microseconds: the service manager is not told that the container lives";
  }
  has_watchdog_ = watchdog_us > 0;
  interval_ = has_watchdog_ ? std::chrono::microseconds(std::max<int64_t>(watchdog_us / 2, 1)) : kInterval;
}

SdNotify::~SdNotify() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void SdNotify::open(const std::string& address) {
  sockaddr_un to{};
  const auto complain = [&](const std::string& why) {
    problem_ = "NOTIFY_SOCKET is '" + address + "': " + why + "; the service manager is told nothing";
    socket_.reset();
  };
  if (address[0] != '/' && address[0] != '@') return complain("only a path, or '@' and an abstract name, is supported");
  if (address.size() < 2 || address.size() >= sizeof to.sun_path) return complain("an address has from 2 to 107 characters");
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address.data(), address.size());
  if (address[0] == '@') to.sun_path[0] = '\0';
  socket_ = base::Descriptor(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket_.valid()) (void)setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kLongestSend, sizeof kLongestSend);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  if (!socket_.valid() || connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), size) != 0) complain(std::strerror(errno));
}

void SdNotify::send(const std::string& text, int flags) const {
  if (socket_.valid()) (void)::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | flags);
}

void SdNotify::starting(std::function<bool(std::chrono::milliseconds)> answers) {
  if (!socket_.valid()) return;
  answers_ = std::move(answers);
  send(status_line("starting"));
  thread_ = std::thread([this] { loop(); });
}

void SdNotify::enter(Phase phase, const std::string& text) {
  std::lock_guard lock(mutex_);  // a beat of the phase before may not come after
  phase_ = phase;
  send(text);
}

void SdNotify::ready(const std::string& status) { enter(Phase::kReady, "READY=1\n" + status_line(status)); }
void SdNotify::stopping(const std::string& status) { enter(Phase::kStopping, "STOPPING=1\n" + status_line(status)); }
void SdNotify::failed(const std::string& status) { enter(Phase::kStopping, status_line(status)); }

void SdNotify::beat() {
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(interval_);
  if (!answers_(std::max(limit, std::chrono::milliseconds(1)))) return;
  std::lock_guard lock(mutex_);
  // A manager that has messages enough to read does not need this one, and what tells it of another phase must not wait.
  if (phase_ != Phase::kReady) return send("EXTEND_TIMEOUT_USEC=" + std::to_string(interval_.count() * kBeatsGranted), MSG_DONTWAIT);
  if (has_watchdog_) send("WATCHDOG=1", MSG_DONTWAIT);
}

void SdNotify::loop() {
  pthread_setname_np(pthread_self(), "ark-sd-notify");
  auto next = std::chrono::steady_clock::now() + interval_;
  for (std::unique_lock lock(mutex_); !changed_.wait_until(lock, next, [this] { return ending_; }); lock.lock()) {
    lock.unlock();
    next += interval_;  // however long the answer takes, the next one is asked for in time
    beat();
  }
}

}  // namespace ark::container::app
