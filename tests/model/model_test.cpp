// The container and a model of it, taken through the same operations with modules that throw, hang, exit and end their
// threads: after each they agree on the outcome, on every module's state, on what is installed and on what is mapped.
//
//   ARK_MODEL_SEED=N         repeats a run
//   ARK_MODEL_OPERATIONS=N   of the long sequence, 500 if not said
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "model/world.hpp"

namespace {

using ark::test::all_modules;
using ark::test::Fault;
using ark::test::Key;
using ark::test::Place;
using ark::test::Step;
using ark::test::Verb;
using ark::test::Way;
using ark::test::World;

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Steps at random, the same for the same seed.
class Steps {
 public:
  explicit Steps(uint64_t seed) : random_(seed) {}

  Step next() {
    static const Verb verbs[] = {Verb::kInstall, Verb::kInstall,   Verb::kInstall,   Verb::kInstall, Verb::kInstall,
                                 Verb::kReplace, Verb::kReplace,   Verb::kSwitch,    Verb::kSwitch,  Verb::kSwitch,
                                 Verb::kStart,   Verb::kStart,     Verb::kStart,     Verb::kStop,    Verb::kStop,
                                 Verb::kStop,    Verb::kUninstall, Verb::kUninstall, Verb::kRestart, Verb::kCrash};
    Step step;
    step.verb = verbs[below(std::size(verbs))];
    step.module = any_module();
    const bool is_package = step.verb == Verb::kInstall || step.verb == Verb::kReplace;
    const bool is_start = step.verb == Verb::kRestart || step.verb == Verb::kCrash;
    step.switch_to = step.verb == Verb::kInstall && below(3) == 0;
    step.transient = is_package && below(4) == 0;
    step.force = (step.verb == Verb::kUninstall || step.verb == Verb::kStop) && below(2) == 0;
    step.name_only = !is_package && !is_start && below(6) == 0;
    step.several = is_start && below(5) == 0;
    if (below(4) == 0) step.fault = fault(step, is_package);
    return step;
  }

 private:
  uint64_t below(uint64_t end) { return random_() % end; }
  Key any_module() { return all_modules()[below(all_modules().size())]; }

  /// Those that cost a thread, or a second, are rare.
  Fault fault(const Step& step, bool is_package) {
    if (is_package && below(10) == 0) return {Place::kPackage, below(2) ? Way::kIsMissing : Way::kIsDamaged, {}};
    static const Place places[] = {Place::kConstructor, Place::kConstructor, Place::kConstructor,
                                   Place::kDestructor,  Place::kDestructor,  Place::kHandler,
                                   Place::kHealth,      Place::kHealth};
    Fault fault{places[below(std::size(places))], Way::kThrows, below(3) ? step.module : any_module()};
    const auto dice = below(100);
    if (dice < 3)
      fault.way = Way::kHangs;
    else if (dice < 13)
      fault.way = Way::kExits;
    else if (dice < 25 && fault.place != Place::kDestructor)
      fault.way = Way::kEndsThread;
    return fault;
  }

  std::mt19937_64 random_;
};

/// False once they differ; then it has said how they came to it.
bool agree(World& world, const std::vector<Step>& steps) {
  const auto differences = world.apply(steps.back());
  if (differences.empty()) return true;
  std::string text;
  for (const auto& difference : differences) text += difference + "\n";
  text += "after\n";
  constexpr size_t kShown = 60;
  for (size_t i = steps.size() > kShown ? steps.size() - kShown : 0; i < steps.size(); ++i)
    text += "  " + steps[i].text() + "\n";
  ADD_FAILURE() << text;
  return false;
}

bool run_sequence(uint64_t seed, uint64_t operations) {
  SCOPED_TRACE("ARK_MODEL_SEED=" + std::to_string(seed));
  World world;
  Steps random(seed);
  std::vector<Step> steps;
  for (uint64_t i = 0; i < operations; ++i) {
    steps.push_back(random.next());
    if (!agree(world, steps)) return false;
  }
  steps.emplace_back().verb = Verb::kRestart;
  return agree(world, steps);
}

uint64_t seed() {
  const auto seed = number_from_environment("ARK_MODEL_SEED", std::random_device()());
  std::printf("ARK_MODEL_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

TEST(Model, AgreesWithTheContainerOverOneLongSequence) {
  EXPECT_TRUE(run_sequence(seed(), number_from_environment("ARK_MODEL_OPERATIONS", 500)));
}

TEST(Model, AgreesWithTheContainerOverManyShortSequences) {
  const auto first = seed();
  for (uint64_t i = 0; i < 200; ++i) ASSERT_TRUE(run_sequence(first + i, 12));
}

// ---- what was found so

Step step(Verb verb, const Key& module = {}) {
  Step step;
  step.verb = verb;
  step.module = module;
  return step;
}

Step restart(bool several) {
  auto restart = step(Verb::kRestart);
  restart.several = several;
  return restart;
}

void expect_agreement(const std::vector<Step>& all) {
  World world;
  std::vector<Step> steps;
  for (const auto& one : all) {
    steps.push_back(one);
    if (!agree(world, steps)) return;
  }
}

TEST(Model, RemembersASwitchWhereSeveralMayBeActive) {
  expect_agreement({step(Verb::kInstall, {"one", "1.0.0"}), step(Verb::kInstall, {"one", "1.1.0"}), restart(true),
                    step(Verb::kSwitch, {"one", "1.1.0"}), restart(true)});
}

TEST(Model, HasOneActiveVersionWhereSeveralMayBeActiveNoMore) {
  expect_agreement({step(Verb::kInstall, {"one", "1.0.0"}), step(Verb::kInstall, {"one", "1.1.0"}),
                    step(Verb::kInstall, {"one", "1.2.0"}), restart(true), step(Verb::kStop, {"one", "1.1.0"}),
                    step(Verb::kStart, {"one", "1.1.0"}), restart(true), restart(false)});
}

}  // namespace
