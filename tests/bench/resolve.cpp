#include "lifecycle/packages.hpp"

#include <chrono>
#include <random>

#include "benches.hpp"
#include "lifecycle/resolve.hpp"
#include "support.hpp"

namespace ark::bench {
namespace {

namespace lc = container::lifecycle;
namespace package = container::package;

constexpr int kModules = 1000, kImports = 10, kLevels = 20, kPerLevel = kModules / kLevels;

std::string two_digits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }
std::string id_of(int level, int number) {
  return "com.acme.bench.Service" + two_digits(level) + "x" + two_digits(number);
}

/// In 20 levels; each imports ten services of the level before (the first ones of others of no level), with ranges, and
/// exports one.
lc::ModulePtr module_of(int level, int number, std::mt19937& random) {
  auto manifest = std::make_shared<package::Manifest>();
  manifest->name = "module-" + two_digits(level) + "-" + two_digits(number);
  manifest->version = {1, 0, 0, ""};
  manifest->exports.push_back({id_of(level, number), "1.2", {}, 1});
  for (int i = 0; i < kImports; ++i) {
    const int to = static_cast<int>((random() % (kPerLevel / kImports)) * kImports) + i;
    const bool optional = level == 0;  // of the level above: it starts without
    manifest->imports.push_back(
        {id_of(optional ? 1 : level - 1, to), *package::Range::parse("[1.0,2.0)"), optional, false, {}, 1});
  }
  auto module = std::make_shared<lc::Module>();
  module->label = lc::label_of(*manifest);
  module->manifest = std::move(manifest);
  return module;
}

}  // namespace

void bench_resolve(const Setup& setup, std::vector<Row>& rows) {
  std::mt19937 random(1);
  std::vector<lc::ModulePtr> all;
  for (int level = 0; level < kLevels; ++level) {
    for (int number = 0; number < kPerLevel; ++number) all.push_back(module_of(level, number, random));
  }
  std::shuffle(all.begin(), all.end(), random);
  std::vector<double> samples;
  for (int round = 0; round < (setup.quick ? 3 : 201); ++round) {
    lc::StartPlan plan;
    plan.modules = all;
    const auto begin = std::chrono::steady_clock::now();
    lc::fit_together(
        {}, false, [](const std::string&) { return false; }, &plan);
    (void)lc::remark_of(plan);
    samples.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    must(lc::status_of(plan.problems));
  }
  rows.push_back(
      {"resolve of 1,000 modules with 10,000 imports in 20 levels", "ms", 20, median(samples), "", "", false});
}

}  // namespace ark::bench
