#include "pack/scratch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/files.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::Result;
using container::Status;
using container::base::Descriptor;
using Clock = std::chrono::steady_clock;

/// The answer on its way: one byte with the code of the status, then the answer or the status's text.
[[noreturn]] void answer(int pipe, const std::function<Result<std::string>()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  auto result = work();
  std::string bytes(1, static_cast<char>(result.status().code()));
  bytes += result.ok() ? *result : result.status().text();
  // Not exit: the handlers and buffers that the process inherited are not its own.
  _exit(container::base::write_fully(pipe, bytes) ? 0 : 1);
}

enum class Reading { kComplete, kTimeout, kFailed };

/// Reads until the other side has closed.
Reading read_until(Clock::time_point deadline, int pipe, std::string& bytes) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Reading::kTimeout;
    pollfd entry{pipe, POLLIN, 0};
    int ready = poll(&entry, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return Reading::kFailed;
    if (ready <= 0) continue;
    char buffer[16384];
    ssize_t got = read(pipe, buffer, sizeof buffer);
    if (got < 0 && errno != EINTR) return Reading::kFailed;
    if (got == 0) return Reading::kComplete;
    if (got > 0) bytes.append(buffer, static_cast<size_t>(got));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string ending_of(int status) {
  if (WIFSIGNALED(status)) {
    return "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  }
  return "ended with status " + std::to_string(WEXITSTATUS(status)) + " before it had answered";
}

}  // namespace

Result<std::string> in_scratch_process(const std::string& what, std::chrono::milliseconds limit,
                                       const std::function<Result<std::string>()>& work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return Status(Code::kResourceExhausted, "cannot make a pipe: " + std::string(strerror(errno)));
  Descriptor in(ends[0]), out(ends[1]);
  const pid_t child = fork();
  if (child < 0) return Status(Code::kResourceExhausted, "cannot start a process: " + std::string(strerror(errno)));
  if (child == 0) answer(out.get(), work);
  out.reset();

  std::string bytes;
  const auto reading = read_until(Clock::now() + limit, in.get(), bytes);
  if (reading != Reading::kComplete) kill(child, SIGKILL);
  const int status = wait_for(child);
  constexpr std::string_view kCause = "; code that runs while a file is loaded is in IFUNC resolvers: take them out";
  if (reading == Reading::kTimeout) {
    return Status(Code::kModuleFailed,
                  what + ": no end after " + std::to_string(limit.count()) + " ms" + std::string(kCause));
  }
  if (reading == Reading::kFailed)
    return Status(Code::kInternal, what + ": cannot read the answer: " + strerror(errno));
  if (status != 0 || bytes.empty()) {
    return Status(Code::kModuleFailed, what + ": the process " + ending_of(status) + std::string(kCause));
  }
  const auto code = static_cast<Code>(bytes[0]);
  bytes.erase(0, 1);
  if (code != Code::kOk) return Status(code, std::move(bytes));
  return bytes;
}

}  // namespace ark::packaging
