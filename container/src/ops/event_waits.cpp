#include "ops/event_waits.hpp"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace ark::container::ops {

namespace asio = boost::asio;

bool EventWaits::add(const EventWait& wait, std::function<void()> answer) {
  if (closed_ || wait.since != container_.last_event()) {
    answer();
    return true;
  }
  if (waits_.size() >= most_) return false;
  const auto id = next_id_++;
  auto& added = waits_.emplace(id, Wait{wait.since, std::move(answer), asio::steady_timer(io_)}).first->second;
  added.timer.expires_after(wait.time);
  added.timer.async_wait([this, id](const boost::system::error_code&) { finish(id); });
  look();
  return true;
}

void EventWaits::close() {
  closed_ = true;
  if (std::exchange(asked_, false)) container_.on_event(0, {});
  while (!waits_.empty()) finish(waits_.begin()->first);
}

/// Not if it is answered already: its time may have been over when the event came.
void EventWaits::finish(uint64_t id) {
  const auto wait = waits_.extract(id);
  if (wait) wait.mapped().answer();
}

/// Answers those for whom there is something, and asks to be called when the others may have it.
void EventWaits::look() {
  const uint64_t last = container_.last_event();
  std::vector<uint64_t> ready;
  for (const auto& [id, wait] : waits_) {
    if (wait.since != last) ready.push_back(id);
  }
  for (const auto id : ready) finish(id);
  if (waits_.empty()) return;
  asked_ = true;
  container_.on_event(last, [this] { asio::post(io_, [this] { look(); }); });
}

}  // namespace ark::container::ops
