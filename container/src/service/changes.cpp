#include "service/changes.hpp"

#include <new>

namespace ark::container::service {

void Changes::note(const std::shared_ptr<const Info>& info, bool published) {
  if (!tell_) return;
  std::lock_guard lock(mutex_);
  noted_.emplace_back(info, published);
}

void Changes::tell() {
  std::unique_lock lock(mutex_);
  if (telling_) return;
  while (!noted_.empty()) {
    const auto now = std::exchange(noted_, {});
    telling_ = true;
    lock.unlock();
    for (const auto& [info, published] : now) {
      try {
        tell_(*info, published);
      } catch (const std::bad_alloc&) {  // this one is lost; those after it are not
      }
    }
    lock.lock();
    telling_ = false;
  }
}

}  // namespace ark::container::service
