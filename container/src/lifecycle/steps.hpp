/// Times the named steps of an operation.
#pragma once

#include <ark/container/container.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace ark::container::lifecycle {

/// One thread at a time.
class Steps {
 public:
  /// Runs one step; its outcome is "ok", what `work` returned beside success, or the failure's text.
  template <class Work>
  Status run(std::string name, Work work) {
    const double began = now_ms();
    std::string remark = "ok";
    Status status = work(remark);
    steps_.push_back({std::move(name), began, now_ms() - began, status.ok() ? remark : status.text()});
    return status;
  }
  const std::vector<Step>& all() const { return steps_; }
  std::vector<Step> take() { return std::move(steps_); }

 private:
  double now_ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began_).count();
  }
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::vector<Step> steps_;
};

}  // namespace ark::container::lifecycle
