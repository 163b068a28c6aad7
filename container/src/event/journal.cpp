#include "event/journal.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace ark::container::event {

using Clock = std::chrono::system_clock;

Journal::Journal(size_t capacity)
    : run_(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count()) {
  for (auto& ring : rings_) ring.entries.resize(capacity);
}

void Journal::add(From from, std::string_view name, std::string_view module, std::string_view version,
                  std::string_view text) {
  EventInfo entry{0, {}, std::string(name), std::string(module), std::string(version), std::string(text)};
  std::lock_guard lock(mutex_);
  entry.number = ++last_;
  entry.time = Clock::now();
  auto& ring = rings_[static_cast<size_t>(from)];
  auto& place = ring.entries[ring.added++ % ring.entries.size()];
  std::exchange(place, std::move(entry));  // assigned texts would keep the room of the longest before
  if (tell_) std::exchange(tell_, nullptr)();
}

EventPage Journal::since(uint64_t number) const {
  std::lock_guard lock(mutex_);
  EventPage page;
  page.run = run_;
  page.last = last_;
  if (number > last_) number = 0;  // of another run
  for (const auto& ring : rings_) {
    std::copy_if(ring.entries.begin(), ring.entries.end(), std::back_inserter(page.events),
                 [&](const EventInfo& entry) { return entry.number > number; });
  }
  std::sort(page.events.begin(), page.events.end(),
            [](const EventInfo& a, const EventInfo& b) { return a.number < b.number; });
  page.lost = last_ - number - page.events.size();
  return page;
}

uint64_t Journal::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

void Journal::on_entry(uint64_t number, std::function<void()> tell) {
  std::lock_guard lock(mutex_);
  if (tell && number != last_) return tell();
  tell_ = std::move(tell);
}

}  // namespace ark::container::event
