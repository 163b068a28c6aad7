/// The operations that run, whose turn it is, and what the latest of them did.
#pragma once

#include <ark/container/container.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
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

/// Thread safety: any thread. A thread of its own, from the first operation on, says what those that take long are at;
/// it sleeps while none runs.
class OperationList {
 public:
  using Log = std::function<void(const std::string& text)>;
  /// patience: how long an operation may be silent.
  OperationList(Log log, std::chrono::milliseconds patience) : log_(std::move(log)), patience_(patience) {}
  ~OperationList();

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
    Turn(Turn&& other) noexcept : list_(std::exchange(other.list_, nullptr)), name_(std::move(other.name_)) {}
    Turn& operator=(Turn&& other) noexcept {
      std::swap(list_, other.list_);
      std::swap(name_, other.name_);
      return *this;
    }
    ~Turn();

   private:
    friend class OperationList;
    Turn(OperationList& list, std::string name) : list_(&list), name_(std::move(name)) {}
    OperationList* list_ = nullptr;
    std::string name_;
  };
  /// Waits for it, in a step that names the operations before it.
  Turn take_turn(const std::string& name, const TaskPtr& task);

 private:
  static constexpr size_t kEnded = 200;  ///< that are kept
  void watch();

  const Log log_;
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t next_id_ = 1;  // guarded by mutex_, as all below
  std::vector<TaskPtr> running_;
  std::deque<Operation> ended_;
  std::map<std::string, std::deque<TaskPtr>> queues_;  // by name; whose turn it is stands first
  bool used_ = false, asleep_ = false, ending_ = false;
  std::condition_variable wake_;
  std::thread watcher_;
};

/// "#12 install orders 1.1.0 (arkctl) is at 'start', for 3.0 s": its steps that are not over.
std::string progress_of(const Task& task);

/// What can be told of it while it runs.
Operation operation_of(const Task& task);

}  // namespace ark::container::lifecycle
