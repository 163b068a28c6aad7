/// Events and their handlers.
///
/// Thread safety: any thread may subscribe and unsubscribe; deliver runs on the lifecycle thread. No handler runs with the mutex held.
#pragma once

#include <ark/abi/host.h>
#include <ark/container/status.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "thread/gate.hpp"

namespace ark::container::event {

/// What happened; texts are kept by whoever fires it until all handlers have run.
struct Event {
  std::string name, module, version;
  int64_t time_ns = 0;  ///< since the Unix epoch
};

class Dispatcher;

/// What one generation of a module listens to. Owned by the lifecycle; filled and emptied by the dispatcher, guarded by its mutex.
struct Client {
  Dispatcher* dispatcher = nullptr;
  std::string label;
  bool active = false;
  bool closing = false;
  std::vector<std::shared_ptr<ark_subscription_t>> subscriptions;
};

using Subscription = std::shared_ptr<ark_subscription_t>;

class Dispatcher {
 public:
  struct Environment {
    std::function<void(const std::string& label, std::function<void()> work)> post;  ///< run on the lifecycle thread
    std::function<void(int level, const std::string& label, const std::string& text)> log;
  };
  explicit Dispatcher(Environment environment) : environment_(std::move(environment)) {}

  // ---- for modules; the contracts of ark_host_t hold
  Result<ark_subscription_t*> subscribe(Client& client, const ark_handler_t& handler);
  void unsubscribe(ark_subscription_t* subscription);

  // ---- for the lifecycle
  /// The handlers this event is for now, in the order in which they are to run. A sticky event is remembered: each subscription, of now or
  /// later, is given it in exactly one of these lists.
  std::vector<Subscription> handlers_of(const Event& event);
  /// The client's handlers become live; returns those for sticky events that have happened already.
  std::vector<std::pair<Subscription, Event>> activate(Client& client);
  /// Runs one handler; what it throws is logged and goes no further. One that is still stuck in an earlier event is not run, and that is logged.
  /// [lifecycle thread]
  void deliver(const Subscription& subscription, const Event& event);
  /// None of the client's handlers runs from now on. False: one is still running at the deadline.
  bool close(Client& client, std::chrono::steady_clock::time_point deadline);
  void forget(Client& client);

  /// Sentences: what the client listens to.
  std::vector<std::string> subscriptions_of(const Client& client) const;
  static const std::string& label_of(const Subscription& subscription);
  static Dispatcher& of(const ark_subscription_t& subscription);

 private:
  struct Listeners {
    std::vector<Subscription> in_order;
    bool happened = false;  // a sticky event
    Event last;
  };
  void add(const Subscription& subscription);
  void remove(const Subscription& subscription);

  const Environment environment_;
  mutable std::mutex mutex_;
  uint64_t next_order_ = 1;                                    // guarded by mutex_, as all below
  std::map<std::string, Listeners, std::less<>> listeners_;
};

/// Is delivered to handlers that are registered after it, too.
bool is_sticky(std::string_view event);

}  // namespace ark::container::event
