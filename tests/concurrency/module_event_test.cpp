// Events that packed modules fire and hear, while either is replaced. Number 17: SOFAArk never calls a handler of a
// type of its own module.
#include <gmock/gmock.h>

#include <stock/stock.hpp>
#include <thread>

#include "support/host_client.hpp"
#include "support/process_facts.hpp"

namespace {

using ark::container::Code;
using testing::HasSubstr;

class ModuleEvents : public testing::Test {
 protected:
  /// Handlers run some time after the event was fired.
  void expect_heard(int64_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (audit_->heard() < count && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_EQ(audit_->heard(), count);
  }

  ark::test::HostedContainer container_;
  ark::Reference<stock::Shop> shop_ = container_.context().reference<stock::Shop>();
  ark::Reference<stock::Audit> audit_ = container_.context().reference<stock::Audit>();
};

TEST_F(ModuleEvents, GoFromOnePackedModuleToAnotherByTheModulesOwnType_Number17) {
  container_.install(STOCK_AUDIT_1_0_0);
  container_.install(STOCK_SHOP_1_0_0);
  expect_heard(1);
  EXPECT_EQ(audit_->last(), "from the constructor 0");
  EXPECT_EQ(shop_->sell("4711", 3), 3u);
  expect_heard(4);
  EXPECT_EQ(audit_->last(), "4711 0");
}

TEST_F(ModuleEvents, ThatNobodyHearsGoNowhere) {
  container_.install(STOCK_SHOP_1_0_0);
  EXPECT_EQ(shop_->sell("4711", 3), 0u);
}

TEST_F(ModuleEvents, OfAnotherLayoutKeepTheListenerFromStartingAndSayTheFirstDifference) {
  container_.install(STOCK_SHOP_1_0_0);
  const auto refused = container_->install(STOCK_AUDIT_OF_TOMORROW, {false, true});
  EXPECT_EQ(refused.status.code(), Code::kModuleFailed);
  EXPECT_THAT(
      refused.status.text(),
      HasSubstr("com.acme.StockLow.left: type is i64 for stock-audit-of-tomorrow 1.0.0, i32 for stock-shop 1.0.0"));
  EXPECT_EQ(shop_->sell("4711", 1), 0u) << "nothing of it is left";
}

TEST_F(ModuleEvents, AreFiredWhileSenderAndListenerAreReplacedAndNothingStays) {
  container_.install(STOCK_AUDIT_1_0_0);
  container_.install(STOCK_SHOP_1_0_0);
  const int rounds = ark::test::is_sanitized() ? 20 : 100;
  for (int i = 0; i < rounds; ++i) {
    shop_->sell_for_ever();
    const bool even = i % 2 == 0;
    const auto audit = container_->replace(even ? STOCK_AUDIT_1_1_0 : STOCK_AUDIT_1_0_0, {false, true});
    ASSERT_TRUE(audit.status.ok()) << audit.status.text();
    const auto shop = container_->replace(even ? STOCK_SHOP_1_1_0 : STOCK_SHOP_1_0_0, {false, true});
    ASSERT_TRUE(shop.status.ok()) << shop.status.text();
  }
  EXPECT_EQ(container_.mapped_generations(), container_.expected_generations());
  const auto before = audit_->heard();
  EXPECT_EQ(shop_->sell("4711", 1), 1u);
  expect_heard(before + 1);
}

}  // namespace
