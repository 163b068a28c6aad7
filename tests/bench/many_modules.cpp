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

/// ms of the steps of the start after the packages were read and staged.
double after_staging(const std::vector<container::Step>& steps) {
  double sum = 0;
  for (const auto& step : steps) sum += step.name == "open packages" ? 0 : step.took_ms;
  return sum;
}

void bench_count(const Setup& setup, int count, double goal, std::vector<Row>& rows) {
  std::vector<double> up, down;
  for (int round = 0; round < (setup.quick ? 1 : 7); ++round) {
    const auto home = setup.memory / ("many-" + std::to_string(count) + "-" + std::to_string(round));
    fs::create_directories(home / "modules");
    write_tiny_packages(home / "modules", count);
    auto container = started_container(home);
    up.push_back(after_staging(container->start_report()));
    const auto stopped = container->stop();
    must(stopped.status);
    double sum = 0;
    for (const auto& step : stopped.steps) sum += step.took_ms;
    down.push_back(sum);
    container.reset();
    fs::remove_all(home);
  }
  char floor[64];
  std::snprintf(floor, sizeof floor, "down, unmapped and verified: %.1f ms", median(down));
  rows.push_back({std::to_string(count) + " modules up, from staged packages", "ms", goal, median(up), floor,
                  count == 100 ? "Celix 27 ms, CppMicroServices 10.2 ms, SOFAArk + 255 ms (recorded)" : "", false});
}

}  // namespace

void write_tiny_packages(const fs::path& folder, int count) {
  auto package = container::package::Package::open(BENCH_TINY);
  must(package.status());
  const auto work = folder / ".work";
  must(package->extract(work));
  const auto original = container::base::read_file(work / package->manifest().entry, 1 << 20);
  must(original.status());
  for (int i = 1; i <= count; ++i) {
    char name[16];
    std::snprintf(name, sizeof name, "tiny-%04d", i);
    auto manifest = package->manifest();
    manifest.name = name;
    auto library = *original;
    replace_all(library, "tiny-0000", name);
    manifest.files[0].sha256 = container::package::sha256_hex(library);
    const auto file = folder / (std::string(name) + ".so");
    std::ofstream(file, std::ios::binary) << library;
    must(container::package::write_package(folder / (std::string(name) + "-1.0.0.ark"), manifest, {{manifest.entry, file}}));
    fs::remove(file);
  }
  fs::remove_all(work);
}

void bench_many(const Setup& setup, std::vector<Row>& rows) {
  bench_count(setup, 100, 10, rows);
  if (!setup.quick) bench_count(setup, 1000, 150, rows);
}

}  // namespace ark::bench
