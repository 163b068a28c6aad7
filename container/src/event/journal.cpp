#include "event/journal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ark::container::event {

using Clock = std::chrono::system_clock;

Journal::Journal(size_t capacity)
    : run_(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count()),
      ring_(capacity) {}

void Journal::add(std::string_view name, std::string_view module, std::string_view version, std::string_view text) {
  EventInfo entry{0, {}, std::string(name), std::string(module), std::string(version), std::string(text)};
  std::lock_guard lock(mutex_);
  entry.number = ++last_;
  entry.time = Clock::now();
  std::exchange(ring_[last_ % ring_.size()], std::move(entry));  // assigned texts would keep the room of the longest before
  if (tell_) std::exchange(tell_, nullptr)();
}

EventPage Journal::since(uint64_t number) const {
  std::lock_guard lock(mutex_);
  EventPage page;
  page.run = run_;
  page.last = last_;
  if (number > last_) number = 0;  // of another run
  const uint64_t first = last_ < ring_.size() ? 1 : last_ - ring_.size() + 1;
  if (number + 1 < first) page.lost = first - number - 1;
  for (uint64_t next = std::max(first, number + 1); next <= last_; ++next)
    page.events.push_back(ring_[next % ring_.size()]);
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
