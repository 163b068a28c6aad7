#include "loader/lent_thread.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "crash/alternate_stack.hpp"
#include "thread/coarse_clock.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::loader {

using Clock = std::chrono::steady_clock;

namespace {

/// A hand-over to a spinning thread takes well under a microsecond, to a sleeping one some tens: as much as all else of
/// a small module's start. Who asks spins as long as that takes, the thread as long after its last work: in between, a
/// small package is read and staged.
constexpr auto kSpins = std::chrono::microseconds(200);

/// What the coarse clock may be late by: no piece is given up before its time.
constexpr auto kTick = std::chrono::milliseconds(4);

/// Until then nobody looks at the deadline of work that has not been begun.
constexpr auto kUnbegun = std::chrono::milliseconds(5);

/// So long the watch stays awake after posted work: what is posted meanwhile need not wake it.
constexpr auto kWatchful = std::chrono::seconds(1);

constexpr size_t kCacheLine = 64;

template <class Condition>
bool spin_until(std::chrono::microseconds limit, Condition condition) {
  static const bool alone = std::thread::hardware_concurrency() < 2;  // who is waited for could not run meanwhile
  if (alone) return condition();
  const auto until = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() > until) return false;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  return true;
}

}  // namespace

struct LentThread::Job {
  std::function<void()> code;
  std::function<void(const Outcome&)> lost;  // posted jobs only
  std::chrono::milliseconds limit;           // guarded by the shared mutex once enqueued, as the next two
  bool running = false;
  Outcome outcome;
  const std::shared_ptr<std::atomic<bool>> has_left = std::make_shared<std::atomic<bool>>(false);
  alignas(kCacheLine) std::atomic<bool> over{false};  // who asked spins on it, while the thread changes what follows
  /// Of its piece. The thread that begins another one and whoever gives it up change it by one atomic step: one wins.
  alignas(kCacheLine) std::atomic<Clock::time_point> began{kGivenUp};
  static constexpr Clock::time_point kGivenUp = Clock::time_point::max();

  Clock::time_point due() const {
    const auto at = began.load();
    return at == kGivenUp ? Clock::now() : at + limit;
  }
  bool begin_piece(Clock::time_point now) {
    auto before = began.load();
    while (before != kGivenUp && !began.compare_exchange_weak(before, now)) {
    }
    return before != kGivenUp;
  }
  bool give_up_if_late() {
    auto at = began.load();
    return running && at != kGivenUp && Clock::now() - at > limit && began.compare_exchange_strong(at, kGivenUp);
  }
};

/// What one thread and those who ask it share. The thread keeps it alive when it is given up.
struct LentThread::Shared {
  std::mutex mutex;
  std::condition_variable go, done;
  std::deque<std::shared_ptr<Job>> queue;
  std::shared_ptr<Job> current;
  std::atomic<size_t> waiting{0};  // size of the queue, to look at without the mutex
  bool ending = false;
  bool dead = false;  // the thread has ended or is parked
  std::condition_variable look;
  bool look_now = false;
  bool posted = false;                                    // something, since the watch last looked
  Clock::time_point looks_at = Clock::time_point::max();  // the watch, next

  void wake_watch() {
    look_now = true;
    look.notify_one();
  }
};

struct LentThread::State {
  std::mutex mutex;
  std::shared_ptr<Shared> shared;  // guarded by mutex, as all below
  std::thread thread;
  std::thread watch;  // from the first posted work on, for which nobody waits
  bool ending = false;
};

namespace {

/// The thread's own view: set while it is lent.
thread_local void* current_shared = nullptr;
thread_local bool in_module = false;

}  // namespace

std::string Outcome::text(std::chrono::milliseconds deadline) const {
  switch (end) {
    case End::kReturned:
      return "returned";
    case End::kTimedOut:
      return "did not return within " + std::to_string(deadline.count()) + " ms";
    case End::kExited:
      return "called exit(" + std::to_string(exit_status) + ")" + (detail.empty() ? "" : " in " + detail);
    case End::kEnded:
      return "ended the thread it was given (pthread_exit, or a cancellation)";
    case End::kTerminated:
      return "ended in std::terminate" + (detail.empty() ? "" : ": " + detail);
    case End::kNotBegun:
      return "could not be given a thread: " + detail + "; raise the limit of threads (ulimit -u, TasksMax)";
  }
  return {};
}

LentThread::LentThread() : state_(std::make_unique<State>()) {}

LentThread::~LentThread() {
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->shared) return;
    state_->ending = true;
    std::lock_guard shared_lock(state_->shared->mutex);
    state_->shared->wake_watch();
  }
  if (state_->watch.joinable()) state_->watch.join();
  auto shared = state_->shared;
  if (!state_->thread.joinable()) return;
  std::deque<std::shared_ptr<Job>> dropped;
  {
    std::unique_lock lock(shared->mutex);
    shared->ending = true;
    shared->go.notify_one();
    auto idle = [&] { return shared->dead || (!shared->current && shared->queue.empty()); };
    while (!idle()) {
      const auto job = shared->current;
      const auto until = job ? job->due() : Clock::now() + std::chrono::seconds(1);
      if (!shared->done.wait_until(lock, until, idle) && job && job == shared->current) break;  // stuck
    }
    if (!idle()) shared->dead = true;
    if (shared->dead) dropped.swap(shared->queue);  // no thread is started any more
  }
  replace_if_stuck();
  if (state_->thread.joinable()) state_->thread.join();
}

bool LentThread::here() { return current_shared != nullptr; }

bool LentThread::next_piece() {
  auto& shared = *static_cast<Shared*>(current_shared);
  return shared.current->begin_piece(thread::coarse_now() + kTick);  // changed by this thread alone: no lock
}

bool LentThread::next_piece(std::chrono::milliseconds deadline) {
  auto& shared = *static_cast<Shared*>(current_shared);
  {
    std::lock_guard lock(shared.mutex);
    if (std::exchange(shared.current->limit, deadline) > deadline)
      shared.done.notify_all();  // who waits shall look earlier
  }
  return next_piece();
}

/// The state's mutex is held. Throws if there can be no more threads; what is queued stays for the next try.
void LentThread::ensure_thread() {
  if (!state_->shared) state_->shared = std::make_shared<Shared>();
  if (state_->thread.joinable()) return;
  state_->thread = std::thread([shared = state_->shared] {
    pthread_setname_np(pthread_self(), "ark-lifecycle");
    loop(shared);
  });
}

/// The state's mutex is held, or nobody else is left. Work that a thread has kept from its turn gets another thread.
void LentThread::replace_if_stuck() {
  auto& shared = state_->shared;
  if (!shared) return;
  std::shared_ptr<Job> lost;
  auto next = std::make_shared<Shared>();
  {
    std::lock_guard lock(shared->mutex);
    auto& job = shared->current;
    const bool late = job && job->give_up_if_late();
    if (!late && !shared->dead) return;
    shared->ending = true;  // should it ever come back
    if (job && late && !job->over) {
      job->outcome.end = End::kTimedOut;
      job->outcome.has_left = job->has_left;
      job->over = true;
    }
    lost = job;
    next->queue.swap(shared->queue);
    next->waiting = next->queue.size();
    shared->done.notify_all();
    shared->wake_watch();
  }
  if (state_->thread.joinable()) state_->thread.detach();
  shared = std::move(next);
  if (lost && lost->lost) lost->lost(lost->outcome);
  if (!shared->queue.empty()) ensure_thread();
}

/// When the watch has to look at it again; its mutex is held.
Clock::time_point LentThread::next_look(Shared& shared) {
  if (auto& job = shared.current; job && job->running) return job->due() + std::chrono::milliseconds(1);
  if (!shared.queue.empty()) return Clock::now() + kUnbegun;
  return std::exchange(shared.posted, false) ? Clock::now() + kWatchful : Clock::time_point::max();
}

/// Nobody waits for posted work: if it hangs, what stands behind it would not run before somebody asks for more.
void LentThread::watch() {
  pthread_setname_np(pthread_self(), "ark-watch");
  for (;;) {
    std::shared_ptr<Shared> shared;
    bool has_thread = true;
    {
      std::lock_guard lock(state_->mutex);
      if (state_->ending) return;
      try {
        replace_if_stuck();
        if (state_->shared->waiting > 0) ensure_thread();
      } catch (const std::system_error&) {
        has_thread = false;  // there can be no more for now
      }
      shared = state_->shared;
    }
    std::unique_lock lock(shared->mutex);
    shared->looks_at = has_thread ? next_look(*shared) : Clock::now() + kWatchful;
    const auto is_asked = [&] { return std::exchange(shared->look_now, false); };
    if (shared->looks_at == Clock::time_point::max()) {
      shared->look.wait(lock, is_asked);
    } else {
      shared->look.wait_until(lock, shared->looks_at, is_asked);
    }
  }
}

void LentThread::enqueue(const std::shared_ptr<Job>& job, bool is_posted) {
  std::lock_guard state_lock(state_->mutex);
  try {
    replace_if_stuck();
    ensure_thread();
    if (is_posted && !state_->watch.joinable()) state_->watch = std::thread([this] { watch(); });
  } catch (const std::system_error&) {
    if (!is_posted) throw;  // else it is begun once there can be a thread
  }
  auto& shared = *state_->shared;
  std::lock_guard lock(shared.mutex);
  shared.queue.push_back(job);
  shared.waiting = shared.queue.size();
  shared.go.notify_one();
  if (!is_posted) return;
  shared.posted = true;
  if (thread::coarse_now() + job->limit < shared.looks_at) shared.wake_watch();
}

Outcome LentThread::run(std::function<void()> code, std::chrono::milliseconds limit) {
  auto job = std::make_shared<Job>();
  job->code = std::move(code);
  job->limit = limit;
  try {
    enqueue(job, false);
    return wait_for(job);
  } catch (const std::system_error& e) {
    return {End::kNotBegun, 0, e.what(), {}};
  }
}

Outcome LentThread::wait_for(const std::shared_ptr<Job>& job) {
  if (spin_until(kSpins, [&] { return job->over.load(std::memory_order_acquire); })) return job->outcome;
  for (;;) {
    std::shared_ptr<Shared> shared;
    {
      std::lock_guard lock(state_->mutex);
      try {
        replace_if_stuck();
        ensure_thread();
      } catch (const std::system_error&) {  // it shall not run once nobody waits for it
        std::lock_guard shared_lock(state_->shared->mutex);
        std::erase(state_->shared->queue, job);
        state_->shared->waiting = state_->shared->queue.size();
        throw;
      }
      shared = state_->shared;
    }
    if (job->over) return job->outcome;
    std::unique_lock lock(shared->mutex);
    auto* current = shared->current.get();
    const auto until =
        current && current->running ? current->due() + std::chrono::milliseconds(1) : Clock::now() + kUnbegun;
    const auto limit = current ? current->limit : std::chrono::milliseconds(0);
    shared->done.wait_until(lock, until, [&] {
      return job->over || shared->dead || shared->current.get() != current || (current && current->limit != limit);
    });
    if (job->over) return job->outcome;
  }
}

void LentThread::post(std::function<void()> code, std::chrono::milliseconds limit,
                      std::function<void(const Outcome&)> lost) {
  auto job = std::make_shared<Job>();
  job->code = std::move(code);
  job->limit = limit;
  job->lost = std::move(lost);
  enqueue(job, true);
}

namespace {

/// Ends the current job in another way than by returning. True if the calling thread is lent.
template <class Shared>
void finish_current(Shared& shared, Outcome outcome, bool dead) {
  std::lock_guard lock(shared.mutex);
  auto& job = shared.current;
  shared.dead = dead;
  if (dead) shared.wake_watch();
  if (job && !job->over) {
    job->outcome = std::move(outcome);
    job->running = false;
    job->over.store(true, std::memory_order_release);
  }
  shared.done.notify_all();
}

[[noreturn]] void park() {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  for (;;) pause();
}

}  // namespace

void LentThread::park_exited(int status, std::string_view whose) {
  auto* shared = static_cast<Shared*>(current_shared);
  if (!shared || !in_module) return;
  finish_current(*shared, {End::kExited, status, std::string(whose), {}}, true);
  park();
}

void LentThread::park_terminated(std::string_view detail) {
  auto* shared = static_cast<Shared*>(current_shared);
  if (!shared || !in_module) return;
  finish_current(*shared, {End::kTerminated, 0, std::string(detail), {}}, true);
  park();
}

namespace {

/// Whoever cancelled this thread meant the code that is over; the next code must not meet it.
void deliver_pending_cancellation() {
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
  pthread_testcancel();
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
}

}  // namespace

void call_module(const std::function<void()>& code) {
  struct Back {
    ~Back() {
      pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
      in_module = false;
    }
  } back;
  in_module = true;
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
  code();
}

void LentThread::loop(const std::shared_ptr<Shared>& shared) {
  struct Ended {  // forced unwinding passes here when module code ends the thread
    std::shared_ptr<Shared> shared;
    ~Ended() {
      current_shared = nullptr;
      if (shared->current) *shared->current->has_left = true;
      finish_current(*shared, {End::kEnded, 0, {}, {}}, true);
    }
  } ended{shared};
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  const crash::AlternateStack for_handlers;
  for (;;) {
    std::shared_ptr<Job> job;
    spin_until(kSpins, [&] { return shared->waiting.load(std::memory_order_acquire) > 0; });
    {
      std::unique_lock lock(shared->mutex);
      shared->go.wait(lock, [&] { return shared->ending || !shared->queue.empty(); });
      if (shared->queue.empty()) return;
      job = std::move(shared->queue.front());
      shared->queue.pop_front();
      shared->waiting = shared->queue.size();
      job->began = Clock::now();
      job->running = true;
      shared->current = job;
    }
    current_shared = shared.get();
    job->code();
    current_shared = nullptr;
    finish_current(*shared, {}, false);
    job->code = {};
    *job->has_left = true;
    job.reset();
    {
      std::lock_guard lock(shared->mutex);
      shared->current = nullptr;
      shared->done.notify_all();
      if (shared->ending && shared->queue.empty()) return;
    }
    deliver_pending_cancellation();
  }
}

}  // namespace ark::container::loader
