/// The operations that run, whose turn it is, and what the latest of them did.
#pragma once

#include <ark/container/container.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "lifecycle/steps.hpp"

namespace ark::container::lifecycle {

/// One operation, from its beginning to its end.
struct Task {
  uint64_t id = 0;
  std::string verb, requester;
  std::chrono::system_clock::time_point began = std::chrono::system_clock::now();
  Steps steps;

  /// "#12 install orders 1.1.0 (arkctl)"
  std::string text() const;
  std::string subject() const;
  /// Once it is known what it is about.
  void set_subject(std::string subject);

 private:
  mutable std::mutex mutex_;
  std::string subject_;  // guarded by mutex_
};

using TaskPtr = std::shared_ptr<Task>;

/// Thread safety: any thread.
class Journal {
 public:
  TaskPtr begin(std::string verb, std::string subject, std::string requester);
  /// What it has come to; kept for list().
  void end(const TaskPtr& task, const Operation& outcome);
  /// Waits until no other operation than this runs.
  void wait_for_others(const Task& task);
  std::vector<Operation> list() const;

  /// Operations on one name have their turn one after the other, in the order in which they came.
  class Turn {
   public:
    Turn() = default;
    Turn(Turn&& other) noexcept : journal_(std::exchange(other.journal_, nullptr)), name_(std::move(other.name_)) {}
    Turn& operator=(Turn&& other) noexcept {
      std::swap(journal_, other.journal_);
      std::swap(name_, other.name_);
      return *this;
    }
    ~Turn();

   private:
    friend class Journal;
    Turn(Journal& journal, std::string name) : journal_(&journal), name_(std::move(name)) {}
    Journal* journal_ = nullptr;
    std::string name_;
  };
  /// Waits for it, in a step that names the operations before it.
  Turn take_turn(const std::string& name, const TaskPtr& task);

 private:
  static constexpr size_t kEnded = 200;  ///< that are kept

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t next_id_ = 1;  // guarded by mutex_, as all below
  std::vector<TaskPtr> running_;
  std::deque<Operation> ended_;
  std::map<std::string, std::deque<TaskPtr>> queues_;  // by name; whose turn it is stands first
};

/// What can be told of it while it runs.
Operation operation_of(const Task& task);

}  // namespace ark::container::lifecycle
