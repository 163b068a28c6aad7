// Who drives the container, and who asks how its modules are, while they come and go.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/host_client.hpp"
#include "support/scripts.hpp"

namespace {

using ark::test::HostContext;
using ark::test::scripted;

const ark::InstallOptions kTransient = ark::InstallOptions().transient();

class Driven : public testing::Test {
 protected:
  ark::test::Scripts scripts_;
  ark::test::HostedContainer container_;
};

/// What a callback was told, for one operation.
struct Told {
  std::atomic<int> times{0};
  std::atomic<bool> ok{false};
  void wait() const {
    while (times == 0) std::this_thread::yield();
  }
};

TEST_F(Driven, ByManyAtOnceWhileItsModulesAreAsked) {
  std::atomic<bool> over{false};
  std::atomic<int> callbacks{0};
  std::thread asker([&] {
    while (!over) (void)container_->health();
  });
  std::vector<std::thread> drivers;
  for (const std::string name : {"one", "two", "three"}) {
    drivers.emplace_back([&, name] {
      HostContext client(*container_, "driver-" + name);
      const auto operations = client->operations();
      for (int round = 0; round < 15; ++round) {
        EXPECT_TRUE(operations.install(scripted(name), kTransient).ok());
        Told told;
        {
          const auto replaced = operations.replace(scripted(name, "1.1.0"), kTransient, [&](const ark::Outcome& outcome) {
            told.ok = outcome.ok();
            ++told.times;
            ++callbacks;
          });
          told.wait();
        }
        EXPECT_TRUE(told.ok);
        EXPECT_EQ(told.times, 1);
        (void)operations.modules();
        EXPECT_TRUE(operations.uninstall("scripted-" + name).ok());
      }
    });
  }
  for (auto& driver : drivers) driver.join();
  over = true;
  asker.join();
  EXPECT_EQ(callbacks, 45);
}

TEST_F(Driven, ByOneThatGoesWhileItsOperationsAreUnderWay) {
  for (int round = 0; round < 40; ++round) {
    auto told = std::make_unique<Told>();
    {
      HostContext client(*container_, "driver");
      auto pending = client->operations().install(scripted("one"), kTransient,
                                                  [&told = *told](const ark::Outcome&) { ++told.times; });
      if (round % 2) told->wait();
      if (round % 3 == 0) pending.forget();
    }
    if (round % 2) {
      EXPECT_EQ(told->times, 1);
    }
    told.reset();  // a callback that comes now would touch it
    HostContext next(*container_, "next");
    (void)next->operations().uninstall("scripted-one");
  }
}

}  // namespace
