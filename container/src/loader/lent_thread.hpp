/// The thread that the container lends to module code: constructors, destructors, handlers.
///
/// Whoever asks waits with a deadline. If the code hangs, calls exit, ends its thread or breaks a noexcept promise,
/// that thread is given up and the next piece of work gets a new one; the asking side goes on with everything it holds.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ark::container::loader {

enum class End {
  kReturned,
  kTimedOut,    ///< it is still running; its thread is lost
  kExited,      ///< called exit: its thread is parked for ever
  kEnded,       ///< called pthread_exit or was cancelled: its thread has ended
  kTerminated,  ///< std::terminate: its thread is parked for ever
  kNotBegun,    ///< the process can have no more threads
};

struct Outcome {
  End end = End::kReturned;
  int exit_status = 0;  ///< kExited
  std::string detail;   ///< kTerminated: what was thrown; kExited: whose code it was, "orders 1.0.0"; kNotBegun: why
  /// kTimedOut: becomes true once it has come back after all, and its thread has left it. Null else.
  std::shared_ptr<const std::atomic<bool>> has_left;

  bool ok() const { return end == End::kReturned; }
  /// The thread is stuck inside: what it was running may not be touched, freed or unmapped.
  bool stuck() const { return end == End::kTimedOut || end == End::kExited || end == End::kTerminated; }
  /// "did not return within 30 s", "called exit(3) in orders 1.0.0", ...: for a sentence that begins with what was
  /// running.
  std::string text(std::chrono::milliseconds deadline) const;
};

/// Thread safety: any thread may call run and post, but run not from code that is running there.
class LentThread {
 public:
  LentThread();
  /// Waits for the thread to finish what was posted, unless something of that is stuck: what stands behind it is
  /// dropped.
  ~LentThread();
  LentThread(const LentThread&) = delete;

  /// Runs code there after everything posted before, and waits. `code` owns, or shares, all it uses: it may go on after
  /// this has returned.
  Outcome run(std::function<void()> code, std::chrono::milliseconds deadline);

  /// Runs code there some time later. `lost` is told how it ended if that is not by returning, on the thread that
  /// noticed: not later than the deadline, or with the next work. It may not ask for work itself.
  void post(std::function<void()> code, std::chrono::milliseconds deadline, std::function<void(const Outcome&)> lost);

  /// Called there by work of several pieces before each of them: the deadline counts from now. False: the work was
  /// given up meanwhile, and what is left of it is somebody else's.
  static bool next_piece();
  /// The same, with another deadline for the piece than the work began with.
  static bool next_piece(std::chrono::milliseconds deadline);

  /// The calling thread is lent: it is running such code.
  static bool here();

  /// Called by the hook of exit, and by the terminate handler: inside call_module on a lent thread it reports and does
  /// not return; else it returns at once. whose: the module that called exit, which another one may have called.
  static void park_exited(int status, std::string_view whose);
  static void park_terminated(std::string_view detail);

 private:
  struct Job;
  struct Shared;
  static void loop(const std::shared_ptr<Shared>& shared);
  void enqueue(const std::shared_ptr<Job>& job, bool is_posted);
  Outcome wait_for(const std::shared_ptr<Job>& job);
  void replace_if_stuck();
  void ensure_thread();
  void watch();
  static std::chrono::steady_clock::time_point next_look(Shared& shared);

  struct State;
  std::unique_ptr<State> state_;
};

/// Runs code of a module on the lent thread, with cancellation as every new thread has it. The container's own work
/// there cannot be cancelled.
void call_module(const std::function<void()>& code);

}  // namespace ark::container::loader
