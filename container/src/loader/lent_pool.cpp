#include "loader/lent_pool.hpp"

#include <utility>

namespace ark::container::loader {

Outcome LentPool::run(std::function<void()> code, std::chrono::milliseconds deadline) {
  std::unique_ptr<LentThread> thread;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      thread = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!thread) thread = std::make_unique<LentThread>();
  auto outcome = thread->run(std::move(code), deadline);
  std::lock_guard lock(mutex_);
  if (idle_.size() < kept_) idle_.push_back(std::move(thread));
  return outcome;  // a thread too many ends, after the lock has been given back
}

}  // namespace ark::container::loader
