// A call is the same whichever way it goes.
#include <gmock/gmock.h>

#include "ledger/driver.hpp"
#include "ledger/ledger.hpp"
#include "support/host_client.hpp"

namespace {

using testing::IsEmpty;

class Way : public testing::TestWithParam<const char*> {};

TEST_P(Way, CarriesValuesErrorsGraphsAndCallbacksOfAContractItHasNeverSeen) {
  ark::test::HostedContainer container;
  container.install(JSON_CARRIER);
  container.install(LEDGER_PROVIDER_1_0_0);
  container.install(LEDGER_DRIVER);
  auto driver = container.context().reference<ledger::Driver>();
  EXPECT_THAT(driver->check(GetParam()), IsEmpty());
}

TEST_P(Way, SaysThatNobodyProvidesTheServiceUntilSomebodyDoes) {
  ark::test::HostedContainer container;
  container.install(JSON_CARRIER);
  auto& ctx = container.context();
  auto filter = std::string_view(GetParam()) == "native" ? ark::Filter() : ark::Filter().binding(GetParam());
  auto ledger = ctx.reference<ledger::Ledger>(filter);
  EXPECT_THROW((void)ledger->next(1), ark::ServiceUnavailable);
  EXPECT_THROW((void)ledger->audits(), ark::ServiceUnavailable) << "although audits() is noexcept";
  container.install(LEDGER_PROVIDER_1_0_0);
  EXPECT_EQ(ledger->next(1), 2);
  EXPECT_EQ(ledger->audits(), 2);
  container.uninstall("ledger-provider");
  EXPECT_THROW((void)ledger->next(1), ark::ServiceUnavailable);
}

INSTANTIATE_TEST_SUITE_P(, Way, testing::Values("native", "acme.json", "acme.json-thread"), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
});

TEST(Carrier, ThatIsNotThereReachesNobodyAndWorksOnceItHasCome) {
  ark::test::HostedContainer container;
  container.install(LEDGER_PROVIDER_1_0_0);
  auto ledger = container.context().reference<ledger::Ledger>(ark::Filter().binding("acme.json"));
  EXPECT_THROW((void)ledger->next(1), ark::ServiceUnavailable);
  container.install(JSON_CARRIER);
  EXPECT_EQ(ledger->next(1), 2);
  container.uninstall("json-carrier");
  EXPECT_THROW((void)ledger->next(1), ark::ServiceUnavailable);
}

}  // namespace
