/// The signals that end the container.
#pragma once

#include <atomic>
#include <thread>

namespace ark::container::app {

/// SIGTERM and SIGINT wake wait(); a second one ends the process at once with status 1. SIGPIPE is ignored. Made before any other thread, so that all
/// of them inherit the mask.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;

  /// Blocks until a signal has come or wake() was called.
  void wait();
  /// Any thread. No signal: the first one afterwards does not end the process.
  void wake();
  /// A signal has come.
  bool signalled() const { return signalled_; }

 private:
  void loop();
  std::atomic<bool> awake_{false}, signalled_{false}, ending_{false};
  std::thread thread_;
};

}  // namespace ark::container::app
