#include "loader/ownership.hpp"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <thread>

#include "crash/alternate_stack.hpp"
#include "crash/handler.hpp"
#include "loader/key_table.hpp"
#include "loader/lent_thread.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::loader {
namespace {

std::string name_of_code(const void* address) {
  Dl_info info;
  if (dladdr(address, &info) && info.dli_sname) return info.dli_sname;
  return "a function of its own";
}

/// "SIGUSR2"; the C library has no names for real-time signals.
std::string name_of_signal(int number) {
  if (const char* name = sigabbrev_np(number)) return std::string("SIG") + name;
  return number >= SIGRTMIN ? "SIGRTMIN+" + std::to_string(number - SIGRTMIN) : std::to_string(number);
}

}  // namespace

/// Stands around everything a thread of the module runs; its destructor is code of the container.
class Ownership::ThreadScope {
 public:
  explicit ThreadScope(Ownership& owner) : owner_(owner), tid_(thread::current_tid()) { owner_.thread_begins(tid_); }
  ~ThreadScope() {  // also when pthread_exit unwinds
    thread::run_own_farewells();
    run_key_destructors(&owner_);
    owner_.thread_ends(tid_);
  }

 private:
  const crash::AlternateStack for_handlers_;
  Ownership& owner_;
  int tid_;
};

/// Takes the place of the module's std::thread state: the last virtual destructor that runs on the thread is then the container's.
class Ownership::ThreadState final : public std::thread::_State {
 public:
  ThreadState(Ownership& owner, std::thread::_State* inner) : owner_(owner), inner_(inner) { owner_.thread_planned(1); }
  ~ThreadState() override {
    if (inner_) owner_.thread_planned(-1);  // never ran: the thread could not be created
  }
  void _M_run() override {
    ThreadScope scope(owner_);
    pthread_setname_np(pthread_self(), owner_.label_.substr(0, 15).c_str());  // else that of the thread that started it
    const auto inner = std::move(inner_);
    inner->_M_run();
  }

 private:
  Ownership& owner_;
  std::unique_ptr<std::thread::_State> inner_;
};

Ownership::Ownership(std::string label, std::function<void(int, const std::string&)> exit_request)
    : label_(std::move(label)), process_(getpid()), exit_request_(std::move(exit_request)) {}

Ownership::~Ownership() {
  for (int number : signals_) crash::take_back(number);
}

void Ownership::thread_planned(int by) {
  std::lock_guard lock(mutex_);
  planned_ += by;
  ended_.notify_all();
}

void Ownership::thread_begins(int tid) {
  std::lock_guard lock(mutex_);
  --planned_;
  threads_.push_back(tid);
}

void Ownership::thread_ends(int tid) {
  std::lock_guard lock(mutex_);
  threads_.erase(std::find(threads_.begin(), threads_.end(), tid));
  ended_.notify_all();
}

int Ownership::create_thread(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  struct Start {
    Ownership& owner;
    void* (*start)(void*);
    void* argument;
  };
  auto begin = std::make_unique<Start>(Start{*this, start, argument});
  thread_planned(1);
  const int error = pthread_create(
      thread, attributes,
      [](void* p) -> void* {
        const std::unique_ptr<Start> begin(static_cast<Start*>(p));
        ThreadScope scope(begin->owner);
        return begin->start(begin->argument);
      },
      begin.get());
  if (error == 0) {
    begin.release();
  } else {
    thread_planned(-1);
  }
  return error;
}

void* Ownership::own_thread_state(void* state) {
  return static_cast<std::thread::_State*>(new ThreadState(*this, static_cast<std::thread::_State*>(state)));
}

int Ownership::create_key(pthread_key_t* key, void (*destroy)(void*)) { return loader::create_key(this, key, destroy); }
int Ownership::delete_key(pthread_key_t key) { return loader::delete_key(key); }

int Ownership::at_thread_exit(void (*destroy)(void*), void* object) {
  thread::add_farewell({this, destroy, object});
  return 0;
}

int Ownership::set_signal_action(int number, const struct sigaction* action, struct sigaction* old) {
  const int result = sigaction(number, action, old);
  if (result != 0 || !action) return result;
  std::lock_guard lock(mutex_);
  signals_.insert(number);
  return 0;
}

void Ownership::exit(int status, bool immediately) {
  if (getpid() != process_) {  // a child that the module forked
    if (immediately) ::_exit(status);
    ::exit(status);
  }
  LentThread::park_exited(status, label_);
  exit_request_(status, label_ + " on " + thread::describe(thread::current_tid()));
  for (;;) pause();
}

bool Ownership::wait_threads(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return ended_.wait_until(lock, deadline, [this] { return planned_ == 0 && threads_.empty(); });
}

void Ownership::settle(std::chrono::steady_clock::time_point deadline) {
  (void)wait_threads(deadline);
  while ((thread::running_farewells_of(this) > 0 || running_key_destructors_of(this) > 0) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::vector<std::string> Ownership::hazards(const std::function<bool(const void*)>& is_code) const {
  std::vector<std::string> found;
  std::lock_guard lock(mutex_);
  for (int tid : threads_) found.push_back(thread::describe(tid) + ", started by " + label_ + ", is alive");
  if (planned_ > 0) found.push_back(std::to_string(planned_) + " threads started by " + label_ + " have not begun to run");
  for (const auto& key : keys_of(this)) {
    if (!key.destroy) continue;
    found.push_back("thread-specific key " + std::to_string(key.key) + " with destructor " +
                    name_of_code(reinterpret_cast<const void*>(key.destroy)) + " was not deleted");
  }
  if (const int running = running_key_destructors_of(this)) {
    found.push_back(std::to_string(running) + " destructors of its thread-specific keys are running");
  }
  for (int number : signals_) {
    struct sigaction now;
    if (sigaction(number, nullptr, &now) != 0) continue;
    const auto* handler = now.sa_flags & SA_SIGINFO ? reinterpret_cast<const void*>(now.sa_sigaction)
                                                    : reinterpret_cast<const void*>(now.sa_handler);
    if (is_code(handler)) {
      found.push_back("signal " + name_of_signal(number) + " is still handled by " + name_of_code(handler));
    }
  }
  if (const int running = thread::running_farewells_of(this)) {
    found.push_back(std::to_string(running) + " destructors of its thread_local variables are running");
  }
  return found;
}

void Ownership::release_keys() {
  for (const auto& key : keys_of(this)) loader::delete_key(key.key);
}

std::vector<std::string> Ownership::report() const {
  std::vector<std::string> all;
  std::lock_guard lock(mutex_);
  for (int tid : threads_) all.push_back(thread::describe(tid));
  for (const auto& key : keys_of(this)) all.push_back("thread-specific key " + std::to_string(key.key));
  for (int number : signals_) all.push_back("a handler of signal " + name_of_signal(number));
  return all;
}

}  // namespace ark::container::loader
