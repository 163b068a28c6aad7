// ark-bench [--quick]: measures, and prints one table.
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "benches.hpp"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  ark::bench::Setup setup;
  setup.quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const auto name = "ark-bench-" + std::to_string(getpid());
  setup.memory = fs::path("/dev/shm") / name;
  setup.disk = fs::current_path() / name;
  fs::create_directories(setup.memory);
  fs::create_directories(setup.disk);
  std::vector<ark::bench::Row> rows;
  const auto run = [&](const char* what, auto bench) {
    std::fprintf(stderr, "measuring %s\n", what);
    bench(setup, rows);
  };
  run("calls, look-ups, publications, events", ark::bench::bench_calls);
  run("start and stop", ark::bench::bench_lifecycle);
  run("many modules", ark::bench::bench_many);
  run("ark-container", ark::bench::bench_processes);
  fs::remove_all(setup.memory);
  fs::remove_all(setup.disk);
  std::fputs(ark::bench::table(rows).c_str(), stdout);
  return 0;
}
