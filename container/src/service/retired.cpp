#include "service/retired.hpp"

#include <algorithm>

namespace ark::container::service {

using thread::Drained;

void Retired::add(ark_entry_t* entry, void (*destroy)(void*), const ark_generation_t* other) {
  std::lock_guard lock(mutex_);
  records_.push_back({entry, entry->generation, other, destroy, false});
}

Drained Retired::finish(ark_entry_t* entry, thread::Deadline deadline) {
  {
    std::lock_guard lock(mutex_);
    if (std::none_of(records_.begin(), records_.end(), [entry](const Record& r) { return r.entry == entry; })) return Drained::kYes;
  }
  const auto drained = thread::wait_unpinned({entry}, deadline);
  if (drained == Drained::kYes) destroy(entry);
  return drained;
}

Drained Retired::finish_all(const ark_generation_t* generation, thread::Deadline deadline) {
  const auto drained = thread::wait_unpinned(entries_of(generation), deadline);
  if (drained != Drained::kYes) return drained;
  for (auto* entry : untaken(generation)) destroy(entry);
  std::unique_lock lock(mutex_);  // another thread may be destroying the rest
  const bool all = freed_.wait_until(lock, deadline, [&] {
    return std::none_of(records_.begin(), records_.end(), [&](const Record& r) { return r.concerns(generation); });
  });
  return all ? Drained::kYes : Drained::kLate;
}

void Retired::sweep() {
  for (auto* entry : untaken(nullptr)) finish(entry, thread::Deadline::min());
}

std::vector<ark_entry_t*> Retired::untaken(const ark_generation_t* generation) const {
  std::lock_guard lock(mutex_);
  std::vector<ark_entry_t*> found;
  for (const auto& record : records_) {
    if (!record.taken && (!generation || record.concerns(generation))) found.push_back(record.entry);
  }
  return found;
}

std::vector<const ark_entry_t*> Retired::entries_of(const ark_generation_t* generation) const {
  std::lock_guard lock(mutex_);
  std::vector<const ark_entry_t*> found;
  for (const auto& record : records_) {
    if (record.concerns(generation)) found.push_back(record.entry);
  }
  return found;
}

void Retired::destroy(ark_entry_t* entry) {
  void (*destroy_target)(void*) = nullptr;
  auto is_it = [entry](const Record& r) { return r.entry == entry; };
  {
    std::lock_guard lock(mutex_);
    auto record = std::find_if(records_.begin(), records_.end(), is_it);
    if (record == records_.end() || record->taken) return;
    record->taken = true;
    destroy_target = record->destroy;
  }
  if (destroy_target) destroy_target(entry->target);
  std::lock_guard lock(mutex_);
  records_.erase(std::find_if(records_.begin(), records_.end(), is_it));
  delete entry;
  freed_.notify_all();
}

}  // namespace ark::container::service
