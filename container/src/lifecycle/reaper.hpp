/// Looks again and again at what could not be unmapped: the thread, call or key that held it may have gone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace ark::container::lifecycle {

/// Thread safety: any thread. A thread of its own, from the first call of look_soon on; it sleeps while nothing is left.
class Reaper {
 public:
  using Look = std::function<bool()>;
  /// look: unmaps what can be by now; returns whether anything is left. Runs on the reaper's thread, and may throw
  /// std::bad_alloc. After a look that leaves something the next one comes in `first`, then after a time that doubles
  /// up to `longest`.
  Reaper(Look look, std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : look_(std::move(look)), first_(first), longest_(longest) {}
  ~Reaper() { end(); }
  Reaper(const Reaper&) = delete;

  /// Looks at once, and begins again with the shortest time.
  void look_soon();
  /// Waits for a look that is going on. None comes after it.
  void end();

 private:
  void loop();

  const Look look_;
  const std::chrono::milliseconds first_, longest_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false, ending_ = false;  // guarded by mutex_
  std::thread thread_;                   // guarded by mutex_ until ending_
};

}  // namespace ark::container::lifecycle
