/// Takes starts of modules up and down. Knows nothing of what one module is to another.
#pragma once

#include <ark/container/container.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lifecycle/module.hpp"
#include "loader/lent_pool.hpp"

namespace ark::container::lifecycle {

/// One way up: open, check, static constructors, constructor. Shared with the lent thread, which may be given up in the
/// middle of it.
class Ascent {
 public:
  Ascent(std::shared_ptr<Instance> instance, std::shared_ptr<const package::Manifest> manifest)
      : instance_(std::move(instance)), manifest_(std::move(manifest)) {}

  // ---- once Runner::bring_up has returned
  const std::shared_ptr<Instance>& instance() const { return instance_; }
  Status status() const;
  std::chrono::steady_clock::time_point began() const { return began_; }
  double load_ms() const { return end_ == End::kReturned ? found_.load_ms : 0; }  ///< opening its file
  double start_ms() const {
    return end_ == End::kReturned ? found_.start_ms : 0;
  }  ///< its static constructors and constructor

 private:
  friend class Runner;
  enum class End { kNone, kReturned, kLost };
  struct Found {
    Status status;
    double load_ms = 0, start_ms = 0;
  };
  bool run();
  void lose(const loader::Outcome& outcome);
  Status open();
  Status construct();
  bool end_as(End end);

  const std::shared_ptr<Instance> instance_;
  const std::shared_ptr<const package::Manifest> manifest_;
  std::atomic<std::chrono::steady_clock::time_point> began_{std::chrono::steady_clock::now()};
  std::atomic<const char*> doing_{"opening its file"};
  std::atomic<End> end_{End::kNone};  // decides between the lent thread, which returns late, and who has given it up
  Found found_;                       // of the lent thread, as the next
  bool given_up_ = false;
  Status lost_;                       // of who waited for it
};

/// How far a way down came.
struct Down {
  State code = State::kUnloaded;     ///< or kZombie, kQuarantined
  std::vector<std::string> reasons;  ///< what holds it; empty if unloaded
  std::string complaint;             ///< what went wrong although it is down: "its destructor threw ..."; else ""
};

/// Thread safety: operations on one instance one after the other; none from code that runs on a lent thread.
class Runner {
 public:
  /// at_once: how many modules one bring_up starts at the same time.
  Runner(Core& core, loader::LentPool& lent, size_t at_once) : core_(core), lent_(lent), at_once_(at_once) {}

  /// Maps modules, constructs their statics and objects; what they register is kept back. Where one fails, what was
  /// done for it is still there, as instance->descent says: call bring_down. Returns when each has come up or failed.
  void bring_up(const std::vector<std::shared_ptr<Ascent>>& all);

  /// Withdraws, waits for calls in flight, destroys, audits, unmaps and verifies, from wherever it stands. Stops where
  /// going on would be unsafe; called again later it goes on from there if the cause has gone. recycle, unless empty,
  /// is called once on this thread before its code is unmapped, or when it is clear that it stays, with what is known
  /// then.
  Down bring_down(const std::shared_ptr<Instance>& instance, const std::function<void(const Down&)>& recycle = {});

  /// The same for what stood before: goes on if the cause has gone, and does not wait for calls, handlers and threads
  /// that are still there.
  Down look_again(const std::shared_ptr<Instance>& instance);

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Batch;
  void drive(const std::shared_ptr<Batch>& batch);
  Down descend(const std::shared_ptr<Instance>& instance, Deadline drained_by, Descent until);
  Down drain(Instance& instance, Deadline deadline);

  Core& core_;
  loader::LentPool& lent_;
  const size_t at_once_;
};

}  // namespace ark::container::lifecycle
