/// Tells the service manager how the process is: the protocol of sd_notify(3), without libsystemd.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/files.hpp"

namespace ark::container::app {

/// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment: they are not for children. Without
/// NOTIFY_SOCKET nothing is ever sent. To be made while there is one thread. All functions: one thread.
///
/// While the process starts and stops, however long that takes, the manager is asked for more time; once it is ready, it is told that it lives if
/// it waits for that (WatchdogSec=). Both are said by a thread of its own, and only as long as `answers` is true: what hangs for good is left to the
/// manager.
class SdNotify {
 public:
  SdNotify();
  ~SdNotify();
  SdNotify(const SdNotify&) = delete;

  /// What is wrong with the environment: a sentence, or empty. Nothing is sent then.
  const std::string& problem() const { return problem_; }

  /// answers: that the process still does its work; returns within the time given. Called on the thread.
  void starting(std::function<bool(std::chrono::milliseconds)> answers);
  void ready(const std::string& status);
  void stopping(const std::string& status);
  /// The start or the stop failed; the process is about to end.
  void failed(const std::string& status);

 private:
  enum class Phase { kStarting, kReady, kStopping };
  void open(const std::string& address);
  void send(const std::string& text, int flags = 0) const;
  void enter(Phase phase, const std::string& text);
  void beat();
  void loop();

  std::string problem_;
  base::Descriptor socket_;
  std::chrono::microseconds interval_{0};
  bool has_watchdog_ = false;
  std::function<bool(std::chrono::milliseconds)> answers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::kStarting;  // guarded by mutex_, as the next
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace ark::container::app
