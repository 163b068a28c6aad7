// Everything that a constructor registers appears in one step, after the constructor has returned.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "batch/batch.hpp"
#include "support/host_client.hpp"

namespace {

constexpr size_t kAll = batch::kItems;

/// Notes, from the middle of the module's constructor and handler, how many of its services others can see.
class Gate final : public batch::Gate {
 public:
  explicit Gate(ark::test::HostedContainer& container) : container_(container) {}
  void in_constructor() override { note(&during_construction); }
  void in_handler() override { note(&in_handlers); }
  size_t visible() { return container_.context().references<batch::Item>().size(); }

  std::vector<size_t> during_construction, in_handlers;

 private:
  void note(std::vector<size_t>* seen) { seen->push_back(visible()); }
  ark::test::HostedContainer& container_;
};

/// Look-ups of another thread, all the time.
class Sampler {
 public:
  explicit Sampler(Gate& gate)
      : thread_([this, &gate] {
          while (!end_) {
            counts_.insert(gate.visible());
            ++samples_;
          }
        }) {}
  /// What look-ups have found, once more than `samples` have been made in all.
  std::set<size_t> stop() {
    end_ = true;
    thread_.join();
    return counts_;
  }
  void await_some() {
    const auto enough = samples_ + 10;
    while (samples_ < enough) std::this_thread::yield();
  }

 private:
  std::atomic<bool> end_{false};
  std::atomic<int64_t> samples_{0};
  std::set<size_t> counts_;
  std::thread thread_;
};

TEST(Activation, ShowsEverythingOfAConstructorInOneStep) {
  ark::test::HostedContainer container;
  Gate gate(container);
  auto published = container.context().publish<batch::Gate>(gate);
  std::mutex mutex;
  std::vector<std::string> notices;
  auto watch = container.context().watch<batch::Item>(
      [&](const ark::Service<batch::Item>& service) {
        std::lock_guard lock(mutex);
        notices.push_back("+" + std::string(service.info().unique_id));
      },
      [&](const ark::ServiceInfo& info) {
        std::lock_guard lock(mutex);
        notices.push_back("-" + std::string(info.unique_id));
      });
  Sampler sampler(gate);
  for (int round = 0; round < 20; ++round) {
    sampler.await_some();
    container.install(BATCH);
    EXPECT_EQ(gate.visible(), kAll);
    sampler.await_some();
    container.uninstall("batch");
    EXPECT_EQ(gate.visible(), 0u);
  }
  const auto seen = sampler.stop();
  EXPECT_EQ(seen, (std::set<size_t>{0, kAll}))
      << "a look-up has seen some services of a constructor without the others";
  EXPECT_EQ(gate.during_construction, std::vector<size_t>(20 * kAll, 0))
      << "a service was visible before its constructor had returned";
  EXPECT_EQ(gate.in_handlers, std::vector<size_t>(20, kAll))
      << "ContainerStarted reached a handler before its module was live, or not once";
}

}  // namespace
