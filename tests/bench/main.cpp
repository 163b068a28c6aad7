// ark-bench [--quick] [GROUP]: measures everything, or one of the groups calls, lifecycle, many, levels, resolve,
// processes; prints one table.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "benches.hpp"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  ark::bench::Setup setup;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) setup.quick = true;
    else only = argv[i];
  }
  const auto name = "ark-bench-" + std::to_string(getpid());
  setup.memory = fs::path("/dev/shm") / name;
  setup.disk = fs::current_path() / name;
  fs::create_directories(setup.memory);
  fs::create_directories(setup.disk);
  std::vector<ark::bench::Row> rows;
  const auto run = [&](const char* group, auto bench) {
    if (!only.empty() && only != group) return;
    std::fprintf(stderr, "measuring %s\n", group);
    bench(setup, rows);
  };
  run("calls", ark::bench::bench_calls);
  run("lifecycle", ark::bench::bench_lifecycle);
  run("many", ark::bench::bench_many);
  run("resolve", ark::bench::bench_resolve);
  run("levels", ark::bench::bench_levels);
  run("processes", ark::bench::bench_processes);
  fs::remove_all(setup.memory);
  fs::remove_all(setup.disk);
  std::fputs(ark::bench::table(rows).c_str(), stdout);
  return 0;
}
