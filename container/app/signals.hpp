/// The signals that end the container.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace ark::container::app {

/// SIGTERM and SIGINT wake wait(); a second one ends the process at once with status 128 and its number, as a shell has it, and says what was still
/// running. SIGPIPE is ignored. Made before any other thread, so that all of them inherit the mask.
class Signals {
 public:
  /// `same`: one that follows the first within it is no second one. timeout(1) and service managers signal the process and then its group, which
  /// comes twice.
  explicit Signals(std::chrono::milliseconds same = std::chrono::milliseconds(200));
  ~Signals();
  Signals(const Signals&) = delete;

  /// Blocks until a signal has come or wake() was called.
  void wait();
  /// Any thread. No signal: the first one afterwards does not end the process.
  void wake();
  /// A signal has come.
  bool signalled() const { return number_ != 0; }
  /// The first one: "SIGTERM".
  std::string name() const;

  /// Run on the signals' thread when the first one comes; short, and not to call back. Empty: nothing is.
  void on_first(std::function<void()> work);
  /// What a second signal ends: a sentence's list, empty for nothing. Called on another thread; not after this was called with another one.
  void on_second(std::function<std::string()> still_running);

 private:
  void loop();
  [[noreturn]] void end_at_once(int number);
  const std::chrono::milliseconds same_;
  std::atomic<bool> awake_{false}, ending_{false};
  std::atomic<int> number_{0};
  std::mutex mutex_;
  std::function<void()> first_;                 // guarded by mutex_
  std::function<std::string()> still_running_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace ark::container::app
