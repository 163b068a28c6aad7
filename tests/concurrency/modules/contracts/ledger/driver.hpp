/// What the test tells the calling module to do: callers live in packed modules, so that is where calls are checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <ark/sdk.hpp>

namespace ledger {

/// What a flood of calls came to.
struct Tally {
  std::vector<int64_t> calls;  ///< of each thread
  int64_t failures;
  std::string first_failure;
  int64_t generations;  ///< how many starts of the provider one thread has met, at most
};

/// `way`: "native", "acme.json" (carried on the caller's thread) or "acme.json-thread" (by a thread of the plugin).
class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::vector<std::string> check(std::string way) = 0;  ///< what was not as it should be; empty: all well
  virtual void flood(int32_t threads, std::string way) = 0;     ///< they call until settle
  /// Each thread has completed a call that began after this was asked for. False: not within the limit.
  virtual bool await_round(std::chrono::milliseconds limit) = 0;
  virtual Tally settle() = 0;  ///< ends the flood
};

}  // namespace ledger

ARK_STRUCT(ledger::Tally, "com.acme.ledger.Tally", calls, failures, first_failure, generations)
ARK_CONTRACT(ledger::Driver, "com.acme.ledger.Driver", "1.0", check, flood, await_round, settle)
