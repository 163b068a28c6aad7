#include "event/slow_watch.hpp"

#include <ark/abi/host.h>
#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <utility>

#include "thread/coarse_clock.hpp"

namespace ark::container::event {
namespace {

using Clock = std::chrono::steady_clock;

std::string seconds(Clock::duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

SlowWatch::Lane::Lane(SlowWatch& watch) : watch_(watch) { watch_.add(this); }
SlowWatch::Lane::~Lane() {
  end();
  watch_.remove(this);
}

void SlowWatch::Lane::begin(const std::string& label, const std::string& name) {
  label_.store(&label, std::memory_order_relaxed);
  name_.store(&name, std::memory_order_relaxed);
  began_.store(thread::coarse_now().time_since_epoch().count(), std::memory_order_relaxed);
  turn_.store((turn_.load(std::memory_order_relaxed) & ~(kNext - 1)) + kNext + kRunning, std::memory_order_release);
}

void SlowWatch::Lane::end() {
  const auto turn = turn_.fetch_and(~(kNext - 1), std::memory_order_acq_rel);
  if (!(turn & kReported)) return;
  const auto took = Clock::now() - Clock::time_point(Clock::duration(began_.load(std::memory_order_relaxed)));
  watch_.log_(ARK_LOG_WARN, *label_, "its handler of " + *name_ + " has returned after " + seconds(took));
  watch_.wake();  // for the next handler
}

SlowWatch::~SlowWatch() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void SlowWatch::add(Lane* lane) {
  std::lock_guard lock(mutex_);
  lanes_.push_back(lane);
  used_ = true;
  if (asleep_) wake_.notify_all();
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "ark-slow-watch");
      look();
    });
  } catch (const std::system_error&) {  // there can be no more threads: nobody says what is slow
  }
}

void SlowWatch::wake() {
  std::lock_guard lock(mutex_);
  used_ = true;
  if (asleep_) wake_.notify_all();
}

void SlowWatch::remove(Lane* lane) {
  std::lock_guard lock(mutex_);
  std::erase(lanes_, lane);
}

bool SlowWatch::is_reported(const Lane* lane) { return lane->turn_.load(std::memory_order_acquire) & Lane::kReported; }

void SlowWatch::look() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    std::vector<Slow> slow;
    const auto next = collect(&slow);
    if (!slow.empty()) {
      lock.unlock();
      for (const auto& one : slow) log_(ARK_LOG_WARN, one.label, one.text);
      lock.lock();
      continue;
    }
    const bool idle = std::all_of(lanes_.begin(), lanes_.end(), is_reported);  // what is reported may never return
    asleep_ = idle && !std::exchange(used_, false);  // not at once: the next lane need not wake it
    if (asleep_) {
      wake_.wait(lock, [this] { return ending_ || used_; });
    } else {
      wake_.wait_until(lock, next, [this] { return ending_; });
    }
    asleep_ = false;
  }
}

/// Those that are slow and were not reported; returns when the next one may be.
Clock::time_point SlowWatch::collect(std::vector<Slow>* slow) {
  const auto now = Clock::now();
  auto next = now + limit_;
  for (auto* lane : lanes_) {
    auto turn = lane->turn_.load(std::memory_order_acquire);
    if ((turn & (Lane::kNext - 1)) != Lane::kRunning) continue;
    const Clock::time_point began(Clock::duration(lane->began_.load(std::memory_order_relaxed)));
    const Slow one{*lane->label_, "its handler of " + *lane->name_ + " has been running for " + seconds(now - began)};
    if (now - began < limit_) {
      next = std::min(next, began + limit_);
    } else if (lane->turn_.compare_exchange_strong(turn, turn | Lane::kReported, std::memory_order_acq_rel)) {
      slow->push_back(one);  // the turn was still the same: so was all that was read
    }
  }
  return next;
}

}  // namespace ark::container::event
