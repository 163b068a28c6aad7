// Each example does what its page says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <acme/audit.hpp>
#include <acme/greeter.hpp>
#include <acme/orders.hpp>
#include <filesystem>
#include <optional>

#include "running_examples.hpp"

namespace {

using ark::test::eventually;
using ark::test::RunningExamples;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Hello, SaysHelloAndGoodbyeAndLeavesNothing) {
  RunningExamples examples({HELLO});
  EXPECT_THAT(examples.log(), ElementsAre("hello 1.0.0: hello"));
  EXPECT_GT(RunningExamples::mappings("hello-1.0.0"), 0u);
  ASSERT_TRUE(examples->uninstall("hello", false).status.ok());
  EXPECT_THAT(examples.log(), ElementsAre("hello 1.0.0: hello", "hello 1.0.0: goodbye"));
  EXPECT_EQ(RunningExamples::mappings("hello-1.0.0"), 0u);
}

TEST(Greeter, GreetsAndCounts) {
  RunningExamples examples({GREETER});
  auto greeter = examples.context().reference<acme::Greeter>();
  EXPECT_EQ(greeter->greet("Ada"), "Hello, Ada!");
  EXPECT_EQ(greeter->greet("Grace"), "Hello, Grace!");
  EXPECT_EQ(greeter->count(), 2);
}

TEST(Orders, TakesAnOrderAndGreetsTheCustomer) {
  RunningExamples examples({GREETER, ORDERS_1_0});
  auto orders = examples.context().reference<acme::OrderService>();
  const auto receipt = orders->place({"Ada", {{"bolt", 3}, {"nut", 4}}});
  EXPECT_EQ(receipt.number, 1);
  EXPECT_EQ(receipt.total_cents, 7 * 250);
  EXPECT_EQ(receipt.message, "Hello, Ada!");
  EXPECT_EQ(orders->placed(), 1);
  EXPECT_EQ(orders->version(), "1.0.0");
}

TEST(Orders, SaysWhatIsOutOfStockByAnErrorOfItsContract) {
  RunningExamples examples({GREETER, ORDERS_1_0});
  auto orders = examples.context().reference<acme::OrderService>();
  try {
    orders->place({"Ada", {{"bolt", 1}, {"nut", 1001}}});
    FAIL() << "1001 nuts were sold out of 1000";
  } catch (const acme::OutOfStock& e) {
    EXPECT_EQ(e.sku, "nut");
    EXPECT_EQ(e.left, 1000);
  }
  EXPECT_EQ(orders->placed(), 0) << "an order that was refused is counted";
}

TEST(Orders, IsRefusedWithoutAGreeter) {
  RunningExamples examples({});
  const auto refused = examples->install(ORDERS_1_0, {false, true});
  EXPECT_FALSE(refused.status.ok());
  EXPECT_THAT(refused.status.text(), HasSubstr("com.acme.Greeter"));
}

TEST(Orders, OfTheNextVersionServesACallerThatWasBuiltForTheFirst) {
  RunningExamples examples({GREETER, ORDERS_1_0});
  auto orders = examples.context().reference<acme::OrderService>();
  const acme::Order order{"Ada", {{"bolt", 1}}};
  EXPECT_EQ(orders->place(order).total_cents, 250);
  examples.replace(ORDERS_1_1);
  EXPECT_EQ(orders->version(), "1.1.0");
  EXPECT_EQ(orders->placed(), 0) << "the new version has come with the counter of the old";
  EXPECT_EQ(orders->place(order).total_cents, 250 + 490) << "the new version charges for shipping";
  EXPECT_THROW(orders->place({"Ada", {{"bolt", 1001}}}), acme::OutOfStock);
  EXPECT_EQ(RunningExamples::mappings("orders-1.0.0"), 0u);
  EXPECT_GT(RunningExamples::mappings("orders-1.1.0"), 0u);
}

TEST(Audit, LosesNoCallWhileOrdersIsReplaced) {
  RunningExamples examples({GREETER, ORDERS_1_0, AUDIT});
  auto audit = examples.context().reference<acme::Audit>();
  const auto calls_of = [&](const std::string& version) { return audit->report().calls_by_version[version]; };
  ASSERT_TRUE(eventually([&] { return calls_of("1.0.0") > 1000; }));
  examples.replace(ORDERS_1_1);
  ASSERT_TRUE(eventually([&] { return calls_of("1.1.0") > 1000; }));
  const auto report = audit->report();
  EXPECT_EQ(report.failed, 0) << report.last_failure;
  EXPECT_EQ(report.calls, report.calls_by_version.at("1.0.0") + report.calls_by_version.at("1.1.0"));
  examples.stop();
  EXPECT_THAT(examples.log().back(),
              testing::MatchesRegex("audit 1.0.0: audit: [0-9]+ calls, 0 failed calls; answered by "
                                    "1.0.0 \\([0-9]+\\) 1.1.0 \\([0-9]+\\)"));
}

TEST(Audit, CountsTheCallsThatFail) {
  RunningExamples examples({GREETER, ORDERS_1_0, AUDIT});
  auto audit = examples.context().reference<acme::Audit>();
  ASSERT_TRUE(eventually([&] { return audit->report().calls > 0; }));
  ASSERT_TRUE(examples->uninstall("orders", true).status.ok());
  ASSERT_TRUE(eventually([&] { return audit->report().failed > 0; }));
  EXPECT_THAT(audit->report().last_failure, HasSubstr("com.acme.OrderService"));
}

TEST(Audit, KeepsOrdersFromBeingUninstalled) {
  RunningExamples examples({GREETER, ORDERS_1_0, AUDIT});
  const auto refused = examples->uninstall("orders", false);
  EXPECT_FALSE(refused.status.ok());
  EXPECT_THAT(refused.status.text(), HasSubstr("audit 1.0.0"));
}

TEST(Warmup, InitialisesInOrderOnceTheContainerHasStarted) {
  RunningExamples examples({WARMUP, GREETER, ORDERS_1_0});
  EXPECT_THAT(examples.log(),
              ElementsAre("warmup 1.0.0: constructed; nothing is warm yet",
                          "warmup 1.0.0: ContainerStarted, first: the cache is warm; the version of orders is 1.0.0",
                          "warmup 1.0.0: ContainerStarted, second: the door is open, with orders 1.0.0"));
}

TEST(Warmup, InstalledLaterIsToldOnceAllTheSame) {
  RunningExamples examples({});
  examples.install(WARMUP);
  EXPECT_THAT(examples.log(),
              ElementsAre("warmup 1.0.0: constructed; nothing is warm yet",
                          "warmup 1.0.0: ContainerStarted, first: the cache is warm; the version of orders is none",
                          "warmup 1.0.0: ContainerStarted, second: the door is open, with orders none"));
}

/// caretaker, with these packages in its data folder.
class Caretaker : public testing::Test {
 protected:
  void start(std::vector<std::filesystem::path> packages) {
    examples_.emplace(std::vector<std::filesystem::path>{});
    const auto folder = (*examples_)->home() / "data/caretaker";
    std::filesystem::create_directories(folder);
    for (const auto& package : packages) std::filesystem::copy(package, folder);
    examples_->install(CARETAKER);
  }
  std::string health() {
    const auto info = (*examples_)->health("caretaker");
    return info.ok() ? std::string(ark::container::health_name(info->health)) + " " + info->text : info.status().text();
  }
  std::optional<RunningExamples> examples_;
};

TEST_F(Caretaker, InstallsWhatLiesInItsFolderAndKeepsItFromBeingStopped) {
  start({HELLO});
  ASSERT_TRUE(eventually([&] { return examples_->log().size() > 1; }));
  EXPECT_THAT(examples_->log(), testing::UnorderedElementsAre("hello 1.0.0: hello", "caretaker 1.0.0: looks after hello 1.0.0"));
  EXPECT_EQ(health(), "up ");
  const auto refused = (*examples_)->stop_module("hello");
  EXPECT_THAT(refused.status.text(), HasSubstr("caretaker looks after it; --force if it is meant"));
  EXPECT_TRUE((*examples_)->stop_module("hello", true).status.ok());
}

TEST_F(Caretaker, IsDegradedIfItCannotInstallOne) {
  start({ORDERS_1_0});
  ASSERT_TRUE(eventually([&] { return !examples_->log().empty(); }));
  EXPECT_THAT(health(), testing::AllOf(testing::StartsWith("degraded "), HasSubstr("com.acme.Greeter")));
}

}  // namespace
