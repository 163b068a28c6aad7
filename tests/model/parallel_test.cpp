// Operations from several threads at once, on the same names and on others: whatever their order was, what they leave
// fits together.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "model/world.hpp"
#include "support/started.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Code;
using ark::container::Container;
using ark::container::Operation;
using ark::container::State;
using ark::test::all_modules;
using ark::test::Key;
using ark::test::scripted;

std::map<std::string, State> states_of(const Container& container) {
  std::map<std::string, State> states;
  for (const auto& module : container.modules()) states[module.name + "-" + module.version] = module.state;
  return states;
}

class ParallelOperations : public testing::Test {
 protected:
  static constexpr int kThreads = 4;
  static const int kOperations;

  void start() {
    ark::container::Options options;
    options.home = temp_ / "home";
    options.start_policy.skip = true;
    container_ = ark::test::start_container(options);
  }

  Operation operation(std::mt19937_64& random) {
    const auto& module = all_modules()[random() % all_modules().size()];
    const auto selector = "scripted-" + module.first + ":" + module.second;
    const auto package = scripted(module.first, module.second);
    switch (random() % 10) {
      case 0:
      case 1:
        return container_->install(package, {random() % 2 == 0, false});
      case 2:
      case 3:
        return container_->replace(package, {});
      case 4:
      case 5:
        return container_->switch_to(selector);
      case 6:
        return container_->start_module(selector);
      case 7:
        return container_->stop_module(selector);
      case 8:
        return container_->uninstall(selector, random() % 2 == 0);
      default: {
        std::lock_guard lock(scripts_mutex_);
        scripts_.tell(module.first + "-" + module.second, "constructor", random() % 2 ? "throw" : "");
        return {};
      }
    }
  }

  /// Each outcome is one that such an operation can have, and says why.
  void count(const Operation& done) {
    const auto code = done.status.code();
    EXPECT_EQ(done.status.ok(), done.status.text().empty()) << done.verb;
    EXPECT_TRUE(code == Code::kOk || code == Code::kNotFound || code == Code::kAlreadyExists ||
                code == Code::kFailedPrecondition || code == Code::kModuleFailed)
        << done.verb << " " << done.subject << ": " << code_name(code) << ": " << done.status.text();
    if (!done.status.ok()) return;
    if (done.verb == "install") ++installed_;
    if (done.verb == "uninstall") ++uninstalled_;
  }

  void work(uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < kOperations; ++i) count(operation(random));
  }

  /// At every moment at most one version of a name is active.
  void look() const {
    std::map<std::string, std::string> active;
    for (const auto& module : container_->modules()) {
      if (module.state != State::kActivated) continue;
      const auto [other, first] = active.emplace(module.name, module.version);
      EXPECT_TRUE(first) << module.name << " " << other->second << " and " << module.version
                         << " are active at the same time";
    }
  }

  ark::test::TempDir temp_;
  std::mutex scripts_mutex_;
  ark::test::Scripts scripts_;  // told with scripts_mutex_ held
  std::unique_ptr<Container> container_;
  std::atomic<size_t> installed_{0}, uninstalled_{0};
};

const int ParallelOperations::kOperations = ark::test::is_sanitized() ? 60 : 250;

TEST_F(ParallelOperations, LeaveWhatTheNextStartFinds) {
  const auto before = ark::test::ProcessFacts::now();
  start();
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::atomic<int> left{kThreads};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      work(seed + static_cast<uint64_t>(i));
      --left;
    });
  }
  while (left > 0) look();
  for (auto& thread : threads) thread.join();

  auto states = states_of(*container_);
  EXPECT_EQ(states.size(), installed_ - uninstalled_) << "a module is lost, or came from nowhere";
  std::set<std::string> packages, listed;
  for (const auto& file : fs::directory_iterator(temp_ / "home/modules")) packages.insert(file.path().stem());
  for (auto& [module, state] : states) {
    listed.insert(module);
    scripts_.tell(module.substr(std::string("scripted-").size()), "constructor", "");
    if (state == State::kBroken) state = State::kStopped;  // it was stopped, and its start failed
  }
  EXPECT_EQ(packages, listed);
  size_t up = 0;
  for (const auto& [module, state] : states) up += state != State::kStopped;
  EXPECT_EQ(ark::test::mapped_files(temp_.path()).size(), up);

  EXPECT_TRUE(container_->stop().status.ok());
  container_.reset();
  EXPECT_TRUE(ark::test::mapped_files(temp_.path()).empty());
  EXPECT_LE(ark::test::ProcessFacts::now().descriptors, before.descriptors);
  start();
  auto again = states_of(*container_);
  for (auto& [module, state] : again) {
    const bool lost_its_server = state == State::kBroken && module.rfind("scripted-client", 0) == 0;
    if (lost_its_server) state = states[module];
  }
  EXPECT_EQ(again, states);
}

}  // namespace
