/// A container that says what a test tells it to, and samples of what it says.
#pragma once

#include <gmock/gmock.h>
#include <ark/container/container.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "event/journal.hpp"

namespace ark::test {

class MockContainer : public container::Container {
 public:
  using Path = std::filesystem::path;
  MOCK_METHOD(container::Operation, start, (), (override));
  MOCK_METHOD(void, cancel_start, (), (override));
  MOCK_METHOD(container::Operation, stop, (), (override));
  MOCK_METHOD(bool, ready, (), (const, override));
  MOCK_METHOD(bool, wait_ready, (std::chrono::milliseconds), (const, override));
  MOCK_METHOD(container::Operation, install, (const Path&, container::InstallOptions, container::By), (override));
  MOCK_METHOD(container::Operation, switch_to, (std::string_view, container::By), (override));
  MOCK_METHOD(container::Operation, replace, (const Path&, container::InstallOptions, container::By), (override));
  MOCK_METHOD(container::Operation, start_module, (std::string_view, container::By), (override));
  MOCK_METHOD(container::Operation, stop_module, (std::string_view, bool, container::By), (override));
  MOCK_METHOD(container::Operation, uninstall, (std::string_view, bool, container::By), (override));
  MOCK_METHOD(std::vector<container::Operation>, operations, (), (const, override));
  MOCK_METHOD(std::vector<container::ModuleInfo>, modules, (), (const, override));
  MOCK_METHOD(std::vector<container::ServiceInfo>, services, (), (const, override));
  MOCK_METHOD(container::Result<container::WhyInfo>, why, (std::string_view), (const, override));
  MOCK_METHOD(std::vector<container::HealthInfo>, health, (), (const, override));
  MOCK_METHOD(container::Result<container::HealthInfo>, health, (std::string_view), (const, override));
  MOCK_METHOD(std::vector<container::Step>, start_report, (), (const, override));
  MOCK_METHOD(container::Diagnosis, diagnose, (), (const, override));
  MOCK_METHOD(container::EventPage, events, (uint64_t), (const, override));
  MOCK_METHOD(uint64_t, last_event, (), (const, override));
  MOCK_METHOD(void, on_event, (uint64_t, std::function<void()>), (override));
  MOCK_METHOD(const Path&, home, (), (const, override));
};

/// Its events are those of the journal, which outlives it.
inline void tell_events(MockContainer& mock, container::event::Journal& journal) {
  ON_CALL(mock, events(testing::_)).WillByDefault([&](uint64_t since) { return journal.since(since); });
  ON_CALL(mock, last_event()).WillByDefault([&] { return journal.last(); });
  ON_CALL(mock, on_event(testing::_, testing::_)).WillByDefault([&](uint64_t since, std::function<void()> tell) {
    journal.on_entry(since, std::move(tell));
  });
}

inline container::ModuleInfo sample_module() {
  container::ModuleInfo m;
  m.name = "orders";
  m.version = "1.0.0";
  m.state = container::State::kActivated;
  m.generation = 3;
  m.services = {"com.acme.Orders"};
  m.load_ms = 1.23456;
  m.start_ms = 0.5;
  m.since = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
  return m;
}

inline container::HealthInfo sample_health(container::Health health, std::string text) {
  return {"orders", "1.0.0", container::Kind::kBiz, container::State::kActivated, health, std::move(text)};
}

inline container::ServiceInfo sample_service() {
  container::ServiceInfo s;
  s.number = 7;
  s.id = "com.acme.Orders";
  s.version = "1.1";
  s.unique_id = "eu";
  s.module = "orders 1.0.0";
  s.properties = {{"region", "eu"}};
  s.bindings = {"acme.json"};
  s.users = {"audit 1.0.0"};
  return s;
}

inline container::Operation sample_operation(container::Status status = {}) {
  container::Operation o;
  o.id = 12;
  o.verb = "install";
  o.subject = "orders 1.0.0";
  o.requester = "a test";
  o.began = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
  o.status = std::move(status);
  o.module = sample_module();
  o.steps = {{"open package", 0, 0.25, "ok"}, {"construct", 0.25, 1.5, "two\nlines"}};
  return o;
}

inline container::Diagnosis sample_diagnosis() {
  container::CrashReport crash;
  crash.file = "/h/logs/crash-1.txt";
  crash.time = "2026-11-21T06:53:54Z";
  crash.process = 4711;
  crash.thread = 4720;
  crash.thread_name = "worker";
  crash.signal = "SIGFPE";
  crash.reason = "an integer was divided by zero";
  crash.place = "orders.so+0x12ab Orders::place(int)+0x1b";
  crash.module = "orders";
  crash.version = "1.0.0";
  crash.generation = 3;
  crash.code_file = "/h/lib/orders.so";
  crash.offset = "0x12ab";
  crash.function = "Orders::place(int)+0x1b";
  crash.frames = {"orders.so+0x12ab Orders::place(int)+0x1b of orders 1.0.0"};
  crash.end = "complete";
  return {{crash}, {{"module", "audit 1.0.0", "audit 1.0.0 is QUARANTINED: a thread is left"}}};
}

/// For EXPECT_CALL(..., install(_, options(true, false))).
MATCHER_P2(options, switch_to, transient, "") { return arg.switch_to == switch_to && arg.transient == transient; }

}  // namespace ark::test
