#include "lifecycle/requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "container/ops/mock_container.hpp"
#include "lifecycle/host_table.hpp"
#include "loader/lent_thread.hpp"

namespace ark::container::lifecycle {
namespace {

using testing::_;
using testing::Field;
using testing::HasSubstr;
using testing::NiceMock;
using testing::Return;
using Clock = std::chrono::steady_clock;

/// Who is told of outcomes: "OK orders", "NOT_FOUND".
struct Listener {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> told;  // guarded by mutex
  std::atomic<bool> inside{false}, held{false};

  ark_on_outcome_t on_outcome() {
    return {sizeof(ark_on_outcome_t), 0, this, [](void* self, const ark_outcome_t* outcome) {
              auto& to = *static_cast<Listener*>(self);
              to.inside = true;
              while (to.held) std::this_thread::yield();
              std::lock_guard lock(to.mutex);
              to.told.push_back(std::string(code_name(static_cast<Code>(outcome->code))) +
                                (outcome->module ? std::string(" ") + outcome->module->name : ""));
              to.changed.notify_all();
            }};
  }
  std::vector<std::string> wait(size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(10), [&] { return told.size() >= count; });
    return told;
  }
};

class RequestsTest : public testing::Test {
 protected:
  RequestsTest() {
    ON_CALL(container_, wait_ready(_)).WillByDefault(Return(true));
    ON_CALL(container_, stop_module(_, _, _)).WillByDefault([this](std::string_view, bool, By) {
      ++running_;
      while (held_) std::this_thread::yield();
      return test::sample_operation();
    });
    client_->requests = requests_.get();
    client_->name = "orders";
    client_->label = "orders 1.0.0";
    client_->active = true;
  }
  ~RequestsTest() override {
    held_ = false;
    if (client_) requests_->forget(*client_);
    requests_.reset();
  }
  static ark_request_t stop(const char* subject = "audit") { return {sizeof(ark_request_t), ARK_VERB_STOP, 0, 0, subject}; }
  ark_operation_t* begin(Listener& listener, const char* subject = "audit") {
    const auto on_outcome = listener.on_outcome();
    auto begun = requests_->begin(client_, stop(subject), &on_outcome);
    EXPECT_TRUE(begun.ok()) << begun.status().text();
    return begun.ok() ? *begun : nullptr;
  }
  Status run(std::string* text = nullptr) {
    std::string ignored;
    return requests_->run(
        client_, stop(), [](void* to, const ark_outcome_t* outcome) { *static_cast<std::string*>(to) = outcome->module->state; },
        text ? text : &ignored);
  }
  void await_running(int count) {
    while (running_ < count) std::this_thread::yield();
  }

  NiceMock<test::MockContainer> container_;
  std::atomic<bool> held_{false};
  std::atomic<int> running_{0};
  loader::LentThread lifecycle_thread_;
  std::unique_ptr<Requests> requests_ = std::make_unique<Requests>(Requests::Environment{
      container_, [this](const std::string&, std::function<void()> work) {
        lifecycle_thread_.post(std::move(work), std::chrono::seconds(10), [](const loader::Outcome&) {});
      }});
  RequestClientPtr client_ = std::make_shared<RequestClient>();
};

TEST_F(RequestsTest, EveryVerbReachesTheContainerInTheNameOfTheModule) {
  const auto by = Field(&By::name, "module orders 1.0.0");
  EXPECT_CALL(container_, install(std::filesystem::path("/a.ark"), test::options(true, true), by));
  EXPECT_CALL(container_, replace(std::filesystem::path("/a.ark"), test::options(false, true), by));
  EXPECT_CALL(container_, switch_to(std::string_view("audit"), by));
  EXPECT_CALL(container_, start_module(std::string_view("audit"), by));
  EXPECT_CALL(container_, stop_module(std::string_view("audit"), false, by));
  EXPECT_CALL(container_, uninstall(std::string_view("audit"), true, by));
  const ark_request_t all[] = {
      {sizeof(ark_request_t), ARK_VERB_INSTALL, ARK_OPERATION_SWITCH | ARK_OPERATION_TRANSIENT, 0, "/a.ark"},
      {sizeof(ark_request_t), ARK_VERB_REPLACE, ARK_OPERATION_TRANSIENT, 0, "/a.ark"},
      {sizeof(ark_request_t), ARK_VERB_SWITCH, 0, 0, "audit"},
      {sizeof(ark_request_t), ARK_VERB_START, 0, 0, "audit"},
      {sizeof(ark_request_t), ARK_VERB_STOP, 0, 0, "audit"},
      {sizeof(ark_request_t), ARK_VERB_UNINSTALL, ARK_OPERATION_FORCE, 0, "audit"}};
  for (const auto& request : all)
    EXPECT_TRUE(requests_->run(client_, request, [](void*, const ark_outcome_t*) {}, nullptr).ok());
}

TEST_F(RequestsTest, WhatIsNoRequestIsRefused) {
  const auto refusal = [&](const ark_request_t& request) {
    const auto begun = requests_->begin(client_, request, nullptr);
    EXPECT_EQ(begun.status().code(), Code::kInvalidArgument);
    return begun.status().text();
  };
  EXPECT_EQ(refusal({sizeof(ark_request_t), 6, 0, 0, "a"}),
            "orders 1.0.0: there is no operation number 6; this container has 0 to 5");
  EXPECT_THAT(refusal({sizeof(ark_request_t), -1, 0, 0, "a"}), HasSubstr("no operation number -1"));
  EXPECT_THAT(refusal({sizeof(ark_request_t), ARK_VERB_REPLACE, ARK_OPERATION_SWITCH, 0, "/a"}), HasSubstr("replace has no option 1"));
  EXPECT_THAT(refusal({sizeof(ark_request_t), ARK_VERB_INSTALL, 0, 0, "a.ark"}),
              HasSubstr("install needs the absolute path of a package, not 'a.ark'"));
  EXPECT_THAT(refusal({sizeof(ark_request_t), ARK_VERB_STOP, 0, 0, ""}), HasSubstr("stop needs NAME"));
  EXPECT_THAT(refusal({sizeof(ark_request_t), ARK_VERB_STOP, 0, 0, nullptr}), HasSubstr("stop needs NAME"));
}

TEST_F(RequestsTest, WhoWaitsIsNamedWithItsThread) {
  EXPECT_CALL(container_, stop_module(_, _, testing::AllOf(Field(&By::waiting_module, "orders"),
                                                        Field(&By::waiting_thread, gettid()))))
      .WillOnce(Return(test::sample_operation()));
  std::string state;
  EXPECT_TRUE(run(&state).ok());
  EXPECT_EQ(state, "ACTIVATED");
}

TEST_F(RequestsTest, WaitingOnALentThreadIsRefused) {
  Status status;
  lifecycle_thread_.run([&] { status = run(); }, std::chrono::seconds(10));
  EXPECT_EQ(status.code(), Code::kWouldDeadlock);
  EXPECT_THAT(status.text(), HasSubstr("pass a callback"));
  EXPECT_EQ(running_, 0);
}

TEST_F(RequestsTest, ACallbackIsToldOnceOnTheLifecycleThread) {
  Listener listener;
  auto* operation = begin(listener);
  EXPECT_THAT(listener.wait(1), testing::ElementsAre("OK orders"));
  lifecycle_thread_.run([] {}, std::chrono::seconds(10));
  Requests::release(operation);
  EXPECT_EQ(listener.told.size(), 1u);
}

TEST_F(RequestsTest, WhatAConstructorHasAskedForIsToldOnceItHasReturned) {
  client_->active = false;
  Listener listener;
  begin(listener);
  await_running(1);
  EXPECT_TRUE(run().ok()) << "by then the first one is over, or nearly";
  EXPECT_TRUE(listener.told.empty());
  requests_->activate(*client_);
  EXPECT_EQ(listener.wait(1).size(), 1u);
}

TEST_F(RequestsTest, ReleaseKeepsACallbackFromBeingToldAndTheOperationGoesOn) {
  held_ = true;
  Listener listener;
  auto* operation = begin(listener);
  await_running(1);
  Requests::release(operation);
  held_ = false;
  EXPECT_TRUE(run().ok());
  lifecycle_thread_.run([] {}, std::chrono::seconds(10));
  EXPECT_TRUE(listener.told.empty());
}

TEST_F(RequestsTest, ReleaseWaitsForACallbackThatRuns) {
  Listener listener;
  listener.held = true;
  auto* operation = begin(listener);
  while (!listener.inside) std::this_thread::yield();
  EXPECT_FALSE(requests_->close(*client_, Clock::now())) << "the module may not go yet";
  auto released = std::async(std::launch::async, [&] { Requests::release(operation); });
  EXPECT_EQ(released.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  listener.held = false;
  released.get();
  EXPECT_EQ(listener.told.size(), 1u);
}

TEST_F(RequestsTest, AModuleThatStopsWaitsNoLonger) {
  held_ = true;
  auto waiting = std::async(std::launch::async, [&] { return run(); });
  await_running(1);
  EXPECT_TRUE(requests_->close(*client_, Clock::now()));
  const auto status = waiting.get();
  EXPECT_EQ(status.code(), Code::kStopping);
  EXPECT_THAT(status.text(), HasSubstr("the operation goes on"));
  Listener listener;
  EXPECT_EQ(requests_->begin(client_, stop(), nullptr).status().code(), Code::kStopping);
}

TEST_F(RequestsTest, AreBoundedInNumberAndThreads) {
  held_ = true;
  Listener listener;
  for (int i = 0; i < 256; ++i) begin(listener);
  const auto refused = requests_->begin(client_, stop(), nullptr);
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);
  await_running(8);
  EXPECT_EQ(running_, 8) << "the others wait for a thread";
  held_ = false;
  EXPECT_EQ(listener.wait(256).size(), 256u);
  EXPECT_TRUE(requests_->begin(client_, stop(), nullptr).ok());
}

TEST_F(RequestsTest, OutliveTheModuleThatAskedForThem) {
  held_ = true;
  auto listener = std::make_unique<Listener>();
  for (int i = 0; i < 20; ++i) begin(*listener);
  await_running(8);
  EXPECT_TRUE(requests_->close(*client_, Clock::now()));
  requests_->forget(*client_);
  client_.reset();
  listener.reset();
  held_ = false;
  requests_.reset();
  EXPECT_EQ(running_, 20);
}

}  // namespace
}  // namespace ark::container::lifecycle
