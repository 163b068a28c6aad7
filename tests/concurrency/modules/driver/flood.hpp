/// Many threads that call the ledger all the time and count.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/driver.hpp"
#include "ledger/ledger.hpp"

namespace driver {

/// One thread at a time starts, asks and ends it; `ledger` outlives it.
class Flood {
 public:
  Flood(int32_t threads, const ark::Reference<ledger::Ledger>& ledger);
  ~Flood();
  bool await_round(std::chrono::milliseconds limit);
  ledger::Tally settle();

 private:
  struct Caller {
    int64_t calls = 0, failures = 0;
    uint64_t reported = 0;  ///< the last round it has told of
    /// It lets others run now and then: many more threads than processors would else spend the test waiting for their
    /// time slices. Two do not, so that some lose the processor in the middle of a call.
    bool pauses = true;
    uint64_t generation = 0;  ///< of the provider, when it last asked
    int64_t generations = 0;  ///< how many it has met
    std::string first_failure;
    std::thread thread;
  };
  void run(Caller& caller);
  void call(Caller& caller, const ledger::Everything& sample);
  void report(Caller& caller, uint64_t round);

  const ark::Reference<ledger::Ledger>& ledger_;
  std::atomic<bool> end_{false};
  std::atomic<uint64_t> round_{0};
  std::mutex mutex_;
  std::condition_variable all_reported_;
  size_t reports_ = 0;  // guarded by mutex_; in this round
  std::vector<std::unique_ptr<Caller>> callers_;
};

}  // namespace driver
