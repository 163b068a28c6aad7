#include "crash/handler.hpp"

#include <ark/abi/fingerprint.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

#include "crash/alternate_stack.hpp"
#include "crash/code_table.hpp"
#include "crash/platform_code.hpp"
#include "crash/report.hpp"
#include "crash/stack.hpp"
#include "crash/symbol.hpp"

namespace ark::container::crash {
namespace {

constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

/// A report that takes longer, since nobody reads standard error or a disk hangs, is given up.
constexpr unsigned kLongestSeconds = 10;

std::mutex install_mutex;
std::atomic<bool> installed{false};
std::atomic<const char*> folder{""};  // what it pointed to is never freed: a handler may be reading it
pid_t process;                        // set before the handlers, as the next
struct sigaction previous[NSIG];

/// Why a thread is about to abort: the first one that is.
struct {
  std::atomic<int> thread{0};
  char why[512];
} termination;

/// The one report that is being written, and by which thread. 0: by none.
Report report;
std::atomic<int> reporting{0};
struct {
  int signal;
  siginfo_t info;
  struct sigaction on_alarm;
  bool has_failed;
} crash;

int this_thread() { return static_cast<int>(syscall(SYS_gettid)); }

/// The signal comes again, with all that is known of it, as soon as this handler has returned, and whoever had it before gets it: by default it ends
/// the process where it was interrupted.
void hand_on(int signal, siginfo_t* info) {
  sigaction(signal, &previous[signal], nullptr);
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), this_thread(), signal, info) == 0) return;
  syscall(SYS_tgkill, getpid(), this_thread(), signal);  // the call above may be forbidden
}

void give_up(int) {
  struct sigaction fatal {};
  fatal.sa_handler = SIG_DFL;
  sigaction(crash.signal, &fatal, nullptr);
  kill(getpid(), crash.signal);
}

void set_alarm() {
  struct sigaction action {};
  action.sa_handler = give_up;
  sigaction(SIGALRM, &action, &crash.on_alarm);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  alarm(kLongestSeconds);
}

void finish(const char* why) {
  report.end(why);
  alarm(0);
  sigaction(SIGALRM, &crash.on_alarm, nullptr);
}

void write_report(int signal, siginfo_t* info, void* context) {
  crash.signal = signal;
  crash.info = *info;
  crash.has_failed = false;
  set_alarm();
  report.begin(folder, signal, *info, context, termination.thread == this_thread() ? termination.why : "");
  report.walk(context);
  finish("complete");
}

/// The stack that was being walked is damaged, or the report itself is at fault.
void on_second_crash(int signal, siginfo_t* info) {
  if (crash.has_failed) {
    struct sigaction fatal {};
    fatal.sa_handler = SIG_DFL;
    sigaction(signal, &fatal, nullptr);
    return;  // to where it happens again
  }
  crash.has_failed = true;
  finish("the stack is damaged, it cannot be followed further");
  hand_on(crash.signal, &crash.info);
}

void handle(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  int writer = 0;
  const int self = this_thread();
  if (getpid() != process) {  // a child: that it crashes is its parent's to report
    hand_on(signal, info);
  } else if (reporting.compare_exchange_strong(writer, self)) {
    write_report(signal, info, context);
    reporting = 0;
    hand_on(signal, info);
  } else if (writer == self) {
    on_second_crash(signal, info);
  } else {  // the process is dying of another thread's crash
    const timespec moment{0, 10'000'000};
    while (reporting != 0) nanosleep(&moment, nullptr);
    hand_on(signal, info);
  }
  errno = saved;
}

struct sigaction our_action() {
  struct sigaction action {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;  // a crash within the handler has to get through
  return action;
}

/// What would be done for the first time in a handler is done now.
void warm_up() {
  warm_up_unwinder();
  (void)sigabbrev_np(SIGSEGV);
  Symbol ignored;
  (void)find_symbol("/proc/self/exe", 0, &ignored);
}

#if defined(ARK_HAS_ASAN) || defined(ARK_HAS_TSAN)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

void install(const std::filesystem::path& logs) {
  if (kSanitized) return;
  std::lock_guard lock(install_mutex);
  std::error_code ignored;  // then it is taken as it is
  const auto absolute = std::filesystem::absolute(logs, ignored);
  folder = strdup(((absolute.empty() ? logs : absolute) / "").c_str());
  if (installed) return;
  process = getpid();
  note_platform_code();
  warm_up();
  installed = true;
  AlternateStack stack;
  stack.leave();
  const auto action = our_action();
  for (int signal : kSignals) sigaction(signal, nullptr, &previous[signal]);  // all of them, before one can come
  for (int signal : kSignals) sigaction(signal, &action, nullptr);
}

bool is_installed() { return installed; }

void take_back(int signal) {
  if (!installed || std::find(kSignals.begin(), kSignals.end(), signal) == kSignals.end()) return;
  struct sigaction now;
  if (sigaction(signal, nullptr, &now) != 0 || (now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_DFL) return;
  const auto action = our_action();
  sigaction(signal, &action, nullptr);
}

void note_termination(std::string_view why) {
  int nobody = 0;
  const int self = this_thread();
  if (!termination.thread.compare_exchange_strong(nobody, self) && nobody != self) return;
  const size_t size = std::min(why.size(), sizeof termination.why - 1);
  memcpy(termination.why, why.data(), size);
  termination.why[size] = 0;
}

}  // namespace ark::container::crash
