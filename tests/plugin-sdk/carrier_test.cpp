// Calls that are carried: by a carrier of this test that knows descriptors only, to a provider behind a slot of its
// own.
#include <ark/sdk/carrier.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "acme.hpp"
#include "fake/copy_value.hpp"
#include "fake/fake_host.hpp"

namespace {

using acme::Greeter;
using ark::test::FakeHost;
using ark::test::ValueCopier;
using testing::HasSubstr;

/// Copies arguments and results instead of writing them to a wire.
class CopyingCarrier : public ark_carrier_t {
 public:
  explicit CopyingCarrier(const ark_slot_t* provider)
      : ark_carrier_t{sizeof(ark_carrier_t), 0,
                      [](ark_carrier_t* self, const ark_call_t* call, ark_completion_t* completion) {
                        static_cast<CopyingCarrier*>(self)->start(*call, *completion);
                      },
                      [](ark_carrier_t* self) { static_cast<CopyingCarrier*>(self)->destroyed = true; }},
        provider_(provider) {}

  bool on_a_thread_of_its_own = false;
  bool destroyed = false;
  std::function<void()> while_answering;

 private:
  void start(const ark_call_t& call, ark_completion_t& completion) {
    const auto work = [this, &call, &completion] {
      carry(call);
      completion.done(&completion);
    };
    if (on_a_thread_of_its_own) {
      answering_ = std::jthread(work);
    } else {
      work();
    }
  }

  void carry(const ark_call_t& call) {
    try {
      const auto& called = call.contract->methods[call.method];
      ark::ServedCall served(provider_);
      if (!served.available()) return ark::fail_call(call.error, ARK_CALL_UNAVAILABLE, "", "nobody there");
      const auto* method = served.find(called.name);
      if (!method) throw std::runtime_error(std::string("no method ") + called.name);
      ValueCopier there;
      for (uint32_t i = 0; i < method->param_count; ++i)
        there.copy(*called.params[i].type, call.args[i], *method->params[i].type, served.argument(i));
      served.run();
      answer(call, *method, served);
    } catch (const std::exception& error) {
      ark::fail_call(call.error, ARK_CALL_PROTOCOL, "", error.what());
    }
  }

  void answer(const ark_call_t& call, const ark_method_t& method, const ark::ServedCall& served) {
    const auto& error = served.error();
    ValueCopier back;
    if (error.kind == ARK_CALL_OK) {
      ark::answer_result(call, [&](const ark_type_t& type, void* room) {
        if (while_answering) while_answering();
        back.copy(*method.result, served.result(), type, room);
      });
    } else if (error.kind != ARK_CALL_BUSINESS) {
      ark::fail_call(call.error, static_cast<ark_call_result_t>(error.kind), error.type_name, error.text,
                     error.provider);
    } else if (!ark::answer_error(call, error.type->id, [&](const ark_type_t& type, void* payload) {
                 if (while_answering) while_answering();
                 back.copy(*error.type, error.payload, type, payload);
               })) {
      ark::fail_call(call.error, ARK_CALL_FAILED, error.type->id, "not listed");
    }
  }

  const ark_slot_t* provider_;
  std::jthread answering_;
};

/// A caller on one side, a provider on the other.
class Carried : public testing::Test {
 protected:
  ~Carried() override { EXPECT_EQ(ark::test::pins_of_this_thread(), 0u) << "a pin was left behind"; }

  FakeHost provider_host_{"stock", "2.0.0"};
  FakeHost caller_host_;
  acme::Polite polite_;
  ark::test::FakeSlot* provider_ = provider_host_.slot<Greeter>(polite_);
  CopyingCarrier carrier_{provider_};
  ark::test::FakeSlot* slot_ = caller_host_.proxy_slot(ark::contract_of<Greeter>(), &carrier_);
  ark::Reference<Greeter> ref_{slot_};
};

TEST_F(Carried, ACallReachesAProviderThatIsFoundByTheNameOfItsMethod) {
  EXPECT_EQ(ref_->greet("you"), "hello you");
  EXPECT_EQ(ref_->add(40, 2), 42);
  EXPECT_EQ(ref_->lines({{"pen", 1}, {"ink", 2}}, acme::Size::kLarge).at(1).count, 14);
  ref_->forget("you");
  EXPECT_EQ(polite_.last(), "");
}

TEST_F(Carried, NoexceptMethodsReturnTheirResults) {
  ref_->greet("you");
  EXPECT_EQ(ref_->count(), 1);
  EXPECT_EQ(ref_->last(), "you");
  ref_->reset();
  EXPECT_EQ(ref_->count(), 0);
}

TEST_F(Carried, AnAnswerMayComeOnAnotherThread) {
  carrier_.on_a_thread_of_its_own = true;
  EXPECT_EQ(ref_->greet("you"), "hello you");
  polite_.fail = [] { throw acme::OutOfStock("pens"); };
  EXPECT_THROW(ref_->greet("x"), acme::OutOfStock);
  EXPECT_EQ(ref_->count(), 1);
}

TEST_F(Carried, AThreadThatIsCancelledDuringACallGetsItsAnswerFirst) {
  carrier_.on_a_thread_of_its_own = true;
  std::binary_semaphore answering{0}, cancelled{0};
  carrier_.while_answering = [&] {  // into the caller's stack
    answering.release();
    cancelled.acquire();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  };
  struct Caller {
    ark::Reference<Greeter>& ref;
    std::string heard;
    int state = -1;
  } caller{ref_, "", -1};
  const auto run = [](void* self) -> void* {
    auto& caller = *static_cast<Caller*>(self);
    caller.heard = caller.ref->greet("you");
    // it does not end by cancellation: AddressSanitizer would take what that leaves on the stack for a fault
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &caller.state);
    return nullptr;
  };
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, run, &caller), 0);
  answering.acquire();
  EXPECT_EQ(pthread_cancel(thread), 0);
  cancelled.release();
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(caller.heard, "hello you");
  EXPECT_EQ(caller.state, PTHREAD_CANCEL_ENABLE) << "after the call it can be cancelled again";
}

TEST_F(Carried, AProviderWhoseOwnCallFoundNobodyIsNotTakenForNobody) {
  polite_.fail = [] { throw ark::ServiceUnavailable("nobody provides Stock"); };
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const ark::ServiceUnavailable&) {
    FAIL() << "it was reached, and may have done half of its work";
  } catch (const ark::ServiceError& error) {
    EXPECT_EQ(error.kind(), ARK_CALL_FAILED);
    EXPECT_STREQ(error.what(), "stock 2.0.0: ark::ServiceUnavailable: nobody provides Stock");
  }
}

TEST_F(Carried, ABusinessErrorIsBuiltAsTheCallersOwnType) {
  polite_.fail = [] { throw acme::OutOfStock("pens"); };
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const acme::OutOfStock& error) {
    EXPECT_EQ(error.item, "pens");
  }
}

TEST_F(Carried, AFailureNamesTheProviderAtTheOtherEnd) {
  polite_.fail = [] { throw std::runtime_error("on fire"); };
  try {
    ref_->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const ark::ServiceError& error) {
    EXPECT_EQ(error.kind(), ARK_CALL_FAILED);
    EXPECT_STREQ(error.what(), "stock 2.0.0: std::runtime_error: on fire");
  }
}

TEST_F(Carried, AProviderThatIsGoneIsUnavailableToNoexceptMethodsToo) {
  provider_->entry = nullptr;
  EXPECT_THROW(ref_->greet("x"), ark::ServiceUnavailable);
  EXPECT_THROW(ref_->count(), ark::ServiceUnavailable);
  EXPECT_THROW(ref_->reset(), ark::ServiceUnavailable);
  auto locked = ref_.try_lock();
  EXPECT_THROW(locked->last(), ark::ServiceUnavailable);
  provider_->entry = &provider_->own;
  EXPECT_EQ(ref_->count(), 0) << "the next call does not throw what an earlier one kept";
}

TEST_F(Carried, AProxyOfANoexceptMethodKeepsItsFailureForInvoke) {
  provider_->entry = nullptr;
  const auto& contract = ark::contract_of<Greeter>();
  for (uint32_t method : {3u, 4u, 5u}) {  // count, last, reset: with an int, a string, nothing as result
    ark::CallError error;
    alignas(std::string) char room[sizeof(std::string)];
    contract.invoke(slot_->own.target, method, nullptr, room, &error);
    EXPECT_EQ(error.kind, ARK_CALL_UNAVAILABLE) << contract.methods[method].name;
  }
}

TEST_F(Carried, AFailureThatNobodyLookedAfterIsNotThatOfTheNextCall) {
  provider_->entry = nullptr;
  auto* proxy = static_cast<Greeter*>(slot_->own.target);
  EXPECT_EQ(proxy->count(), 0);  // a bare call of the object: its failure is kept
  provider_->entry = &provider_->own;
  EXPECT_EQ(ref_->count(), 0);
  EXPECT_EQ(ref_->last(), "");
}

TEST_F(Carried, AnAnswerThatCannotBeReadFailsTheCallAndLeavesNothing) {
  carrier_.while_answering = [] { throw std::runtime_error("torn message"); };
  for (const bool business : {false, true}) {
    polite_.fail = business ? std::function<void()>([] { throw acme::OutOfStock("pens"); }) : nullptr;
    try {
      ref_->greet("x");
      FAIL() << "nothing was thrown";
    } catch (const ark::ServiceError& error) {
      EXPECT_EQ(error.kind(), ARK_CALL_PROTOCOL);
      EXPECT_STREQ(error.what(), "torn message");
    }
  }
}

TEST_F(Carried, AGraphThatHoldsItselfIsCarriedAndFreed) {
  acme::Node node;
  node.next = ark::Shared<acme::Node>::make();
  node.next->name = "ring";
  node.next->next = node.next;
  auto copy = ref_->graph(node);
  EXPECT_EQ(copy.next->name, "ring");
  EXPECT_EQ(copy.next->next, copy.next);
  EXPECT_NE(copy.next, node.next);
  EXPECT_EQ(node.next.use_count(), 2u);
  ark::let_go(node);
  ark::let_go(copy);
}

TEST_F(Carried, ACallbackIsCarriedAsItsSlot) {
  struct Listener : acme::Progress {
    void at(int32_t percent) override { last = percent; }
    int32_t total() noexcept override { return 9; }
    int32_t last = 0;
  } listener;
  auto context = caller_host_.context();
  auto lent = context.lend<acme::Progress>(listener);
  EXPECT_EQ(ref_->follow(lent.get()), 9);
  EXPECT_EQ(listener.last, 50);
}

TEST_F(Carried, AMethodThatTheProviderDoesNotHaveFailsTheCall) {
  struct Listener : acme::Progress {
    void at(int32_t) override {}
    int32_t total() noexcept override { return 0; }
  } listener;
  CopyingCarrier elsewhere(provider_host_.slot<acme::Progress>(listener));
  ark::Reference<Greeter> ref(caller_host_.proxy_slot(ark::contract_of<Greeter>(), &elsewhere));
  try {
    ref->greet("x");
    FAIL() << "nothing was thrown";
  } catch (const ark::ServiceError& error) {
    EXPECT_EQ(error.kind(), ARK_CALL_PROTOCOL);
    EXPECT_THAT(error.what(), HasSubstr("no method greet"));
  }
}

TEST_F(Carried, DestroyingAProxyDestroysItsCarrier) {
  CopyingCarrier carrier(provider_);
  { ark::Reference<Greeter> ref(caller_host_.proxy_slot(ark::contract_of<Greeter>(), &carrier)); }
  EXPECT_TRUE(carrier.destroyed);
}

TEST(Values, StayWhereTheyAreAndAreFreed) {
  ark::Values values;
  auto* first = static_cast<std::string*>(values.add(ark::type_of<std::string>()));
  *first = "a text that is longer than a small string";
  for (int i = 0; i < 100; ++i) values.add(ark::type_of<acme::Line>());
  EXPECT_EQ(*first, "a text that is longer than a small string");
  EXPECT_EQ(values.data()[0], first);
}

TEST(Values, DoNotKeepWhatWasNotMade) {
  ark::Values values;
  EXPECT_EQ(values.add_made(ark::type_of<std::string>(), [](void*) { return false; }), nullptr);
  EXPECT_EQ(values.add_made(ark::type_of<void>(), [](void*) { return true; }), nullptr);
  const auto make = [](void* room) { return ::new (room) std::string(100, 'x') != nullptr; };
  EXPECT_EQ(static_cast<std::string*>(values.add_made(ark::type_of<std::string>(), make))->size(), 100u);
}

}  // namespace
