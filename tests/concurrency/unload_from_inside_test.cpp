// What would have to wait for its own caller is refused at once.
#include <gtest/gtest.h>

#include <functional>

#include "ledger/ledger.hpp"
#include "support/host_client.hpp"

namespace {

using ark::container::Code;
using ark::container::Operation;

/// Runs something on the caller's thread, in the middle of a call to the provider.
class Inside final : public ledger::Listener {
 public:
  std::function<void()> work;
  void on_entry(const ledger::Line&, int64_t) override { work(); }
};

TEST(UnloadFromInside, IsRefusedAsItWouldDeadlockAndWorksOnceTheCallIsOver) {
  ark::test::HostedContainer container;
  container.install(LEDGER_PROVIDER_1_0_0);
  auto provider = container.context().reference<ledger::Ledger>();
  Inside inside;
  auto lent = container.context().lend<ledger::Listener>(inside);
  provider->listen(lent.get());
  auto expect_refused = [&](const char* verb, const std::function<Operation()>& ask) {
    Operation said;
    inside.work = [&] { said = ask(); };
    EXPECT_EQ(provider->notify(1), 1) << verb;
    EXPECT_EQ(said.status.code(), Code::kWouldDeadlock) << verb << ": " << said.status.text();
    EXPECT_NE(said.status.text().find("ledger-provider 1.0.0"), std::string::npos) << said.status.text();
  };
  expect_refused("stop", [&] { return container->stop_module("ledger-provider"); });
  expect_refused("uninstall", [&] { return container->uninstall("ledger-provider", true); });
  expect_refused("replace", [&] { return container->replace(LEDGER_PROVIDER_1_1_0, {false, true}); });
  EXPECT_EQ(provider->next(1), 2) << "nothing has happened to the provider";
  EXPECT_EQ(container->modules().size(), 1u) << "nothing is left of the refused replacement";

  provider->listen({});
  const auto stopped = container->stop_module("ledger-provider");
  EXPECT_TRUE(stopped.status.ok()) << stopped.status.text();
  EXPECT_EQ(container.mapped_generations(), std::vector<std::string>());
}

}  // namespace
