// Modules that are linked into this executable: their tables, and what start and stop let out.
#include <ark/sdk/module.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cstring>
#include <stdexcept>

#include "fake/fake_host.hpp"
#include "linked/orders.hpp"

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const ark_module_t& module_named(const char* name) {
  for (const auto* module : ark::linked_modules()) {
    if (std::strcmp(module->name, name) == 0) return *module;
  }
  throw std::runtime_error(std::string("no linked module ") + name);
}

class LinkedModule : public testing::Test {
 protected:
  ~LinkedModule() override { acme::on_orders_start = acme::on_orders_stop = nullptr; }

  void* start() { return orders_.start(host_.table(), host_.generation(), &status_); }
  void stop(void* instance) { orders_.stop(instance, &status_); }

  const ark_module_t& orders_ = module_named("linked_orders");
  ark::test::FakeHost host_{"orders", "1.2.3"};
  ark_status_t status_{};
};

TEST_F(LinkedModule, EachIsListedOnceWithWhatTheBuildSaysOfIt) {
  std::vector<std::string> names;
  for (const auto* module : ark::linked_modules()) names.push_back(module->name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("linked_orders", "linked_greeter"));
  EXPECT_EQ(orders_.abi, static_cast<uint32_t>(ARK_ABI_VERSION));
  EXPECT_EQ(orders_.size, sizeof(ark_module_t));
  EXPECT_STREQ(orders_.fingerprint, ARK_FINGERPRINT);
  EXPECT_STREQ(orders_.sdk_version, ARK_VERSION_TEXT);
  EXPECT_STREQ(orders_.version, "1.2.3");
  EXPECT_STREQ(orders_.exports, "com.acme.Greeter@1.2");
  EXPECT_STREQ(orders_.imports, "");
  EXPECT_EQ(orders_.kind, static_cast<uint32_t>(ARK_MODULE_BIZ));
  EXPECT_EQ(module_named("linked_greeter").kind, static_cast<uint32_t>(ARK_MODULE_PLUGIN));
  EXPECT_EQ(orders_.self, nullptr) << "only a packed module has a cell of its own";
}

TEST_F(LinkedModule, SeesTheContractsOfTheExecutable) {
  std::vector<std::string> ids;
  for (const auto* at = orders_.contracts; at != orders_.contracts_end; ++at) ids.push_back((*at)->id);
  EXPECT_THAT(ids, Contains("com.acme.Greeter"));
}

TEST_F(LinkedModule, IsConstructedByStartAndDestroyedByStop) {
  void* instance = start();
  ASSERT_NE(instance, nullptr) << status_.text;
  EXPECT_EQ(acme::orders_alive, 1);
  stop(instance);
  EXPECT_EQ(status_.code, ARK_STATUS_OK);
  EXPECT_EQ(acme::orders_alive, 0);
  EXPECT_THAT(host_.requests,
              ElementsAre("publish com.acme.Greeter priority=100", "log 2 stopping orders", "withdraw"));
}

TEST_F(LinkedModule, MayBeStartedAgainForAnotherGeneration) {
  ark::test::FakeHost second("orders", "1.2.3");
  void* first_instance = start();
  void* second_instance = orders_.start(second.table(), second.generation(), &status_);
  EXPECT_EQ(acme::orders_alive, 2);
  stop(first_instance);
  EXPECT_EQ(second.requests.size(), 1u) << "the other one is untouched";
  stop(second_instance);
}

TEST_F(LinkedModule, WhoseConstructorThrowsDoesNotStartAndLeavesNothing) {
  acme::on_orders_start = [] { throw std::runtime_error("no database"); };
  EXPECT_EQ(start(), nullptr);
  EXPECT_EQ(status_.code, ARK_STATUS_MODULE_FAILED);
  EXPECT_STREQ(status_.text, "std::runtime_error: no database");
  EXPECT_EQ(host_.requests.back(), "withdraw") << "what the constructor had registered";
  acme::on_orders_start = [] { throw 7; };
  EXPECT_EQ(start(), nullptr);
  EXPECT_STREQ(status_.text, "int");
}

TEST_F(LinkedModule, WhoseRequestIsRefusedSaysTheContainersReason) {
  host_.refusal.code = ARK_STATUS_FAILED_PRECONDITION;
  std::strcpy(host_.refusal.text, "com.acme.Greeter is not among the EXPORTS");
  EXPECT_EQ(start(), nullptr);
  EXPECT_STREQ(status_.text, "com.acme.Greeter is not among the EXPORTS");
}

TEST_F(LinkedModule, WhoseDestructorThrowsIsGoneAndSaysSo) {
  void* instance = start();
  acme::on_orders_stop = [] { throw std::runtime_error("cannot flush"); };
  stop(instance);
  EXPECT_EQ(status_.code, ARK_STATUS_MODULE_FAILED);
  EXPECT_STREQ(status_.text, "std::runtime_error: cannot flush");
  EXPECT_EQ(acme::orders_alive, 0);
  EXPECT_EQ(host_.requests.back(), "withdraw") << "its members are destroyed all the same";
}

TEST_F(LinkedModule, WhoseConstructorEndsTheThreadIsUnwound) {
  acme::on_orders_start = [] { pthread_exit(nullptr); };
  struct Start {
    LinkedModule& test;
    const ark_module_t& module;
    ark::test::FakeHost& host;
    ark_status_t status{};
    bool returned = false;
  } data{*this, orders_, host_};
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* context) -> void* {
                  auto& data = *static_cast<Start*>(context);
                  data.module.start(data.host.table(), data.host.generation(), &data.status);
                  data.returned = true;
                  return nullptr;
                },
                &data),
            0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_FALSE(data.returned);
  EXPECT_EQ(host_.requests.back(), "withdraw");
}

}  // namespace
