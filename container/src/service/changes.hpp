/// Tells of publications and withdrawals in the order in which they happened, with nothing locked.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ark::container::service {

struct Info;

/// Thread safety: any thread.
class Changes {
 public:
  using Tell = std::function<void(const Info&, bool published)>;
  /// Empty: nobody is told.
  explicit Changes(Tell tell) : tell_(std::move(tell)) {}

  /// Called with the registry's mutex held, which makes the order.
  void note(const std::shared_ptr<const Info>& info, bool published);
  /// Tells of all that was noted before, unless another thread is at it: then that one does.
  void tell();

 private:
  const Tell tell_;
  std::mutex mutex_;
  std::vector<std::pair<std::shared_ptr<const Info>, bool>> noted_;  // guarded by mutex_, as what follows
  bool telling_ = false;
};

}  // namespace ark::container::service
