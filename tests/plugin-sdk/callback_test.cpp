// Callbacks: handles on a listener that its owner can take away.
#include <ark/sdk/callback.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acme.hpp"
#include "fake/fake_host.hpp"

namespace {

using acme::Progress;
using ark::Callback;

struct Listener : Progress {
  void at(int32_t percent) override { heard.push_back(percent); }
  int32_t total() noexcept override { return static_cast<int32_t>(heard.size()); }
  std::vector<int32_t> heard;
};

class CallbackHandle : public testing::Test {
 protected:
  ark::test::FakeHost host_;
  ark::Context context_{host_.table(), host_.generation()};
  Listener listener_;
};

TEST_F(CallbackHandle, ReachesTheListenerThroughTheProvider) {
  auto lent = context_.lend<Progress>(listener_);
  acme::Polite polite;
  ark::Reference<acme::Greeter> ref(host_.slot<acme::Greeter>(polite));
  EXPECT_EQ(ref->follow(lent.get()), 1);
  EXPECT_THAT(listener_.heard, testing::ElementsAre(50));
}

TEST_F(CallbackHandle, IsUnavailableOnceItsOwnerHasCancelledIt) {
  auto lent = context_.lend<Progress>(listener_);
  const auto callback = lent.get();
  callback->at(1);
  EXPECT_TRUE(lent.cancel());
  EXPECT_THROW(callback->at(2), ark::ServiceUnavailable);
  EXPECT_THROW(callback->total(), ark::ServiceUnavailable);
  EXPECT_TRUE(callback) << "it is a handle still, that leads nowhere";
  EXPECT_THAT(listener_.heard, testing::ElementsAre(1));
}

TEST_F(CallbackHandle, IsUnavailableOnceItsOwnerIsGone) {
  Callback<Progress> callback;
  {
    auto lent = context_.lend<Progress>(listener_);
    callback = lent.get();
    auto moved = std::move(lent);
    callback->at(1);
  }
  EXPECT_THROW(callback->at(2), ark::ServiceUnavailable);
}

TEST_F(CallbackHandle, EveryCopyCountsAndGivesBack) {
  auto lent = context_.lend<Progress>(listener_);
  auto first = lent.get();
  const auto& holders = static_cast<ark::test::FakeSlot*>(first.slot())->holders;
  EXPECT_EQ(holders, 2);
  {
    auto second = first;
    EXPECT_EQ(holders, 3);
    first = std::move(second);
    EXPECT_FALSE(second);
  }
  EXPECT_EQ(holders, 2);
  first = {};
  EXPECT_EQ(holders, 1);
  EXPECT_FALSE(first);
}

TEST_F(CallbackHandle, AssigningALoanEndsTheOneBefore) {
  Listener other;
  auto lent = context_.lend<Progress>(listener_);
  const auto callback = lent.get();
  lent = context_.lend<Progress>(other);
  EXPECT_THROW(callback->at(1), ark::ServiceUnavailable);
  lent.get()->at(2);
  EXPECT_THAT(other.heard, testing::ElementsAre(2));
}

TEST_F(CallbackHandle, ItsDescriptorReadsAndSetsTheSlot) {
  const auto& type = ark::type_of<Callback<Progress>>();
  EXPECT_EQ(type.kind, ARK_KIND_CALLBACK);
  EXPECT_EQ(type.contract, &ark::contract_of<Progress>());
  auto lent = context_.lend<Progress>(listener_);
  const auto callback = lent.get();
  EXPECT_EQ(type.ops->get(&callback), callback.slot());
  Callback<Progress> other;
  EXPECT_EQ(type.ops->get(&other), nullptr);
  type.ops->share(&other, callback.slot());
  other->at(3);
  EXPECT_EQ(static_cast<ark::test::FakeSlot*>(callback.slot())->holders, 3);
  EXPECT_THAT(listener_.heard, testing::ElementsAre(3));
}

}  // namespace
