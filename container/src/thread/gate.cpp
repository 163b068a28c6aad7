#include "thread/gate.hpp"

#include "thread/known_threads.hpp"

namespace ark::container::thread {

bool Gate::enter() {
  uint32_t nobody = 0;
  return state_.compare_exchange_strong(nobody, static_cast<uint32_t>(current_tid()), std::memory_order_acquire);
}

void Gate::leave() {
  const uint32_t before = state_.fetch_and(kClosed, std::memory_order_acq_rel);
  if (!(before & kAwaited)) return;
  std::lock_guard lock(mutex_);
  left_.notify_all();
}

bool Gate::close(std::chrono::steady_clock::time_point deadline) {
  state_.fetch_or(kClosed, std::memory_order_acq_rel);
  auto nobody = [this] {
    uint32_t now = state_.load(std::memory_order_acquire);
    for (;;) {
      const uint32_t thread = now & kThread;
      if (thread == 0 || thread == static_cast<uint32_t>(current_tid())) return true;
      if (state_.compare_exchange_weak(now, now | kAwaited, std::memory_order_acq_rel)) return false;
    }
  };
  std::unique_lock lock(mutex_);
  if (deadline != std::chrono::steady_clock::time_point::max()) return left_.wait_until(lock, deadline, nobody);
  left_.wait(lock, nobody);
  return true;
}

}  // namespace ark::container::thread
