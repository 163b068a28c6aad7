#include <algorithm>
#include <chrono>
#include <fstream>

#include "base/files.hpp"
#include "benches.hpp"
#include "package/digest.hpp"
#include "package/package.hpp"
#include "support.hpp"

namespace ark::bench {
namespace {

namespace fs = std::filesystem;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

/// ms from when the packages were read and staged to the end of the last step: some run at the same time.
double after_staging(const std::vector<container::Step>& steps) {
  double begin = 0, end = 0;
  for (const auto& step : steps) {
    end = std::max(end, step.start_ms + step.took_ms);
    if (step.name == "open packages") begin = step.start_ms + step.took_ms;
  }
  return end - begin;
}

struct Times {
  std::vector<double> up, down;
};

/// levels: each module but those of the first depends on one of the level before.
Times measure(const Setup& setup, int count, int levels) {
  Times times;
  const int width = count / levels;
  for (int round = 0; round < (setup.quick ? 1 : 9); ++round) {
    const auto home = setup.memory / ("many-" + std::to_string(round));
    fs::create_directories(home / "modules");
    write_tiny_packages(home / "modules", count, [&](int i, container::package::Manifest& manifest) {
      if (i > width) manifest.dependencies.push_back({tiny_name(i - width), *container::package::Range::parse("")});
    });
    auto container = started_container(home);
    times.up.push_back(after_staging(container->start_report()));
    const auto began = std::chrono::steady_clock::now();
    must(container->stop().status);
    times.down.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
    container.reset();
    fs::remove_all(home);
  }
  return times;
}

void bench_count(const Setup& setup, int count, double goal, std::vector<Row>& rows) {
  const auto [up, down] = measure(setup, count, 1);
  char floor[96];
  std::snprintf(floor, sizeof floor, "least %.1f ms; down, unmapped and verified: %.1f ms", least(up), median(down));
  rows.push_back({std::to_string(count) + " modules up, from staged packages", "ms", goal, median(up), floor,
                  count == 100 ? "Celix 27 ms, CppMicroServices 10.2 ms, SOFAArk + 255 ms (recorded)" : "", false});
}

}  // namespace

std::string tiny_name(int i) {
  char name[16];
  std::snprintf(name, sizeof name, "tiny-%04d", i);
  return name;
}

void write_tiny_packages(const fs::path& folder, int count, const std::function<void(int, container::package::Manifest&)>& change) {
  auto package = container::package::Package::open(BENCH_TINY);
  must(package.status());
  const auto work = folder / ".work";
  must(package->extract(work));
  const auto original = container::base::read_file(work / package->manifest().entry, 1 << 20);
  must(original.status());
  for (int i = 1; i <= count; ++i) {
    const auto name = tiny_name(i);
    auto manifest = package->manifest();
    manifest.name = name;
    if (change) change(i, manifest);
    auto library = *original;
    replace_all(library, "tiny-0000", name);
    manifest.files[0].sha256 = container::package::sha256_hex(library);
    const auto file = folder / (name + ".so");
    std::ofstream(file, std::ios::binary) << library;
    must(container::package::write_package(folder / (name + "-1.0.0.ark"), manifest, {{manifest.entry, file}}));
    fs::remove(file);
  }
  fs::remove_all(work);
}

void bench_many(const Setup& setup, std::vector<Row>& rows) {
  bench_count(setup, 100, 10, rows);
  if (!setup.quick) bench_count(setup, 1000, 150, rows);
}

void bench_levels(const Setup& setup, std::vector<Row>& rows) {
  const int count = setup.quick ? 100 : 1000;
  const auto [up, down] = measure(setup, count, 20);
  const auto row = [&](const char* way, const std::vector<double>& samples) {
    char floor[32];
    std::snprintf(floor, sizeof floor, "least %.1f ms", least(samples));
    rows.push_back({std::to_string(count) + " modules in 20 levels " + way, "ms", 150, median(samples), floor, "", false});
  };
  row("up, from staged packages", up);
  row("down, unmapped and verified", down);
}

}  // namespace ark::bench
