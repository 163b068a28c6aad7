/// Lets a callback be cancelled while it may be running: afterwards it is not running and never will.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ark::container::thread {

/// Any thread may use it; the callback itself is entered by one thread at a time. Entering and leaving take two atomic steps.
class Gate {
 public:
  /// The callback may run now: true, and leave() must follow. False: closed, or a thread is still inside.
  bool enter();
  void leave();

  /// Nobody enters from now on. Waits for a thread that is inside, unless it is the calling one. False: still inside at the deadline.
  bool close(std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max());
  bool closed() const { return state_.load(std::memory_order_acquire) & kClosed; }
  /// Kernel id of the thread inside, 0 if none.
  int inside() const { return static_cast<int>(state_.load(std::memory_order_acquire) & kThread); }

  /// A thread's way in and out, also where the callback ends its thread.
  class Inside {
   public:
    explicit Inside(Gate& gate) : gate_(gate.enter() ? &gate : nullptr) {}
    Inside(const Inside&) = delete;
    ~Inside() {
      if (gate_) gate_->leave();
    }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    Gate* const gate_;
  };

 private:
  static constexpr uint32_t kClosed = 1u << 31;
  static constexpr uint32_t kAwaited = 1u << 30;  // somebody sleeps until the thread has left
  static constexpr uint32_t kThread = kAwaited - 1;

  std::atomic<uint32_t> state_{0};
  std::mutex mutex_;
  std::condition_variable left_;
};

}  // namespace ark::container::thread
