#include "lifecycle/container_impl.hpp"

#include <dlfcn.h>

#include <chrono>
#include <fstream>

#include "base/files.hpp"
#include "benches.hpp"
#include "lifecycle/runner.hpp"
#include "support.hpp"

namespace ark::bench {
namespace {

using Clock = std::chrono::steady_clock;
namespace lifecycle = container::lifecycle;

double us_since(Clock::time_point begin) { return std::chrono::duration<double, std::micro>(Clock::now() - begin).count(); }

/// In blocks by turns: the machine is not always quiet, and the thread that spins after our own slows what follows it.
bool is_bare_turn(const Setup& setup, int turn) { return turn / (setup.quick ? 1 : 50) % 2 == 0; }

void open_and_close(const std::filesystem::path& file) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle || dlclose(handle) != 0) std::_Exit(1);
}

/// Verified, extracted, not yet opened: the same file again each time, which is gone from the process in between.
void bench_start_and_stop(const Setup& setup, std::vector<Row>& rows) {
  auto container = started_container(setup.memory / "start-stop");
  auto& core = static_cast<lifecycle::ContainerImpl&>(*container).core();
  auto package = container::package::Package::open(BENCH_TINY);
  must(package.status());
  const auto folder = setup.memory / "staged";
  must(package->extract(folder));
  const auto manifest = std::make_shared<const container::package::Manifest>(package->manifest());
  const auto file = folder / manifest->entry;
  container::loader::LentPool lent(1);
  lifecycle::Runner runner(core, lent, 1);
  std::vector<double> bare, ours;
  for (int i = 0; i < (setup.quick ? 10 : 3000); ++i) {
    const auto begin = Clock::now();
    if (is_bare_turn(setup, i)) {
      open_and_close(file);
      bare.push_back(us_since(begin));
      continue;
    }
    auto generation = std::make_unique<ark_generation_t>(core, manifest->name, "1.0.0", 1);
    auto instance = std::make_shared<lifecycle::Instance>(std::move(generation), folder, *manifest, container::Limits());
    const auto ascent = std::make_shared<lifecycle::Ascent>(instance, manifest);
    runner.bring_up({ascent});
    must(ascent->status());
    core.registry->activate(&instance->generation->services, nullptr);
    const auto down = runner.bring_down(instance);
    ours.push_back(us_since(begin));
    if (down.code != container::State::kUnloaded) std::_Exit(1);
  }
  char floor[96];
  std::snprintf(floor, sizeof floor, "bare dlopen + dlclose: least %.1f us, median %.1f us; ours least %.1f, median %.1f us", least(bare), median(bare),
                least(ours), median(ours));
  rows.push_back({"start + stop of a staged module, unmapped and verified, by the bare one", "x", 3, median(ours) / median(bare), floor, "", true});
  stop(*container);
}

/// us for what no install and uninstall can do without: folders and file made, opened, closed, removed.
double bare_cycle_us(const std::filesystem::path& home, const std::string& library) {
  const auto begin = Clock::now();
  const auto folder = home / "bare", lib = folder / "lib", file = lib / "tiny-0000.so";
  std::filesystem::create_directory(folder);
  std::filesystem::create_directory(lib);
  std::ofstream(file, std::ios::binary) << library;
  open_and_close(file);
  std::filesystem::remove(file);
  std::filesystem::remove(lib);
  std::filesystem::remove(folder);
  return us_since(begin);
}

void bench_cycle(const Setup& setup, const std::filesystem::path& home, const char* where, double goal, std::vector<Row>& rows) {
  auto container = started_container(home);
  auto package = container::package::Package::open(BENCH_TINY);
  must(package.status());
  must(package->extract(setup.memory / "library"));
  const auto library = container::base::read_file(setup.memory / "library" / package->manifest().entry, 1 << 20);
  must(library.status());
  std::filesystem::remove_all(setup.memory / "library");
  std::vector<double> samples, bare;
  for (int i = 0; i < (setup.quick ? 10 : 1200); ++i) {
    if (is_bare_turn(setup, i)) {
      bare.push_back(bare_cycle_us(home, *library));
      continue;
    }
    const auto begin = Clock::now();
    must(container->install(BENCH_TINY, {false, true}).status);
    must(container->uninstall("tiny-0000", false).status);
    samples.push_back(us_since(begin));
  }
  char floor[128];
  std::snprintf(floor, sizeof floor, "files and folders made, dlopen, dlclose, removed: least %.1f us, median %.1f us; ours least %.1f us", least(bare),
                median(bare), least(samples));
  rows.push_back({std::string("install + start + stop + uninstall, --transient, sha256, verified, home ") + where, "us", goal, median(samples), floor,
                  "Celix C 319 us, CppMicroServices 74 us without unmapping, SOFAArk 1,063 us (recorded)", false});
  stop(*container);
}

}  // namespace

void bench_lifecycle(const Setup& setup, std::vector<Row>& rows) {
  bench_start_and_stop(setup, rows);
  bench_cycle(setup, setup.memory / "cycle", "in memory", 160, rows);
  bench_cycle(setup, setup.disk / "cycle", "on disk", 319, rows);
}

}  // namespace ark::bench
