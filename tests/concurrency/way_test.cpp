// A call is the same whichever way it goes.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "ledger/driver.hpp"
#include "ledger/ledger.hpp"
#include "support/host_client.hpp"

namespace other {

/// The ledger as somebody else has written it down: other order, other C++ types of the same shape, and no errors
/// named.
class Ledger {
 public:
  virtual ~Ledger() = default;
  virtual int64_t length(std::string text) = 0;
  virtual void fail(int32_t how) = 0;
  virtual int64_t next(int64_t n) = 0;
  virtual int64_t unheard_of() = 0;
};

}  // namespace other

ARK_CONTRACT(other::Ledger, "com.acme.ledger.Ledger", "1.0", length, fail, next, unheard_of)

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

/// The error that `call` ends with.
template <class Call>
ark::ServiceError error_of(const Call& call) {
  try {
    call();
  } catch (const ark::ServiceError& error) {
    return error;
  }
  ADD_FAILURE() << "the call has not failed";
  return ark::ServiceError(ARK_CALL_OK, "", "");
}

TEST(Carrier, ServesACallerWithAnotherLayoutByNamesAndShapes) {
  ark::test::HostedContainer container;
  container.install(JSON_CARRIER);
  container.install(LEDGER_PROVIDER_1_0_0);
  auto native = container.context().reference<other::Ledger>();
  EXPECT_THROW((void)native->next(1), ark::ServiceUnavailable) << "in process it would call another function";
  auto ledger = container.context().reference<other::Ledger>(ark::Filter().binding("acme.json"));
  EXPECT_EQ(ledger->length("four"), 4);
  EXPECT_EQ(ledger->next(1), 2);
  const auto unlisted = error_of([&] { ledger->fail(static_cast<int32_t>(ledger::Failure::kListed)); });
  EXPECT_EQ(unlisted.kind(), ARK_CALL_FAILED);
  EXPECT_EQ(unlisted.type(), "com.acme.ledger.OutOfStock");
  const auto unheard_of = error_of([&] { (void)ledger->unheard_of(); });
  EXPECT_EQ(unheard_of.kind(), ARK_CALL_PROTOCOL);
  EXPECT_THAT(unheard_of.text(), testing::HasSubstr("no method 'unheard_of'"));
  EXPECT_EQ(ledger->next(2), 3) << "and goes on serving";
}

TEST(Carrier, RefusesWhatItsWireCannotCarryAndGoesOnServing) {
  ark::test::HostedContainer container;
  container.install(JSON_CARRIER);
  container.install(LEDGER_PROVIDER_1_0_0);
  auto ledger = container.context().reference<ledger::Ledger>(ark::Filter().binding("acme.json"));
  EXPECT_EQ(error_of([&] { (void)ledger->length("\xff is no UTF-8"); }).kind(), ARK_CALL_PROTOCOL);
  ledger::Everything deep{};
  for (int i = 0; i < 1000; ++i) {
    auto node = ark::Shared<ledger::Node>::make();
    node->next = deep.graph;
    deep.graph = node;
  }
  const auto too_deep = error_of([&] { (void)ledger->echo(deep); });
  EXPECT_EQ(too_deep.kind(), ARK_CALL_PROTOCOL);
  EXPECT_THAT(too_deep.text(), testing::HasSubstr("nested deeper"));
  EXPECT_EQ(ledger->next(1), 2);
}

}  // namespace
