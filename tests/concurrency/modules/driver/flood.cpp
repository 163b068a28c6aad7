#include "flood.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "sample.hpp"

namespace driver {

Flood::Flood(int32_t threads, const ark::Reference<ledger::Ledger>& ledger) : ledger_(ledger) {
  for (int32_t i = 0; i < threads; ++i) {
    callers_.push_back(std::make_unique<Caller>());
    callers_.back()->pauses = i >= 2;
  }
  for (auto& caller : callers_) caller->thread = std::thread([this, &caller = *caller] { run(caller); });
}

Flood::~Flood() {
  if (!end_) (void)settle();
}

bool Flood::await_round(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  reports_ = 0;
  ++round_;
  return all_reported_.wait_for(lock, limit, [this] { return reports_ == callers_.size(); });
}

ledger::Tally Flood::settle() {
  end_ = true;
  ledger::Tally tally{};
  for (auto& caller : callers_) {
    caller->thread.join();
    tally.calls.push_back(caller->calls);
    tally.failures += caller->failures;
    if (tally.first_failure.empty()) tally.first_failure = caller->first_failure;
    tally.generations = std::max(tally.generations, caller->generations);
  }
  return tally;
}

void Flood::run(Caller& caller) {
  auto sample = make_sample();
  ark::let_go(sample);  // without its graph: these calls measure nothing and prove nothing by it
  uint64_t turn = 0;
  while (!end_) {
    const auto round = round_.load();
    try {
      call(caller, sample);
      ++caller.calls;
    } catch (const std::exception& error) {
      if (caller.failures++ == 0) caller.first_failure = error.what();
    }
    if (round != caller.reported) report(caller, round);
    if (caller.pauses && ++turn % 8 == 0) std::this_thread::yield();
  }
}

/// Mostly the smallest call; now and then one with values, one that fails as its contract says.
void Flood::call(Caller& caller, const ledger::Everything& sample) {
  auto expect = [](bool right, const char* what) {
    if (!right) throw std::runtime_error(what);
  };
  expect(ledger_->next(caller.calls) == caller.calls + 1, "next() did not add one");
  if (caller.calls % 64 == 3) {
    const auto generation = ledger_->generation();
    if (generation != std::exchange(caller.generation, generation)) ++caller.generations;
    expect(ledger_->append(sample, "/z", true).text == sample.text + "/z", "append() did not append");
  }
  if (caller.calls % 64 == 5) {
    try {
      ledger_->fail(ledger::Failure::kListed);
      throw std::runtime_error("fail() did not fail");
    } catch (const ledger::OutOfStock& error) {
      expect(error.sku == "bolts" && error.left == 3, "fail() failed with other values");
    }
  }
}

void Flood::report(Caller& caller, uint64_t round) {
  std::lock_guard lock(mutex_);
  caller.reported = round;
  if (round != round_) return;  // nobody waits for it any more
  ++reports_;
  all_reported_.notify_all();
}

}  // namespace driver
