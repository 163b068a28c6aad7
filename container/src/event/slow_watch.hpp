/// Says which handler has been running for a second, and how long it took when it returns.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ark::container::event {

/// Thread safety: any thread. One thread of its own looks, from the first lane on; it sleeps while nothing runs.
class SlowWatch {
 public:
  using Log = std::function<void(int level, const std::string& label, const std::string& text)>;
  explicit SlowWatch(Log log, std::chrono::milliseconds limit) : log_(std::move(log)), limit_(limit) {}
  ~SlowWatch();
  SlowWatch(const SlowWatch&) = delete;

  /// A thread that runs handlers, one after the other. Used by that thread; what it is told of lives until its end. A
  /// handler costs it a few ns.
  class Lane {
   public:
    explicit Lane(SlowWatch& watch);
    ~Lane();
    Lane(const Lane&) = delete;
    /// label: whose handler; name: of which event.
    void begin(const std::string& label, const std::string& name);
    void end();

   private:
    friend SlowWatch;
    static constexpr uint64_t kRunning = 1, kReported = 2, kNext = 4;
    using Clock = std::chrono::steady_clock;

    SlowWatch& watch_;
    std::atomic<const std::string*> label_{nullptr}, name_{nullptr};
    std::atomic<Clock::rep> began_{0};
    std::atomic<uint64_t> turn_{0};  // of the handler, times kNext, and its flags
  };

 private:
  struct Slow {
    std::string label, text;
  };
  void add(Lane* lane);
  void remove(Lane* lane);
  void wake();
  static bool is_reported(const Lane* lane);
  void look();
  std::chrono::steady_clock::time_point collect(std::vector<Slow>* slow);

  const Log log_;
  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Lane*> lanes_;  // guarded by mutex_, as all below
  bool asleep_ = false;       // until it is woken
  bool used_ = false;         // since it last looked
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace ark::container::event
