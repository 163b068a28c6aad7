/// Times the named steps of an operation.
#pragma once

#include <ark/container/container.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace ark::container::lifecycle {

/// Thread safety: one thread runs steps; any may look at them.
class Steps {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr const char* kRunning = "running";  ///< the outcome of a step that is not over

  /// Runs one step; its outcome is "ok", what `work` returned beside success, or the failure's text.
  template <class Work>
  Status run(std::string name, Work work) {
    const auto at = begin(std::move(name));
    std::string remark = "ok";
    Status status = work(remark);
    end(at, status.ok() ? std::move(remark) : status.text());
    return status;
  }

  /// The same in two parts. The number is for end.
  size_t begin(std::string name) {
    std::lock_guard lock(mutex_);
    steps_.push_back({std::move(name), ms(Clock::now()), 0, kRunning});
    return steps_.size() - 1;
  }
  void end(size_t number, std::string outcome) {
    std::lock_guard lock(mutex_);
    auto& step = steps_[number];
    step.took_ms = ms(Clock::now()) - step.start_ms;
    step.outcome = std::move(outcome);
  }
  /// It began later than was said, and took this long.
  void end(size_t number, Clock::time_point began, double took_ms, std::string outcome) {
    std::lock_guard lock(mutex_);
    auto& step = steps_[number];
    step.start_ms = ms(began);
    step.took_ms = took_ms;
    step.outcome = std::move(outcome);
  }

  std::vector<Step> all() const {
    std::lock_guard lock(mutex_);
    return steps_;
  }

  double now_ms() const { return ms(Clock::now()); }

 private:
  double ms(Clock::time_point time) const { return std::chrono::duration<double, std::milli>(time - began_).count(); }

  const Clock::time_point began_ = Clock::now();
  mutable std::mutex mutex_;
  std::vector<Step> steps_;  // guarded by mutex_
};

}  // namespace ark::container::lifecycle
