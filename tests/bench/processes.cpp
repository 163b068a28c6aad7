#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>

#include "benches.hpp"
#include "support.hpp"

extern char** environ;

namespace ark::bench {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

struct Measured {
  double ready_ms = 0;
  double private_kb = 0;
};

/// Anonymous memory: private, not shared with the page cache. (Private_Dirty would count the pages of files that were just written.)
double private_kb(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("RssAnon:", 0) == 0) return std::atof(line.c_str() + line.find(':') + 1);
  }
  return 0;
}

/// Starts ark-container, waits until it says that it is ready, looks at it, and ends it.
Measured run_container(const fs::path& home) {
  int log[2];
  if (pipe2(log, O_CLOEXEC) != 0) std::_Exit(1);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, log[1], STDERR_FILENO);
  const std::string home_text = home.string();
  const char* arguments[] = {ARK_CONTAINER, "--home", home_text.c_str(), nullptr};
  pid_t pid = 0;
  const auto begin = Clock::now();
  if (posix_spawn(&pid, ARK_CONTAINER, &actions, nullptr, const_cast<char**>(arguments), environ) != 0) std::_Exit(1);
  close(log[1]);
  Measured measured;
  std::string said;
  char buffer[4096];
  while (said.find("container: ready") == std::string::npos) {
    const ssize_t got = read(log[0], buffer, sizeof buffer);
    if (got <= 0) must(container::Status(container::Code::kInternal, "ark-container ended: " + said));
    said.append(buffer, static_cast<size_t>(got));
  }
  measured.ready_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  measured.private_kb = private_kb(pid);
  kill(pid, SIGTERM);
  while (read(log[0], buffer, sizeof buffer) > 0) {
  }
  close(log[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  posix_spawn_file_actions_destroy(&actions);
  return measured;
}

}  // namespace

void bench_processes(const Setup& setup, std::vector<Row>& rows) {
  const auto empty = setup.memory / "empty", full = setup.memory / "full";
  fs::create_directories(empty / "modules");
  fs::create_directories(full / "modules");
  write_tiny_packages(full / "modules", 100);
  std::vector<double> start_empty, start_full, memory_empty, memory_full;
  for (int i = 0; i < (setup.quick ? 2 : 31); ++i) {
    const auto without = run_container(empty), with = run_container(full);
    start_empty.push_back(without.ready_ms);
    start_full.push_back(with.ready_ms);
    memory_empty.push_back(without.private_kb);
    memory_full.push_back(with.private_kb);
  }
  rows.push_back({"ark-container to ContainerStarted, no module", "ms", 10, median(start_empty), "", "SOFAArk 782 ms (recorded)", false});
  rows.push_back({"ark-container to ContainerStarted, 100 modules", "ms", 25, median(start_full), "", "SOFAArk 1,037 ms (recorded)", false});
  rows.push_back({"private memory of the container", "MB", 5, median(memory_empty) / 1024, "", "SOFAArk 145 MB (recorded)", false});
  rows.push_back({"private memory of a trivial module", "kB", 25, (median(memory_full) - median(memory_empty)) / 100, "",
                  "SOFAArk 195 kB, Celix 29–71 kB, CppMicroServices 35 kB (recorded)", false});
}

}  // namespace ark::bench
