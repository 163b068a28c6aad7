// What becomes of exceptions: in errors of calls, in statuses, and thrown again on the other side.
#include <ark/sdk/capture.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <stdexcept>

#include "acme.hpp"

namespace {

bool copies_fail = false;

struct Stubborn : std::exception {
  Stubborn() = default;
  Stubborn(const Stubborn& other) : std::exception(other) {
    if (copies_fail) throw std::bad_alloc();
  }
};

}  // namespace

ARK_ERROR(Stubborn, "Stubborn")

namespace {

using ark::CallError;
using testing::HasSubstr;
using testing::StartsWith;

/// What invoke makes of a provider that throws.
template <class Throw>
void invoke_throwing(CallError& error, Throw throwing) {
  acme::Polite polite;
  polite.fail = throwing;
  std::string name = "x";
  void* args[] = {&name};
  ark::detail::ResultRoom<std::string> result;
  ark::contract_of<acme::Greeter>().invoke(static_cast<acme::Greeter*>(&polite), 0, args, result.room(), &error);
  if (error.kind == ARK_CALL_OK) result.take();
}

TEST(Errors, AListedErrorTravelsAsItsOwnType) {
  CallError error(ark::contract_of<acme::Greeter>());
  invoke_throwing(error, [] { throw acme::OutOfStock("pens"); });
  EXPECT_EQ(error.kind, ARK_CALL_BUSINESS);
  ASSERT_EQ(error.type, &ark::type_of<acme::OutOfStock>());
  EXPECT_EQ(static_cast<acme::OutOfStock*>(error.payload)->item, "pens");
  EXPECT_THROW(ark::detail::raise(error, ark::detail::Listed<acme::Greeter>()), acme::OutOfStock);
}

TEST(Errors, AnErrorWithoutMembersTravelsToo) {
  CallError error;
  invoke_throwing(error, [] { throw acme::Closed(); });
  EXPECT_EQ(error.type, &ark::type_of<acme::Closed>());
  EXPECT_THROW(ark::detail::raise(error, ark::detail::Listed<acme::Greeter>()), acme::Closed);
}

TEST(Errors, WhatIsNotListedTravelsAsTypeAndText) {
  CallError error;
  invoke_throwing(error, [] { throw std::out_of_range("too far"); });
  EXPECT_EQ(error.kind, ARK_CALL_FAILED);
  EXPECT_STREQ(error.type_name, "std::out_of_range");
  EXPECT_STREQ(error.text, "too far");
  EXPECT_EQ(error.payload, nullptr);
}

TEST(Errors, WhatIsNoExceptionTravelsWithItsType) {
  CallError error;
  invoke_throwing(error, [] { throw 7; });
  EXPECT_EQ(error.kind, ARK_CALL_FAILED);
  EXPECT_STREQ(error.type_name, "int");
}

TEST(Errors, TheFailureOfAnotherServiceKeepsItsKindAndItsProvider) {
  CallError error;
  invoke_throwing(error, [] { throw ark::ServiceError(ARK_CALL_DEADLINE, "", "late", "stock 2.0.0"); });
  EXPECT_EQ(error.kind, ARK_CALL_DEADLINE);
  EXPECT_STREQ(error.provider, "stock 2.0.0");
}

TEST(Errors, AnErrorThatCannotBeCopiedIsStillReported) {
  CallError error;
  try {
    throw Stubborn();
  } catch (const Stubborn& stubborn) {
    copies_fail = true;
    ark::detail::capture(&error, ark::Errors<Stubborn>());
    copies_fail = false;
  }
  EXPECT_EQ(error.kind, ARK_CALL_FAILED);
  EXPECT_STREQ(error.type_name, "Stubborn");
  EXPECT_EQ(error.payload, nullptr);
}

TEST(Errors, ForcedUnwindingPassesThroughInvoke) {
  static bool survived;
  survived = false;
  const auto run = [](void*) -> void* {
    CallError error;
    invoke_throwing(error, [] { pthread_exit(nullptr); });
    survived = true;
    return nullptr;
  };
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, nullptr, run, nullptr), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_FALSE(survived);
}

TEST(Errors, AHalfReadPayloadIsFreedAndNotThrown) {
  CallError error(ark::contract_of<acme::Greeter>());
  auto* payload = ark::error_payload_room(ark::type_of<acme::OutOfStock>());
  ark::type_of<acme::OutOfStock>().construct(payload);
  error.type = &ark::type_of<acme::OutOfStock>();
  error.payload = payload;
  ark::fail_call(&error, ARK_CALL_PROTOCOL, "", "torn");
  try {
    ark::detail::raise(error, ark::detail::Listed<acme::Greeter>());
  } catch (const ark::ServiceError& thrown) {
    EXPECT_EQ(thrown.kind(), ARK_CALL_PROTOCOL);
    EXPECT_STREQ(thrown.what(), "torn");
  }
}

TEST(Errors, AnErrorIsUsedAgainAfterClear) {
  CallError error(ark::contract_of<acme::Greeter>());
  invoke_throwing(error, [] { throw acme::OutOfStock("pens"); });
  error.clear();
  EXPECT_EQ(error.kind, ARK_CALL_OK);
  EXPECT_EQ(error.payload, nullptr);
  EXPECT_EQ(error.known_count, 2u);
  invoke_throwing(error, [] {});
  EXPECT_EQ(error.kind, ARK_CALL_OK);
}

TEST(Errors, ServiceErrorSaysWhoFailedWithWhat) {
  const ark::ServiceError error(ARK_CALL_FAILED, "std::bad_alloc", "no memory", "orders 1.0.0");
  EXPECT_STREQ(error.what(), "orders 1.0.0: std::bad_alloc: no memory");
  EXPECT_STREQ(ark::ServiceUnavailable("nobody").what(), "nobody");
}

TEST(Errors, AreNamedWithTheVersionOfTheBoundary) {
  EXPECT_THAT(typeid(ark::ServiceError).name(), HasSubstr("2v1"));
  EXPECT_THAT(typeid(ark::ServiceUnavailable).name(), HasSubstr("2v1"));
  EXPECT_THAT(typeid(ark::Error).name(), HasSubstr("2v1"));
}

TEST(Status, TellsTypeAndTextOfWhatModuleCodeThrew) {
  ark_status_t status{};
  ark::detail::guarded(&status, [] { throw std::runtime_error("no disk"); });
  EXPECT_EQ(status.code, ARK_STATUS_MODULE_FAILED);
  EXPECT_STREQ(status.text, "std::runtime_error: no disk");
  ark::detail::guarded(&status, [] { throw 7; });
  EXPECT_STREQ(status.text, "int");
}

TEST(Status, RepeatsTheContainersOwnSentenceWithoutAType) {
  ark_status_t status{};
  ark::detail::guarded(&status, [] { throw ark::Error(ark::Error::kNotFound, "there is no such thing"); });
  EXPECT_STREQ(status.text, "there is no such thing");
}

TEST(Status, IsLeftAloneByCodeThatSucceeds) {
  ark_status_t status{};
  ark::detail::guarded(&status, [] {});
  EXPECT_EQ(status.code, ARK_STATUS_OK);
}

TEST(Status, IsCutBetweenCharacters) {
  ark_status_t status{};
  for (size_t lead = 1010; lead < 1030; ++lead) {
    const std::string text = std::string(lead, 'x') + "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC";
    ark::detail::set_status(&status, ARK_STATUS_INTERNAL, text.c_str());
    const std::string cut = status.text;
    EXPECT_LT(cut.size(), sizeof status.text);
    EXPECT_THAT(text, StartsWith(cut));
    EXPECT_NE(static_cast<unsigned char>(text[cut.size()]) & 0xC0, 0x80) << "cut inside a character at " << cut.size();
  }
}

}  // namespace
