#include "app/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>

namespace ark::container::app {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

void say(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

}  // namespace

Signals::Signals() {
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
  for (;;) {
    int number;
    if (sigwait(&set, &number) != 0) continue;
    if (ending_) return;
    if (signalled_) {
      say("ark-container: second signal: ends at once\n");
      _exit(1);
    }
    signalled_ = true;
    wake();
  }
}

void Signals::wake() {
  awake_ = true;
  awake_.notify_all();
}

void Signals::wait() { awake_.wait(false); }

}  // namespace ark::container::app
