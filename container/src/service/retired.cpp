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

Drained Retired::finish_all(const ark_generation_t* generation, thread::Deadline deadline, const Run& run) {
  const auto drained = thread::wait_unpinned(entries_of(generation), deadline);
  if (drained != Drained::kYes) return drained;
  for (auto* entry : untaken([&](const Record& r) { return r.concerns(generation); })) destroy(entry, run);
  std::unique_lock lock(mutex_);  // another thread may be destroying the rest
  const bool all = freed_.wait_until(lock, deadline, [&] {
    return std::none_of(records_.begin(), records_.end(), [&](const Record& r) { return r.concerns(generation); });
  });
  return all ? Drained::kYes : Drained::kLate;
}

bool Retired::finish_code(const ark_generation_t* generation, const std::function<bool(const void*)>& is_code) {
  const auto wanted = [&](const Record& r) { return r.concerns(generation) || (r.destroy && is_code(reinterpret_cast<const void*>(r.destroy))); };
  sweep(wanted, {});
  std::lock_guard lock(mutex_);
  return std::none_of(records_.begin(), records_.end(), wanted);
}

void Retired::sweep(const Run& run) {
  sweep([](const Record&) { return true; }, run);
}

void Retired::sweep(const std::function<bool(const Record&)>& wanted, const Run& run) {
  for (auto* entry : untaken(wanted)) {
    if (thread::wait_unpinned({entry}, thread::Deadline::min()) == Drained::kYes) destroy(entry, run);
  }
}

std::vector<ark_entry_t*> Retired::untaken(const std::function<bool(const Record&)>& wanted) const {
  std::lock_guard lock(mutex_);
  std::vector<ark_entry_t*> found;
  for (const auto& record : records_) {
    if (!record.taken && wanted(record)) found.push_back(record.entry);
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

void Retired::destroy(ark_entry_t* entry, const Run& run) {
  void (*destroy_target)(void*) = nullptr;
  {
    std::lock_guard lock(mutex_);
    auto record = std::find_if(records_.begin(), records_.end(), [entry](const Record& r) { return r.entry == entry; });
    if (record == records_.end() || record->taken) return;
    record->taken = true;
    destroy_target = record->destroy;
  }
  struct Free {  // also when the destroy function ends its thread
    Retired& retired;
    ark_entry_t* entry;
    ~Free() {
      std::lock_guard lock(retired.mutex_);
      std::erase_if(retired.records_, [this](const Record& r) { return r.entry == entry; });
      delete entry;
      retired.freed_.notify_all();
    }
  };
  const auto work = [this, entry, destroy_target] {
    Free free_it{*this, entry};
    if (destroy_target) destroy_target(entry->target);
  };
  if (run && destroy_target) {
    run(work);
  } else {
    work();
  }
}

}  // namespace ark::container::service
