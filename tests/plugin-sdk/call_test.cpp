// Calls through references: pins, taps, errors, and what a caller sees of noexcept methods.
#include <ark/sdk/service.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <type_traits>

#include "acme.hpp"
#include "fake/fake_host.hpp"

namespace {

using acme::Greeter;
using ark::Reference;
using ark::test::FakeHost;
using ark::test::FakeSlot;
using ark::test::outermost_pin_of_this_thread;
using ark::test::pins_of_this_thread;
using testing::HasSubstr;

class Call : public testing::Test {
 protected:
  ~Call() override { EXPECT_EQ(pins_of_this_thread(), 0u) << "a pin was left behind"; }

  /// Fails with what the test wants, as seen by the caller.
  template <class Throw>
  void expect_service_error(Throw throwing, const char* type, const char* text) {
    polite_.fail = throwing;
    try {
      ref_->greet("x");
      ADD_FAILURE() << "nothing was thrown";
    } catch (const ark::ServiceUnavailable&) {
      ADD_FAILURE() << "thrown as ServiceUnavailable";
    } catch (const ark::ServiceError& error) {
      EXPECT_EQ(error.kind(), ARK_CALL_FAILED);
      EXPECT_EQ(error.type(), type);
      EXPECT_EQ(error.text(), text);
      EXPECT_EQ(error.provider(), "orders 1.0.0");
    }
  }

  FakeHost host_;
  acme::Polite polite_;
  FakeSlot* slot_ = host_.slot<Greeter>(polite_);
  Reference<Greeter> ref_{slot_};
};

TEST_F(Call, ReachesTheProviderWithEveryKindOfArgument) {
  EXPECT_EQ(ref_->greet("you"), "hello you");
  EXPECT_EQ(ref_->add(2, 3), 5);
  EXPECT_EQ(ref_->last(), "you");
  ref_->forget("you");
  EXPECT_EQ(ref_->last(), "");
  EXPECT_EQ(ref_->lines({{"pen", 2}}, acme::Size::kLarge).at(0).count, 14);
}

TEST_F(Call, PinsTheEntryWhileItRuns) {
  uint32_t pins = 0;
  const ark_entry_t* pinned = nullptr;
  polite_.fail = [&] {
    pins = pins_of_this_thread();
    pinned = outermost_pin_of_this_thread();
  };
  ref_->greet("x");
  EXPECT_EQ(pins, 1u);
  EXPECT_EQ(pinned, &slot_->own);
  EXPECT_EQ(outermost_pin_of_this_thread(), nullptr);
}

TEST_F(Call, InsideCallsPinsDeeperThanTheRecordHasCells) {
  int left = 3 * ARK_RECORD_CELLS;
  uint32_t deepest = 0;
  polite_.fail = [&] {
    deepest = std::max(deepest, pins_of_this_thread());
    if (--left > 0) ref_->greet("deeper");
  };
  ref_->greet("x");
  EXPECT_EQ(deepest, 3u * ARK_RECORD_CELLS);
}

TEST_F(Call, WorksOnAThreadThatTheContainerHasNotSeen) {
  std::string greeting;
  std::thread([&] { greeting = ref_->greet("thread"); }).join();
  EXPECT_EQ(greeting, "hello thread");
}

TEST_F(Call, WithoutAProviderThrowsServiceUnavailable) {
  slot_->entry = nullptr;
  EXPECT_FALSE(ref_.available());
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const ark::ServiceUnavailable& error) {
    EXPECT_THAT(error.what(), HasSubstr("com.acme.Greeter"));
  }
  slot_->entry = &slot_->own;
  EXPECT_TRUE(ref_.available());
  EXPECT_EQ(ref_->greet("x"), "hello x");
}

TEST_F(Call, OfANoexceptMethodThrowsWhenNobodyProvidesIt) {
  slot_->entry = nullptr;
  EXPECT_THROW(ref_->count(), ark::ServiceUnavailable);
  EXPECT_THROW(ref_->reset(), ark::ServiceUnavailable);
}

TEST_F(Call, ThrowsTheContractsOwnErrors) {
  polite_.fail = [] { throw acme::OutOfStock("pens"); };
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const acme::OutOfStock& error) {
    EXPECT_EQ(error.item, "pens");
  }
  polite_.fail = [] { throw acme::Closed(); };
  EXPECT_THROW(ref_->greet("x"), acme::Closed);
}

TEST_F(Call, ThrowsAServiceErrorForWhateverElseTheProviderThrew) {
  expect_service_error([] { throw std::invalid_argument("bad name"); }, "std::invalid_argument", "bad name");
  expect_service_error([] { throw 7; }, "int", "not a std::exception");
}

TEST_F(Call, ThatReachedAProviderIsNoServiceUnavailableIfTheProvidersOwnCallFoundNobody) {
  expect_service_error([] { throw ark::ServiceUnavailable("nobody provides Stock"); }, "ark::ServiceUnavailable",
                       "nobody provides Stock");
  auto* nobody = host_.slot(ark::contract_of<Greeter>(), nullptr);
  nobody->entry = nullptr;
  Reference<Greeter> inner(nobody);
  polite_.fail = [&] { inner->greet("y"); };
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const ark::ServiceUnavailable&) {
    FAIL() << "who tries again would do the provider's work twice";
  } catch (const ark::ServiceError& error) {
    EXPECT_EQ(error.type(), "ark::ServiceUnavailable");
    EXPECT_EQ(error.provider(), "orders 1.0.0");
  }
}

TEST_F(Call, ThrownErrorsDieWhileTheirProviderIsPinned) {
  static uint32_t pins_at_death;
  struct Private : std::exception {
    ~Private() override { pins_at_death = pins_of_this_thread(); }
  };
  pins_at_death = 0;
  polite_.fail = [] { throw Private(); };
  EXPECT_THROW(ref_->greet("x"), ark::ServiceError);
  EXPECT_EQ(pins_at_death, 1u);
}

TEST_F(Call, LetsForcedUnwindingPassAndUnpins) {
  polite_.fail = [] { pthread_exit(nullptr); };
  struct Seen {
    Reference<Greeter>& ref;
    bool returned = false;
  } seen{ref_};
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* seen) -> void* {
                  static_cast<Seen*>(seen)->ref->greet("x");
                  static_cast<Seen*>(seen)->returned = true;
                  return nullptr;
                },
                &seen),
            0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_FALSE(seen.returned);
}

TEST_F(Call, FollowsTheSlotToAnotherProvider) {
  acme::Polite other;
  ref_->greet("one");
  ark_entry_t entry{static_cast<Greeter*>(&other), host_.generation(), &ark::contract_of<Greeter>(), 0, 0};
  slot_->entry = &entry;
  ref_->greet("two");
  EXPECT_EQ(polite_.last(), "one");
  EXPECT_EQ(other.last(), "two");
}

// ---- taps ----

struct Tap : ark_tap_t {
  explicit Tap(void (*function)(ark_tap_t*, ark_call_t*, void*)) : ark_tap_t{function} {}
  int calls = 0;
  uint32_t method = 0;
};

void pass_on(ark_tap_t* self, ark_call_t* call, void* target) {
  auto& tap = *static_cast<Tap*>(self);
  ++tap.calls;
  tap.method = call->method;
  call->contract->invoke(target, call->method, call->args, call->result, call->error);
}

TEST_F(Call, GoesThroughTheTapIfThereIsOne) {
  Tap tap(pass_on);
  slot_->tap = &tap;
  EXPECT_EQ(ref_->greet("you"), "hello you");
  EXPECT_EQ(tap.method, 0u);
  EXPECT_EQ(ref_->add(1, 2), 3);
  EXPECT_EQ(tap.method, 1u);
  ref_->reset();
  EXPECT_EQ(ref_->count(), 0);
  EXPECT_EQ(ref_->lines({{"pen", 2}}, acme::Size::kSmall).size(), 1u);
  EXPECT_EQ(tap.calls, 5);
}

TEST_F(Call, ThroughATapThrowsTheSameErrors) {
  Tap tap(pass_on);
  slot_->tap = &tap;
  polite_.fail = [] { throw acme::OutOfStock("pens"); };
  EXPECT_THROW(ref_->greet("x"), acme::OutOfStock);
  expect_service_error([] { throw std::runtime_error("no"); }, "std::runtime_error", "no");
}

TEST_F(Call, MayBeRefusedByATap) {
  Tap tap([](ark_tap_t*, ark_call_t* call, void*) { ark::fail_call(call->error, ARK_CALL_DEADLINE, "", "too late"); });
  slot_->tap = &tap;
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const ark::ServiceError& error) {
    EXPECT_EQ(error.kind(), ARK_CALL_DEADLINE);
    EXPECT_STREQ(error.what(), "too late");
  }
  EXPECT_EQ(polite_.last(), "");
}

// ---- several calls of one provider ----

TEST_F(Call, ThroughALockStaysWithItsProvider) {
  acme::Polite other;
  ark_entry_t entry{static_cast<Greeter*>(&other), host_.generation(), &ark::contract_of<Greeter>(), 0, 0};
  {
    auto locked = ref_.try_lock();
    ASSERT_TRUE(locked);
    EXPECT_EQ(pins_of_this_thread(), 1u);
    locked->greet("one");
    slot_->entry = &entry;
    locked->greet("two");
    ref_->greet("elsewhere");
  }
  EXPECT_EQ(polite_.last(), "two");
  EXPECT_EQ(other.last(), "elsewhere");
}

TEST_F(Call, ALockOfNobodyIsEmptyAndSaysSo) {
  slot_->entry = nullptr;
  auto locked = ref_.try_lock();
  EXPECT_FALSE(locked);
  EXPECT_THROW(locked->greet("x"), ark::ServiceUnavailable);
}

TEST_F(Call, ALockThrowsErrorsAsAReferenceDoes) {
  polite_.fail = [] { throw acme::OutOfStock("pens"); };
  auto locked = ref_.try_lock();
  EXPECT_THROW(locked->greet("x"), acme::OutOfStock);
  EXPECT_EQ(pins_of_this_thread(), 1u);
}

// ---- the handle ----

TEST_F(Call, AReferenceGivesItsSlotBackOnce) {
  EXPECT_EQ(slot_->holders, 1);
  {
    Reference<Greeter> moved = std::move(ref_);
    EXPECT_EQ(moved->add(1, 1), 2);
    acme::Polite other;
    auto* second = host_.slot<Greeter>(other);
    Reference<Greeter> assigned(second);
    assigned = std::move(moved);
    EXPECT_EQ(second->holders, 0);
    EXPECT_EQ(slot_->holders, 1);
  }
  EXPECT_EQ(slot_->holders, 0);
}

static_assert(!std::is_copy_constructible_v<Reference<Greeter>>);
static_assert(!std::is_move_constructible_v<ark::Locked<Greeter>>, "a lock stays on its thread's stack");
static_assert(!noexcept(std::declval<Reference<Greeter>&>()->count()),
              "reaching the provider of a noexcept method can fail");

}  // namespace
