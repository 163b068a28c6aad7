// What the container's functions do to a module when memory runs out inside them: nothing is thrown at it.
#include "lifecycle/host_table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "event/dispatcher.hpp"
#include "lifecycle/generation.hpp"
#include "service/registry.hpp"

namespace {

thread_local bool no_memory = false;

}  // namespace

void* operator new(size_t size) {
  void* memory = no_memory ? nullptr : std::malloc(size);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return no_memory ? nullptr : std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace ark::container::lifecycle {
namespace {

class HostTable : public testing::Test {
 protected:
  HostTable() {
    core_.registry = &registry_;
    core_.dispatcher = &dispatcher_;
    core_.log = [](int, const std::string&, const std::string& text) { EXPECT_EQ(std::string(text), text); };
  }
  ~HostTable() override { no_memory = false; }

  service::Registry registry_{{&kHostTable, [](const ark_contract_t&, const ark_contract_t&) { return Status(); },
                               [](const std::string&, std::function<void()>) {},
                               [](const std::function<void()>& work) { work(); }, [](int, const std::string&, const std::string&) {}}};
  event::Dispatcher dispatcher_{
      {[](const std::string&, std::function<void()>) {}, [](int, const std::string&, const std::string&) {}}};
  Core core_;
};
using HostTableDeathTest = HostTable;

TEST_F(HostTable, AMessageThatCannotBeWrittenIsLost) {
  ark_generation_t orders(core_, "orders", "1.0.0", 1);
  const std::string text(100, 'x');
  testing::internal::CaptureStderr();
  no_memory = true;
  EXPECT_NO_THROW(kHostTable.log(&orders, ARK_LOG_ERROR, text.data(), text.size()));
  no_memory = false;
  EXPECT_NE(testing::internal::GetCapturedStderr().find("a message of orders 1.0.0 is lost"), std::string::npos);
}

TEST_F(HostTable, ACarrierThatFindsNoRoomIsRefused) {
  ark_generation_t orders(core_, "orders", "1.0.0", 1);
  ark_carrier_factory_t factory{};
  factory.binding = "acme.json";
  ark_status_t status{};
  no_memory = true;
  EXPECT_EQ(kHostTable.add_carrier(&orders, &factory, &status), ARK_STATUS_RESOURCE_EXHAUSTED);
  no_memory = false;
  EXPECT_EQ(status.code, ARK_STATUS_RESOURCE_EXHAUSTED);
  EXPECT_STREQ(status.text, "out of memory");
}

TEST_F(HostTableDeathTest, WhatMayNotFailEndsTheProcess) {
  ark_generation_t orders(core_, "orders", "1.0.0", 1);
  ark_status_t status{};
  const ark_contract_t contract{};
  int listener = 0;
  auto* slot = kHostTable.callback(&orders, &contract, &listener, nullptr, &status);
  ASSERT_NE(slot, nullptr) << status.text;
  EXPECT_DEATH(
      {
        no_memory = true;  // it needs some, to remember that somebody may be inside
        kHostTable.revoke(slot);
      },
      "bad_alloc");
  kHostTable.slot_release(slot);
}

}  // namespace
}  // namespace ark::container::lifecycle
