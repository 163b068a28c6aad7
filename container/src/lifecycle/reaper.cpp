#include "lifecycle/reaper.hpp"

#include <pthread.h>

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

namespace ark::container::lifecycle {

void Reaper::look_soon() {
  std::lock_guard lock(mutex_);
  if (ending_) return;
  asked_ = true;
  wake_.notify_one();
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { loop(); });
  } catch (const std::system_error&) {  // there can be no more threads: the next one who asks tries again
  }
}

void Reaper::end() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Reaper::loop() {
  pthread_setname_np(pthread_self(), "ark-reaper");
  auto pause = first_;
  std::unique_lock lock(mutex_);
  const auto is_woken = [this] { return asked_ || ending_; };
  for (bool is_left = false; !ending_;) {
    if (is_left) {
      wake_.wait_for(lock, pause, is_woken);
    } else {
      wake_.wait(lock, is_woken);
    }
    if (ending_) return;
    pause = std::exchange(asked_, false) ? first_ : std::min(2 * pause, longest_);
    lock.unlock();
    try {
      is_left = look_();
    } catch (const std::bad_alloc&) {
      is_left = true;
    }
    lock.lock();
  }
}

}  // namespace ark::container::lifecycle
