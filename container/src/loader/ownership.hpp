/// What one generation of a module started or registered besides services and handlers: threads, thread-specific keys, signal handlers.
/// The object linked into the module with --wrap reports it here (ark_hooks_t).
#pragma once

#include <ark/abi/host.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ark::container::loader {

/// Thread safety: any thread may call any function. Outlives every thread it counts.
class Ownership {
 public:
  /// `exit_request`: a module ended the process on a thread of its own; who (label and thread) and with which status.
  Ownership(std::string label, std::function<void(int status, const std::string& who)> exit_request);
  /// Signals that it handled, and that the container handles too, are the container's again.
  ~Ownership();
  Ownership(const Ownership&) = delete;

  // ---- hooks: results are those of the wrapped functions
  int create_thread(pthread_t*, const pthread_attr_t*, void* (*start)(void*), void* argument);
  void* own_thread_state(void* state);
  int create_key(pthread_key_t*, void (*destroy)(void*));
  int delete_key(pthread_key_t);
  int at_thread_exit(void (*destroy)(void*), void* object);
  int set_signal_action(int number, const struct sigaction*, struct sigaction* old);
  [[noreturn]] void exit(int status, bool immediately);

  // ---- audit
  /// Waits until every thread it started has ended. False: some are alive at the deadline.
  bool wait_threads(std::chrono::steady_clock::time_point deadline);
  /// Waits, besides, for destructors of it that other threads run as they end.
  void settle(std::chrono::steady_clock::time_point deadline);
  /// Sentences that name what would call into the module after it has been unmapped. `is_code`: an address lies in the module.
  std::vector<std::string> hazards(const std::function<bool(const void*)>& is_code) const;
  /// Gives back the keys without destructor that were not deleted; nothing would ever be called for them.
  void release_keys();
  /// Sentences: everything it owns now.
  std::vector<std::string> report() const;

 private:
  class ThreadScope;
  class ThreadState;
  void thread_begins(int tid);
  void thread_ends(int tid);
  void thread_planned(int by);

  const std::string label_;
  const pid_t process_;  // that the module was started in; a fork of it is a child, one before is an embedder's
  const std::function<void(int, const std::string&)> exit_request_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  int planned_ = 0;            // guarded by mutex_, as all below: created, not running yet
  std::vector<int> threads_;   // kernel ids of those that run
  std::set<int> signals_;      // for which it has set an action
};

}  // namespace ark::container::loader
