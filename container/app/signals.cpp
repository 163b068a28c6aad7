#include "app/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <future>
#include <memory>

namespace ark::container::app {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

/// Who is asked what is still there may be what hangs.
constexpr auto kLongestAnswer = std::chrono::seconds(1);

std::string name_of(int number) { return std::string("SIG") + sigabbrev_np(number); }

}  // namespace

Signals::Signals(std::chrono::milliseconds same) : same_(same) {
  signal(SIGPIPE, SIG_IGN);
  const auto set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { loop(); });
}

Signals::~Signals() {
  ending_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void Signals::loop() {
  pthread_setname_np(pthread_self(), "ark-signals");
  const auto set = ending_signals();
  std::chrono::steady_clock::time_point first_came;
  for (;;) {
    int number;
    if (sigwait(&set, &number) != 0) continue;
    if (ending_) return;
    const auto now = std::chrono::steady_clock::now();
    if (number_ != 0 && now - first_came < same_) continue;
    if (number_ != 0) end_at_once(number);
    first_came = now;
    number_ = number;
    {
      std::lock_guard lock(mutex_);
      if (first_) first_();
    }
    wake();
  }
}

void Signals::end_at_once(int number) {
  const auto answer = std::make_shared<std::promise<std::string>>();
  auto running = answer->get_future();
  std::thread([this, answer] {
    std::lock_guard lock(mutex_);
    answer->set_value(still_running_ ? still_running_() : "");
  }).detach();
  std::string text = "ark-container: a second signal, " + name_of(number) + ": ends at once";
  if (running.wait_for(kLongestAnswer) != std::future_status::ready) {
    text += "; what was still there cannot be told: the container does not answer";
  } else if (const auto what = running.get(); !what.empty()) {
    text += "; still there: " + what;
  }
  text += '\n';
  (void)!write(STDERR_FILENO, text.data(), text.size());
  _exit(128 + number);
}

std::string Signals::name() const { return name_of(number_); }

void Signals::on_first(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  first_ = std::move(work);
}

void Signals::on_second(std::function<std::string()> still_running) {
  std::lock_guard lock(mutex_);
  still_running_ = std::move(still_running);
}

void Signals::wake() {
  awake_ = true;
  awake_.notify_all();
}

void Signals::wait() { awake_.wait(false); }

}  // namespace ark::container::app
