/// Asks modules whether they are fit for work.
///
/// Thread safety: any thread; ask not from a lent one. No check runs with a mutex held.
#pragma once

#include <ark/abi/health.h>
#include <ark/container/container.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ark::container::health {

class Checks;
using Check = std::shared_ptr<ark_health_check_t>;

/// What one generation of a module has registered. Owned by the lifecycle; filled and emptied here, guarded by the
/// mutex of Checks.
struct Client {
  Checks* checks = nullptr;
  std::string label;
  bool closing = false;
  std::vector<Check> all;
};

struct Answer {
  Health health = Health::kUp;
  std::string text;  ///< a sentence, "" if there is nothing to say
};

class Checks {
 public:
  /// Runs code on a lent thread and waits for it, at most so long: "", or "did not return within 1000 ms" and the like.
  using Lend = std::function<std::string(std::function<void()> code, std::chrono::milliseconds limit)>;
  explicit Checks(Lend lend) : lend_(std::move(lend)) {}

  // ---- for modules; the contracts of ark_health_t hold
  Result<ark_health_check_t*> add(Client& client, const ark_checker_t& checker);
  static void remove(ark_health_check_t* check);

  // ---- for the lifecycle
  /// The worst answer of the client's checks, each asked under this limit; up if it has none. One that somebody asks
  /// already is not asked again: both get its answer.
  Answer ask(const Client& client, std::chrono::milliseconds limit);
  size_t count(const Client& client) const;
  /// None of the client's checks runs from now on. False: one is still running at the deadline.
  bool close(Client& client, std::chrono::steady_clock::time_point deadline);
  void forget(Client& client);

 private:
  Answer ask(const Check& check, std::chrono::milliseconds limit);
  Answer question(const Check& check, std::chrono::milliseconds limit);
  std::vector<Check> checks_of(const Client& client) const;

  const Lend lend_;
  mutable std::mutex mutex_;
};

}  // namespace ark::container::health
