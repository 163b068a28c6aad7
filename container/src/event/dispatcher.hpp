/// Events and their handlers.
///
/// Thread safety: any thread may subscribe, unsubscribe and fire; deliver runs on the lifecycle thread. No code of a
/// module runs with the mutex held.
#pragma once

#include <ark/abi/events.h>
#include <ark/container/status.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "event/firing.hpp"
#include "event/names.hpp"
#include "event/slow_watch.hpp"
#include "thread/gate.hpp"

namespace ark::container::event {

class Dispatcher;
using Subscription = std::shared_ptr<ark_subscription_t>;
using Handlers = std::shared_ptr<const std::vector<Subscription>>;

/// What one generation of a module has to do with events. Owned by the lifecycle; filled and emptied by the dispatcher,
/// guarded by its mutex.
struct Client {
  Dispatcher* dispatcher = nullptr;
  std::string name, version, label;  ///< "orders", "1.0.0", "orders 1.0.0"
  bool active = false;
  bool closing = false;
  uint64_t activation = 0;  ///< its place among all that were activated
  std::vector<Subscription> subscriptions;
  std::unordered_map<const ark_type_t*, uint64_t>
      types;           ///< digests of the modules' events that it fires or listens to
  size_t waiting = 0;  ///< events it fired that still have handlers before them
};

class Dispatcher {
 public:
  struct Environment {
    std::function<void(const std::string& label, std::function<void()> work)> post;  ///< run on the lifecycle thread
    std::function<void(int level, const std::string& label, const std::string& text)> log;
    std::function<void(const Event&)> record = {};                  ///< for operators: a module has fired it
    std::chrono::milliseconds slow = std::chrono::seconds(1);  ///< a handler that runs so long is named in the log
  };
  explicit Dispatcher(Environment environment)
      : environment_(std::move(environment)), slow_(environment_.log, environment_.slow) {}

  // ---- for modules; the contracts of ark_host_t and ark_events_t hold
  Result<ark_subscription_t*> subscribe(Client& client, const ark_handler_t& handler);
  void unsubscribe(ark_subscription_t* subscription);
  Result<int64_t> fire(Client& sender, const ark_type_t& type, void* value, void* (*take)(void*), void (*drop)(void*));

  Result<bool> wait_started(Client& client, std::chrono::milliseconds timeout);

  // ---- for the lifecycle
  /// False: nobody listens, and the event need not be made. Costs one load.
  bool listens(Id id) const { return listening_[static_cast<size_t>(id)].load(std::memory_order_acquire) > 0; }
  /// The handlers this event is for now, in the order in which they are to run. A sticky event is remembered: each
  /// subscription, of now or later, is given it in exactly one of these lists.
  Handlers handlers_of(Id id, const FiringPtr& firing);
  /// Delivers it on the lifecycle thread some time later, in the order of these calls. May be called with any lock held
  /// but this one's.
  void queue(Id id, Event event);
  /// The client's handlers become live, behind those of clients that were activated before; returns those for sticky
  /// events that have happened already.
  std::vector<std::pair<Subscription, FiringPtr>> activate(Client& client);
  /// For deliver: of a thread, while it runs handlers.
  SlowWatch::Lane lane() { return SlowWatch::Lane(slow_); }
  /// Runs one handler; what it throws is logged and goes no further. One that is still stuck in an earlier event is not
  /// run, and that is logged. [lifecycle thread]
  void deliver(const Subscription& subscription, Firing& firing, SlowWatch::Lane& lane);
  /// None of the client's handlers runs from now on, and what it fired is over. False: holding() says what was not at
  /// the deadline.
  bool close(Client& client, std::chrono::steady_clock::time_point deadline);
  std::vector<std::string> holding(const Client& client) const;
  void forget(Client& client);

  /// Sentences: what the client listens to.
  std::vector<std::string> subscriptions_of(const Client& client) const;
  static const std::string& label_of(const Subscription& subscription);
  static Dispatcher& of(const ark_subscription_t& subscription);

 private:
  /// A module that was compiled with an event of modules.
  struct Use {
    const Client* client;
    const ark_type_t* type;
  };
  struct Listeners {
    std::vector<Subscription> in_order;
    Handlers copy;           // of in_order, if somebody has asked for it since it changed
    size_t filters = 0;      // how many ask for one module only
    FiringPtr last;          // of a sticky event that has happened
    bool was_fired = false;  // of modules' events, as what follows
    std::vector<Use> uses;
  };
  class Waiting;
  using Lock = std::unique_lock<std::mutex>;

  // The mutex is held.
  Listeners& listeners_of(const ark_subscription_t& subscription);
  void add(const Subscription& subscription);
  void remove(const Subscription& subscription);
  Result<uint64_t> use(Client& client, const ark_type_t& type);
  void drop_uses(const Client& client);
  Status check(const Client& client, const ark_handler_t& handler) const;

  void post(const Subscription& subscription, const FiringPtr& firing);
  void enqueue(const std::vector<Subscription>& handlers, const FiringPtr& firing);
  void post_next(const std::string& label);

  const Environment environment_;
  SlowWatch slow_;
  std::array<std::atomic<uint32_t>, kKnown.size()> listening_{};
  mutable std::mutex mutex_;
  std::condition_variable changed_;  // an event of a client is over, the container has started, a client is closing
  uint64_t next_order_ = 1;       // guarded by mutex_, as all below
  uint64_t next_activation_ = 1;
  std::array<Listeners, kKnown.size()> known_;
  std::map<std::string, Listeners, std::less<>> of_modules_;
  std::deque<std::pair<Subscription, FiringPtr>> fired_;  // by modules, still to be delivered
  bool next_is_posted_ = false;                           // the first of them
};

}  // namespace ark::container::event
