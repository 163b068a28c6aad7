#include "lifecycle/operation_list.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "base/text.hpp"

namespace ark::container::lifecycle {

std::string Task::text() const {
  return "#" + std::to_string(id) + " " + verb + " " + subject() + " (" + requester + ")";
}

std::string Task::subject() const {
  std::lock_guard lock(mutex_);
  return subject_;
}

void Task::set_subject(std::string subject) {
  std::lock_guard lock(mutex_);
  subject_ = std::move(subject);
}

std::string progress_of(const Task& task) {
  constexpr size_t kNamed = 5;
  std::string steps;
  size_t count = 0;
  const double now = task.steps.now_ms();
  for (const auto& step : task.steps.all()) {
    if (step.outcome != Steps::kRunning || ++count > kNamed) continue;
    char time[32];
    std::snprintf(time, sizeof time, "%.1f s", (now - step.start_ms) / 1000);
    base::add_to_list(&steps, ", ", "'" + step.name + "' for " + time);
  }
  if (count > kNamed) steps += " and " + std::to_string(count - kNamed) + " more";
  return task.text() + " is at " + (steps.empty() ? "its end" : steps);
}

Operation operation_of(const Task& task) {
  Operation operation;
  operation.id = task.id;
  operation.verb = task.verb;
  operation.subject = task.subject();
  operation.requester = task.requester;
  operation.began = task.began;
  operation.steps = task.steps.all();
  return operation;
}

TaskPtr OperationList::begin(std::string verb, std::string subject, std::string requester) {
  auto task = std::make_shared<Task>();
  task->verb = std::move(verb);
  task->set_subject(std::move(subject));
  task->requester = std::move(requester);
  std::lock_guard lock(mutex_);
  task->id = next_id_++;
  running_.push_back(task);
  used_ = true;
  if (asleep_) wake_.notify_one();
  if (watcher_.joinable()) return task;
  try {
    watcher_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {  // there can be no more threads: nobody says what takes long
  }
  return task;
}

OperationList::~OperationList() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_one();
  }
  if (watcher_.joinable()) watcher_.join();
}

/// Looks at each operation again and again while any runs, and a while longer: the next one need not wake it.
void OperationList::watch() {
  pthread_setname_np(pthread_self(), "ark-progress");
  std::unique_lock lock(mutex_);
  while (!ending_) {
    asleep_ = running_.empty() && !std::exchange(used_, false);
    if (asleep_) {
      wake_.wait(lock, [this] { return ending_ || used_; });
      asleep_ = false;
      continue;
    }
    const auto seen = running_;
    if (wake_.wait_for(lock, patience_, [this] { return ending_; })) return;
    std::vector<TaskPtr> slow;
    for (const auto& task : running_) {
      if (std::find(seen.begin(), seen.end(), task) != seen.end()) slow.push_back(task);
    }
    lock.unlock();
    for (const auto& task : slow) log_(progress_of(*task));
    slow.clear();
    lock.lock();
  }
}

void OperationList::end(const TaskPtr& task, const Operation& outcome) {
  std::lock_guard lock(mutex_);
  std::erase(running_, task);
  changed_.notify_all();
  ended_.push_back(outcome);
  if (ended_.size() > kEnded) ended_.pop_front();
}

void OperationList::wait_for_others(const Task& task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::all_of(running_.begin(), running_.end(), [&](const TaskPtr& other) { return other.get() == &task; });
  });
}

std::vector<Operation> OperationList::list() const {
  std::vector<TaskPtr> running;
  std::vector<Operation> all;
  {
    std::lock_guard lock(mutex_);
    running = running_;
    all.assign(ended_.begin(), ended_.end());
  }
  for (const auto& task : running) {
    all.push_back(operation_of(*task));
    all.back().running = true;
  }
  std::sort(all.begin(), all.end(), [](const Operation& a, const Operation& b) { return a.id < b.id; });
  return all;
}

OperationList::Turn OperationList::take_turn(const std::string& name, const TaskPtr& task) {
  std::string before;
  {
    std::lock_guard lock(mutex_);
    auto& queue = queues_[name];
    for (const auto& other : queue) base::add_to_list(&before, ", ", other->text());
    queue.push_back(task);
  }
  Turn turn(*this, name);
  if (before.empty()) return turn;
  (void)task->steps.run("wait for " + before, [&](std::string&) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queues_[name].front() == task; });
    return Status();
  });
  return turn;
}

OperationList::Turn::~Turn() {
  if (!list_) return;
  std::lock_guard lock(list_->mutex_);
  auto& queue = list_->queues_[name_];
  queue.pop_front();
  if (queue.empty()) list_->queues_.erase(name_);
  list_->changed_.notify_all();
}

}  // namespace ark::container::lifecycle
