#include "crash/report.hpp"

#include <ark/abi/version.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "crash/code_table.hpp"
#include "crash/stack.hpp"
#include "crash/symbol.hpp"

namespace ark::container::crash {
namespace {

constexpr int kMostFrames = 64;

void write_all(int file, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t done = write(file, data, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;  // disk full, nobody reads: there is no one left to tell
    data += done;
    size -= static_cast<size_t>(done);
  }
}

const char* base_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/// Calls and pushes touch just below the stack pointer; a page above it is what a function with a large frame may have skipped.
bool has_overflowed(uintptr_t address, uintptr_t stack) { return address + (64 << 10) >= stack && address < stack + 4096; }

/// Line and symbol are too large for the stack that a handler has.
Line line_;
Symbol symbol_;

Line& fresh(const char* key) {
  line_ = Line();
  return line_ << key << ": ";
}

}  // namespace

void Report::put(Line& line) {
  line.end();
  if (file_ >= 0) write_all(file_, line.text(), line.size());
  write_all(STDERR_FILENO, line.text(), line.size());
}

void Report::open(const char* folder) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  seconds_ = now.tv_sec;
  file_ = -1;
  path_[0] = 0;
  if (!*folder) return;
  line_ = Line();
  line_ << folder << "crash-";
  add_time_for_file(line_, seconds_);
  line_ << "-" << static_cast<int64_t>(getpid()) << ".txt";
  if (line_.size() >= sizeof path_) return;
  memcpy(path_, line_.text(), line_.size() + 1);
  file_ = ::open(path_, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void Report::begin(const char* folder, int signal, const siginfo_t& info, const void* context, const char* termination) {
  frames_ = 0;
  is_blamed_ = false;
  open(folder);
  const int not_opened = file_ < 0 ? errno : 0;
  const Place place = place_of(context);
  put(fresh("ark-crash") << 1);
  add_time(fresh("time"), seconds_);
  put(line_);
  put(fresh("process") << static_cast<int64_t>(getpid()));
  put(fresh("program") << program_invocation_short_name << " " ARK_VERSION_TEXT);
  const char* name = sigabbrev_np(signal);
  put(fresh("signal") << "SIG" << (name ? name : "?"));
  put_reason(signal, info, place.stack);
  if (*termination) put(fresh("terminated-by") << termination);
  char thread[16] = {};
  prctl(PR_GET_NAME, thread);
  put(fresh("thread") << static_cast<int64_t>(syscall(SYS_gettid)));
  put(fresh("thread-name") << thread);
  if (*folder && file_ < 0) put(fresh("not-written") << path_ << ": " << strerrorname_np(not_opened));
}

void Report::put_reason(int signal, const siginfo_t& info, uintptr_t stack) {
  const auto address = reinterpret_cast<uintptr_t>(info.si_addr);
  auto& line = fresh("reason");
  if (info.si_code <= 0) {
    if (info.si_pid != getpid()) {
      line << "sent by process " << static_cast<int64_t>(info.si_pid);
    } else {
      line << (signal == SIGABRT ? "abort was called" : "sent by this process itself");
    }
  } else if (signal == SIGFPE) {
    line << (info.si_code == FPE_INTDIV ? "an integer was divided by zero" : "an arithmetic fault");
  } else if (signal == SIGILL || signal == SIGTRAP) {
    line << (signal == SIGILL ? "an illegal instruction" : "a trap");
  } else if (signal == SIGSEGV && info.si_code == SI_KERNEL) {
    line << "an address that cannot be";
  } else if (signal == SIGSEGV && has_overflowed(address, stack)) {
    (line << "the stack has overflowed, at address ").hex(address);
  } else if (signal == SIGSEGV || signal == SIGBUS) {
    line << (info.si_code == SEGV_MAPERR && signal == SIGSEGV ? "nothing is mapped at address "
             : signal == SIGSEGV                              ? "no such access is allowed at address "
             : info.si_code == BUS_ADRALN                     ? "misaligned address "
                                                              : "no memory, or the end of its file, lies behind address ");
    line.hex(address);
  } else {
    line << "code " << info.si_code;
  }
  put(line);
}

/// The first module on the way outwards.
void Report::blame(const Code& code, uintptr_t address) {
  is_blamed_ = true;
  put(fresh("module") << code.owner.name.c_str());
  put(fresh("version") << code.owner.version.c_str());
  put(fresh("generation") << static_cast<uint64_t>(code.owner.generation));
  put(fresh("file") << code.file.c_str());
  put(fresh("offset").hex(address - code.base));
  if (!code.build_id.empty()) put(fresh("build-id") << code.build_id.c_str());
  if (symbol_.name[0]) put((fresh("function") << symbol_.name << "+").hex(symbol_.offset));
}

void Report::put_frame(uintptr_t address) {
  const CodeReader reader;
  const Code* code = reader.find(address);
  symbol_.name[0] = 0;
  if (code) (void)find_symbol(code->file.c_str(), address - code->base, &symbol_);
  const bool is_module = code && !code->owner.name.empty();
  if (is_module && !is_blamed_) blame(*code, address);
  auto& line = fresh("frame") << frames_++ << " ";
  if (code) {
    (line << base_name(code->file.c_str()) << "+").hex(address - code->base);
  } else {
    line.hex(address);
  }
  if (symbol_.name[0]) (line << " " << symbol_.name << "+").hex(symbol_.offset);
  if (is_module) line << " of " << code->owner.name.c_str() << " " << code->owner.version.c_str();
  put(line);
}

void Report::walk(const void* context) {
  const Place place = place_of(context);
  put_frame(place.pc);
  bool is_code;
  {
    const CodeReader reader;
    is_code = reader.find(place.pc) != nullptr;
  }
  if (is_code) {
    walk_stack(place, kMostFrames - 1, [](void* self, uintptr_t address) { static_cast<Report*>(self)->put_frame(address); }, this);
  } else {  // a call to nowhere: there is no more to be known than where it was made
    put_frame((place.link ? place.link : *reinterpret_cast<const uintptr_t*>(place.stack)) - 1);
  }
}

void Report::end(const char* why) {
  put(fresh("end") << why);
  if (file_ < 0) return;
  fsync(file_);
  close(file_);
  file_ = -1;
  line_ = Line();
  line_ << "the crash report is " << path_;
  line_.end();
  write_all(STDERR_FILENO, line_.text(), line_.size());
}

}  // namespace ark::container::crash
