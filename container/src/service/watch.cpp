#include "service/watch.hpp"

#include <algorithm>

#include "package/pattern.hpp"
#include "service/client.hpp"
#include "service/slot.hpp"

using namespace ark::container::service;

bool ark_watch_t::wants(const Publication& publication) const {
  if (!filter.matches(publication) || !ark::container::package::matching(client->denied, publication.info.id).empty()) return false;
  if (!filter.binding) return true;
  const auto& bindings = publication.info.bindings;
  return std::any_of(bindings.begin(), bindings.end(), [this](const Binding& b) { return b.type() == filter.binding->type(); });
}

void ark_watch_t::queue(Notice notice) {
  std::lock_guard lock(mutex_);
  notices_.push_back(std::move(notice));
}

bool ark_watch_t::take(Notice* notice) {
  std::lock_guard lock(mutex_);
  if (notices_.empty()) return false;
  *notice = std::move(notices_.front());
  notices_.pop_front();
  return true;
}

void ark_watch_t::deliver_next(const std::function<void(Slot*)>& give_back) {
  Notice notice;
  if (!take(&notice)) return;
  struct Done {  // also when the handler ends its thread
    const std::function<void(Slot*)>& give_back;
    Slot* slot;
    ~Done() {
      if (slot) give_back(slot);
    }
  } done{give_back, notice.slot};
  const ark::container::thread::Gate::Inside inside(gate);
  if (!inside) return;  // cancelled, or stuck in an earlier notice on a thread that was given up
  notice.info->with_c([&](const ark_service_info_t& info) {
    if (notice.slot) {
      watcher.added(watcher.self, &info, notice.slot);
    } else {
      watcher.removed(watcher.self, &info);
    }
  });
}
