// The registry with clients that are no modules: what is withdrawn, closed and connected at awkward moments.
#include "service/registry.hpp"

#include <gmock/gmock.h>
#include <pthread.h>

#include <ark/sdk.hpp>
#include <atomic>
#include <deque>
#include <semaphore>
#include <thread>

#include "container/thread/pinning.hpp"

namespace demo {
struct Ping {
  virtual ~Ping() = default;
  virtual int32_t ping() = 0;
};
}  // namespace demo
ARK_CONTRACT(demo::Ping, "com.acme.Ping", "1.0", ping)

namespace ark::container::service {
namespace {

using thread::Drained;
using thread::TestPin;
using std::chrono::steady_clock;

constexpr auto kNow = thread::Deadline::min();
const auto& kPing = ark::detail::ContractTable<demo::Ping>::value;

thread::Deadline soon() { return steady_clock::now() + std::chrono::seconds(20); }

/// A carrier whose connections are whatever the test says.
struct Carriers {
  ark_carrier_factory_t factory{};
  std::function<void()> on_connect = [] {};
  std::atomic<int> open{0};

  Carriers() {
    factory.size = sizeof factory;
    factory.binding = "test";
    factory.self = this;
    factory.connect = [](void* self, const ark_contract_t*, const ark_binding_t*, ark_status_t*) -> ark_carrier_t* {
      auto* carriers = static_cast<Carriers*>(self);
      carriers->on_connect();
      ++carriers->open;
      return new Connection(carriers);
    };
  }

 private:
  struct Connection : ark_carrier_t {
    Carriers* from;
    explicit Connection(Carriers* c)
        : ark_carrier_t{sizeof(ark_carrier_t), 0, nullptr, [](ark_carrier_t* self) { delete static_cast<Connection*>(self); }}, from(c) {}
    ~Connection() { --from->open; }
  };
};

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    for (auto* client : {&provider_, &importer_, &carrier_, &next_carrier_}) {
      client->declares = false;
      client->registry = &registry_;
      client->generation = reinterpret_cast<ark_generation_t*>(client);  // an address, never followed
    }
    provider_.label = "provider 1.0.0", importer_.label = "importer 1.0.0", carrier_.label = "carrier 1.0.0", next_carrier_.label = "carrier 1.1.0";
  }
  ~RegistryTest() override {
    for (auto* client : {&importer_, &provider_, &carrier_, &next_carrier_}) {
      EXPECT_EQ(registry_.close(*client, soon()), Drained::kYes) << client->label;
      EXPECT_TRUE(registry_.forget(*client, [](const void*) { return false; }).complete);
    }
  }

  ark_publication_t* publish(Client& client) { return *registry_.publish(client, kPing, &client, nullptr); }
  Slot* refer(Client& client) {
    ark_filter_t filter{};
    filter.size = sizeof filter;
    filter.id = "com.acme.Ping";
    return *registry_.reference(client, &kPing, filter);
  }
  Slot* refer_through_carrier(Client& client) {
    ark_filter_t filter{};
    ark_binding_t binding{};
    binding.type = "test";
    filter.size = sizeof filter;
    filter.id = "com.acme.Ping";
    filter.binding = &binding;
    return *registry_.reference(client, &kPing, filter);
  }
  /// Runs what was posted, as the lifecycle thread would; returns how many pieces there were.
  size_t run_posted() {
    size_t count = 0;
    for (; !posted_.empty(); ++count) {
      auto work = std::move(posted_.front());
      posted_.pop_front();
      work();
    }
    return count;
  }

  std::deque<std::function<void()>> posted_;
  std::function<void(const std::function<void()>&)> run_ = [](const std::function<void()>& work) { work(); };
  Carriers first_, second_;
  Registry registry_{{nullptr, [](const ark_contract_t&, const ark_contract_t&) { return Status(); },
                      [this](const std::string&, std::function<void()> work) { posted_.push_back(std::move(work)); },
                      [this](const std::function<void()>& work) { run_(work); }, [](int, const std::string&, const std::string&) {}}};
  Client provider_, importer_, carrier_, next_carrier_;
};

/// A thread inside a call until it is let go.
class Inside {
 public:
  explicit Inside(ark_entry_t** slot) : thread_([this, slot] {
    TestPin pin(slot);
    entered_.release();
    leave_.acquire();
    left_ = true;
  }) {
    entered_.acquire();
  }
  void leave() { leave_.release(); }
  bool left() const { return left_; }
  ~Inside() { thread_.join(); }

 private:
  std::binary_semaphore entered_{0}, leave_{0};
  std::atomic<bool> left_{false};
  std::thread thread_;
};

/// Does `work` on another thread while a call or notice is inside, and expects that it returns only after that.
template <class In, class Work>
void expect_waits_for(In& inside, Work work) {
  std::binary_semaphore begins{0};
  std::atomic<bool> returned_early{false};
  std::thread other([&] {
    begins.release();
    work();
    returned_early = !inside.left();
  });
  begins.acquire();
  for (int i = 0; i < 1000 && !returned_early; ++i) std::this_thread::yield();
  inside.leave();
  other.join();
  EXPECT_FALSE(returned_early);
}

TEST_F(RegistryTest, AWithdrawalDuringAClosureStillWaitsForThoseInside) {
  auto* publication = publish(provider_);
  registry_.activate(&provider_, nullptr);
  auto* slot = refer(importer_);
  Inside inside(&slot->entry);
  EXPECT_EQ(registry_.close(provider_, kNow), Drained::kLate);
  expect_waits_for(inside, [&] { EXPECT_EQ(registry_.withdraw(publication), Drained::kYes); });
  registry_.release(slot);
}

TEST_F(RegistryTest, ARevocationDuringAClosureStillWaitsForThoseInside) {
  auto* callback = *registry_.callback(provider_, kPing, &provider_, nullptr);
  Inside inside(&callback->entry);
  EXPECT_EQ(registry_.close(provider_, kNow), Drained::kLate);
  expect_waits_for(inside, [&] { EXPECT_EQ(registry_.revoke(callback), Drained::kYes); });
  registry_.release(callback);
}

/// The destroy function of a callback, code of the module that made it: stays inside until it is let go.
struct SlowDestroy {
  static inline std::binary_semaphore* entered = nullptr;
  static inline std::binary_semaphore* leave = nullptr;

  static void destroy(void*) {
    entered->release();
    leave->acquire();
  }
  static bool is_code(const void* address) { return address == reinterpret_cast<const void*>(&destroy); }
};

TEST_F(RegistryTest, CodeInWhichAnotherThreadDestroysAProxyIsNotComplete) {
  std::binary_semaphore entered{0}, leave{0};
  SlowDestroy::entered = &entered, SlowDestroy::leave = &leave;
  auto* callback = *registry_.callback(importer_, kPing, &importer_, &SlowDestroy::destroy);
  std::thread dropping([&] { registry_.release(callback); });
  entered.acquire();
  EXPECT_EQ(registry_.close(carrier_, kNow), Drained::kYes);
  EXPECT_FALSE(registry_.forget(carrier_, &SlowDestroy::is_code).complete) << "it would be unmapped under that thread";
  EXPECT_EQ(registry_.close(importer_, kNow), Drained::kLate) << "nor may whose target it is go";
  leave.release();
  dropping.join();
  EXPECT_TRUE(registry_.forget(carrier_, &SlowDestroy::is_code).complete);
}

TEST_F(RegistryTest, CodeWhoseProxyAThreadIsInsideIsNotComplete) {
  std::binary_semaphore entered{0}, leave{1};
  SlowDestroy::entered = &entered, SlowDestroy::leave = &leave;
  auto* callback = *registry_.callback(importer_, kPing, &importer_, &SlowDestroy::destroy);
  {
    Inside inside(&callback->entry);
    EXPECT_FALSE(registry_.forget(carrier_, &SlowDestroy::is_code).complete);
    EXPECT_EQ(callback->entry, nullptr) << "nobody else gets in";
    inside.leave();
  }
  EXPECT_TRUE(registry_.forget(carrier_, &SlowDestroy::is_code).complete);
  EXPECT_TRUE(entered.try_acquire()) << "it has been destroyed";
  registry_.release(callback);
}

TEST_F(RegistryTest, ReferencesMayBeDroppedWhileTheirCarrierIsReplaced) {
  ASSERT_TRUE(registry_.add_carrier(carrier_, first_.factory).ok());
  ASSERT_TRUE(registry_.add_carrier(next_carrier_, second_.factory).ok());
  registry_.activate(&carrier_, nullptr);
  std::atomic<bool> end{false};
  std::thread dropping([&] {
    while (!end) registry_.release(refer_through_carrier(importer_));
  });
  for (int i = 0; i < 2000; ++i) {
    registry_.activate(&next_carrier_, &carrier_);
    registry_.activate(&carrier_, &next_carrier_);
  }
  end = true;
  dropping.join();
  EXPECT_EQ(first_.open + second_.open, 0);
}

TEST_F(RegistryTest, NeitherCarrierNorImporterIsClosedWhileAConnectionIsMade) {
  ASSERT_TRUE(registry_.add_carrier(carrier_, first_.factory).ok());
  registry_.activate(&carrier_, nullptr);
  std::binary_semaphore asked{0}, answer{0};
  first_.on_connect = [&] {
    asked.release();
    answer.acquire();
  };
  std::thread asking([&] { registry_.release(refer_through_carrier(importer_)); });
  asked.acquire();
  EXPECT_EQ(registry_.close(importer_, kNow), Drained::kLate);
  EXPECT_TRUE(registry_.is_connecting(importer_));
  EXPECT_EQ(registry_.close(carrier_, kNow), Drained::kLate);
  EXPECT_TRUE(registry_.is_connecting(carrier_));
  answer.release();
  asking.join();
  EXPECT_EQ(registry_.close(carrier_, soon()), Drained::kYes);
  EXPECT_EQ(registry_.close(importer_, soon()), Drained::kYes);
  EXPECT_EQ(first_.open, 0) << "what came too late is thrown away";
}

TEST_F(RegistryTest, ACarrierThatEndsTheThreadItIsAskedOnKeepsNobodyFromClosing) {
  ASSERT_TRUE(registry_.add_carrier(carrier_, first_.factory).ok());
  registry_.activate(&carrier_, nullptr);
  first_.on_connect = [] { pthread_exit(nullptr); };
  std::thread([&] { refer_through_carrier(importer_); }).join();
  EXPECT_FALSE(registry_.is_connecting(carrier_));
  EXPECT_EQ(registry_.close(carrier_, kNow), Drained::kYes);
}

TEST_F(RegistryTest, AReferenceLosesTheConnectionOfACarrierWhoseSuccessorDoesNotConnect) {
  ASSERT_TRUE(registry_.add_carrier(carrier_, first_.factory).ok());
  ASSERT_TRUE(registry_.add_carrier(next_carrier_, second_.factory).ok());
  registry_.activate(&carrier_, nullptr);
  auto* slot = refer_through_carrier(importer_);
  EXPECT_NE(slot->entry, nullptr);
  run_ = [first = true](const std::function<void()>& work) mutable {
    if (!std::exchange(first, false)) work();  // the connection is given up, the rest is not
  };
  registry_.activate(&next_carrier_, &carrier_);
  EXPECT_EQ(slot->entry, nullptr);
  registry_.release(slot);
  EXPECT_EQ(registry_.close(carrier_, kNow), Drained::kYes);
  EXPECT_EQ(first_.open, 0);
}

struct Heard {
  int added = 0, removed = 0;
  ark_watcher_t watcher{sizeof(ark_watcher_t), 0, this,
                        [](void* self, const ark_service_info_t*, ark_slot_t*) { ++static_cast<Heard*>(self)->added; },
                        [](void* self, const ark_service_info_t*) { ++static_cast<Heard*>(self)->removed; }};
};

TEST_F(RegistryTest, EachNoticeIsAPieceOfWorkOfItsOwn) {
  auto* publication = publish(provider_);
  registry_.activate(&provider_, nullptr);
  Heard heard;
  ark_filter_t filter{};
  filter.size = sizeof filter;
  ASSERT_TRUE(registry_.watch(importer_, &kPing, (filter.id = "com.acme.Ping", filter), heard.watcher).ok());
  registry_.activate(&importer_, nullptr);
  EXPECT_EQ(posted_.size(), 1u);
  registry_.withdraw(publication);
  EXPECT_EQ(posted_.size(), 2u);
  posted_.front()();
  posted_.pop_front();
  EXPECT_EQ(heard.added, 1);
  EXPECT_EQ(heard.removed, 0);
  EXPECT_EQ(run_posted(), 1u);
  EXPECT_EQ(heard.removed, 1);
}

/// A thread inside a notice until it is let go.
class InNotice {
 public:
  ark_watcher_t watcher() {
    return {sizeof(ark_watcher_t), 0, this,
            [](void* self, const ark_service_info_t*, ark_slot_t*) {
              auto& notice = *static_cast<InNotice*>(self);
              notice.entered_.release();
              notice.leave_.acquire();
              notice.left_ = true;
            },
            [](void*, const ark_service_info_t*) {}};
  }
  void run(std::function<void()> notice) {
    thread_ = std::jthread(std::move(notice));
    entered_.acquire();
  }
  void leave() { leave_.release(); }
  bool left() const { return left_; }

 private:
  std::binary_semaphore entered_{0}, leave_{0};
  std::atomic<bool> left_{false};
  std::jthread thread_;
};

TEST_F(RegistryTest, ACancellationAndAClosureWaitForANoticeThatRuns) {
  publish(provider_);
  registry_.activate(&provider_, nullptr);
  registry_.activate(&importer_, nullptr);
  ark_filter_t filter{};
  filter.size = sizeof filter;
  filter.id = "com.acme.Ping";
  for (const bool cancelled : {true, false}) {
    InNotice notice;
    auto watch = registry_.watch(importer_, &kPing, filter, notice.watcher());
    ASSERT_TRUE(watch.ok());
    notice.run([this] { EXPECT_EQ(run_posted(), 1u); });
    if (!cancelled) {
      EXPECT_EQ(registry_.close(importer_, kNow), Drained::kLate);
    }
    expect_waits_for(notice, [&] {
      if (cancelled) return registry_.unwatch(*watch);
      EXPECT_EQ(registry_.close(importer_, soon()), Drained::kYes);
    });
  }
}

TEST_F(RegistryTest, AClientThatIsClosedGetsNothingNew) {
  EXPECT_EQ(registry_.close(provider_, kNow), Drained::kYes);
  ark_filter_t filter{};
  filter.size = sizeof filter;
  filter.id = "com.acme.Ping";
  Heard heard;
  const auto visit = [](const ark_service_info_t&, ark_slot_t*) {};
  EXPECT_EQ(registry_.publish(provider_, kPing, &provider_, nullptr).status().code(), Code::kStopping);
  EXPECT_EQ(registry_.reference(provider_, &kPing, filter).status().code(), Code::kStopping);
  EXPECT_EQ(registry_.references(provider_, &kPing, filter, visit).status().code(), Code::kStopping);
  EXPECT_EQ(registry_.watch(provider_, &kPing, filter, heard.watcher).status().code(), Code::kStopping);
  EXPECT_EQ(registry_.callback(provider_, kPing, &provider_, nullptr).status().code(), Code::kStopping);
  EXPECT_EQ(registry_.add_carrier(provider_, first_.factory).code(), Code::kStopping);
}

TEST_F(RegistryTest, TheRankOfTheModuleDecidesAndNotWhoWasThereFirst) {
  registry_.activate(&importer_, nullptr);
  auto* slot = refer(importer_);
  provider_.rank = {100, "b", {1, 0, 0, ""}};
  carrier_.rank = {100, "b", {1, 1, 0, ""}};
  next_carrier_.rank = {50, "z", {1, 0, 0, ""}};
  for (auto* client : {&provider_, &carrier_, &next_carrier_}) {
    publish(*client);
    registry_.activate(client, nullptr);
    EXPECT_EQ(__atomic_load_n(&slot->entry, __ATOMIC_ACQUIRE)->target, client) << "a newer version, then a better priority";
  }
  publish(importer_);  // its name, "", is the first of equal priority, but 50 is better
  const auto services = registry_.services();
  ASSERT_EQ(services.size(), 4u);
  EXPECT_EQ(services[0].shadowed_by, "");
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(services[i].shadowed_by, "carrier 1.1.0");
  registry_.release(slot);
}

TEST_F(RegistryTest, WhatAClientDeniesItIsNotGivenNorToldOf) {
  importer_.denied = {"com.acme.P*"};
  registry_.activate(&importer_, nullptr);
  publish(provider_);
  ark_filter_t filter{};
  filter.size = sizeof filter;
  Heard heard;
  ASSERT_TRUE(registry_.watch(importer_, nullptr, filter, heard.watcher).ok()) << "of every service";
  registry_.activate(&provider_, nullptr);
  EXPECT_EQ(run_posted(), 0u);
  filter.id = "com.acme.Ping";
  for (const auto& status : {registry_.reference(importer_, &kPing, filter).status(), registry_.reference(importer_, nullptr, filter).status(),
                             registry_.references(importer_, &kPing, filter, [](const auto&, auto*) {}).status(),
                             registry_.watch(importer_, &kPing, filter, heard.watcher).status()}) {
    EXPECT_EQ(status.code(), Code::kFailedPrecondition);
    EXPECT_NE(status.text().find("which its manifest denies: deny-imports.services has \"com.acme.P*\""), std::string::npos) << status.text();
  }
}

TEST_F(RegistryTest, AModuleThatStaysDeactivatedHearsItsWatches) {
  publish(provider_);
  registry_.activate(&provider_, nullptr);
  publish(importer_);
  Heard heard;
  ark_filter_t filter{};
  filter.size = sizeof filter;
  ASSERT_TRUE(registry_.watch(importer_, &kPing, (filter.id = "com.acme.Ping", filter), heard.watcher).ok());
  EXPECT_EQ(run_posted(), 0u) << "not before its constructor has returned";
  registry_.withhold(importer_);
  run_posted();
  EXPECT_EQ(heard.added, 1) << "and its own publication is withheld";
}

}  // namespace
}  // namespace ark::container::service
