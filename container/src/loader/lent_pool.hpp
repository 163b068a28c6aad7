/// Lent threads for work that need not stand behind other work: each piece gets one of its own, so that what hangs
/// delays nothing else.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "loader/lent_thread.hpp"

namespace ark::container::loader {

/// Thread safety: any thread may call run, but not from code that is running on a lent thread.
class LentPool {
 public:
  /// kept: threads that are kept when they have nothing to do.
  explicit LentPool(size_t kept) : kept_(kept) {}

  /// Runs code on a thread that is idle, or a new one, and waits. Ownership as for LentThread::run.
  Outcome run(std::function<void()> code, std::chrono::milliseconds deadline);

 private:
  const size_t kept_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<LentThread>>
      idle_;  // guarded by mutex_; the one used last at the end: it may still be awake
};

}  // namespace ark::container::loader
