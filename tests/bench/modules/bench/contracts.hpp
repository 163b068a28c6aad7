/// What the benchmark's modules offer each other and the benchmark.
#pragma once

#include <ark/sdk.hpp>

#include <cstdint>
#include <vector>

namespace bench {

struct Ping {
  virtual ~Ping() = default;
  virtual int64_t add(int64_t n) const = 0;
};

/// Nobody calls it: to be published and withdrawn.
struct Other {
  virtual ~Other() = default;
  virtual int64_t nothing() = 0;
};

/// Everything here is measured inside a packed module, where callers live. Nanoseconds for one turn, the best of many short rounds.
struct Caller {
  virtual ~Caller() = default;
  /// A virtual call, and the same call through a reference, by so many threads at once.
  virtual std::vector<double> calls(int32_t threads, int32_t rounds) = 0;
  /// A reference made and dropped.
  virtual double look_up(int32_t rounds) = 0;
  virtual double publish_and_withdraw(int32_t rounds) = 0;
  /// Listens to ContainerStopping with so many handlers instead of those before.
  virtual void listen(int32_t handlers) = 0;
};

}  // namespace bench

ARK_CONTRACT(bench::Ping, "com.acme.bench.Ping", "1.0", add)
ARK_CONTRACT(bench::Other, "com.acme.bench.Other", "1.0", nothing)
ARK_CONTRACT(bench::Caller, "com.acme.bench.Caller", "1.0", calls, look_up, publish_and_withdraw, listen)
