/// Takes one start of a module up and down. Knows nothing of other modules.
#pragma once

#include <ark/container/container.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "lifecycle/module.hpp"
#include "loader/lent_thread.hpp"

namespace ark::container::lifecycle {

/// How far a way down came.
struct Down {
  State code = State::kUnloaded;     ///< or kZombie, kQuarantined
  std::vector<std::string> reasons;  ///< what holds it; empty if unloaded
  std::string complaint;             ///< what went wrong although it is down: "its destructor threw ..."; else ""
};

struct Times {
  double load_ms = 0, start_ms = 0;
};

/// Thread safety: operations on one instance one after the other; none from code that runs on the lent thread.
class Runner {
 public:
  Runner(Core& core, loader::LentThread& lent, const Limits& limits) : core_(core), lent_(lent), limits_(limits) {}

  /// Maps, constructs statics and the module's object; what it registers is kept back. On failure what was done is still there, as
  /// instance->descent says: call bring_down.
  Status bring_up(const std::shared_ptr<Instance>& instance, const std::shared_ptr<const package::Manifest>& manifest, Times* times);

  /// Withdraws, waits for calls in flight, destroys, audits, unmaps and verifies, from wherever it stands. Stops where going on would be
  /// unsafe; called again later it goes on from there if the cause has gone.
  Down bring_down(const std::shared_ptr<Instance>& instance);

  /// The same for what stood before: goes on if the cause has gone, and does not wait for calls, handlers and threads that are still there.
  Down look_again(const std::shared_ptr<Instance>& instance);

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  Down descend(const std::shared_ptr<Instance>& instance, Deadline drained_by);
  Down drain(Instance& instance, Deadline deadline);

  Core& core_;
  loader::LentThread& lent_;
  const Limits limits_;
};

}  // namespace ark::container::lifecycle
