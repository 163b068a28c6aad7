/// The service registry of a container: who offers what, and whose references are bound to it.
///
/// Thread safety: any thread may call any function. No module code runs with the mutex held: carriers are asked to connect, proxies destroyed and
/// watchers told with nothing locked. What a caller's thread does during a call is not here but in the pin (ark/abi/service.h, thread/closer.hpp).
#pragma once

#include <ark/abi/host.h>
#include <ark/container/container.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/changes.hpp"
#include "service/client.hpp"
#include "service/publication.hpp"
#include "service/retired.hpp"
#include "service/slot.hpp"
#include "service/watch.hpp"
#include "thread/closer.hpp"

namespace ark::container::service {

/// All that is known under one id.
struct Index {
  std::set<Publication*, BetterThan> live;
  std::vector<Slot*> slots;  ///< following and fixed
};

class Registry {
 public:
  struct Environment {
    const ark_host_t* host = nullptr;  ///< what slots point at
    /// May code compiled with `importer` call code compiled with `exporter`? Called with the mutex held: must not call back.
    std::function<Status(const ark_contract_t& importer, const ark_contract_t& exporter)> compatible;
    /// Runs `work`, code of the labelled module, on the lifecycle thread, soon and after everything given before.
    std::function<void(const std::string& label, std::function<void()> work)> post;
    /// Runs `work`, which calls module code, on a lent thread and waits for it under a deadline; what did not return is logged. Not from a lent thread.
    std::function<void(const std::function<void()>& work)> run;
    /// A message for the operator: ark_log_level_t, whose it is, text.
    std::function<void(int level, const std::string& label, const std::string& text)> log;
    /// A service can be seen by others, or not any more; in order, with nothing locked. May be empty.
    std::function<void(const Info&, bool published)> changed = {};
  };
  explicit Registry(Environment environment);
  ~Registry();

  // ---- for modules; the contracts of ark_host_t hold
  Result<Slot*> reference(Client& client, const ark_contract_t* importer, const ark_filter_t& filter);
  using Visit = std::function<void(const ark_service_info_t&, ark_slot_t*)>;
  Result<uint32_t> references(Client& client, const ark_contract_t* importer, const ark_filter_t& filter, const Visit& visit);
  static void retain(Slot* slot);
  void release(Slot* slot);
  Result<ark_publication_t*> publish(Client& client, const ark_contract_t& contract, void* target, const ark_service_options_t* options);
  thread::Drained withdraw(ark_publication_t* publication);
  Result<ark_watch_t*> watch(Client& client, const ark_contract_t* importer, const ark_filter_t& filter, const ark_watcher_t& watcher);
  void unwatch(ark_watch_t* watch);
  Result<Slot*> callback(Client& client, const ark_contract_t& contract, void* target, void (*destroy)(void*));
  thread::Drained revoke(Slot* slot);
  Status add_carrier(Client& client, const ark_carrier_factory_t& factory);

  // ---- for the lifecycle
  /// One publication: everything of `in` becomes visible and everything of `out` invisible in the same step; either may be null.
  void activate(Client* in, Client* out);
  /// The client has been constructed, and what it publishes is to stay invisible: it hears its watches.
  void withhold(Client& client);
  /// Takes everything of the client away for good and waits for calls in flight. kLate: threads are still inside, or asked for a connection.
  thread::Drained close(Client& client, thread::Deadline deadline);
  /// Drops what the module never gave back; called once none of its code will run any more, before it is unmapped.
  /// is_code: an address lies in its code; callbacks of others whose proxies it made are taken apart too. May be called again while it is not complete.
  struct Forgotten {
    size_t kept;    ///< references it never gave back
    bool complete;  ///< false: a thread is inside a proxy of it, or destroys one
  };
  Forgotten forget(Client& client, const std::function<bool(const void*)>& is_code);

  // ---- for operators
  std::vector<ServiceInfo> services() const;
  std::vector<std::string> services_of(const Client& client) const;
  /// Sentences: references of others that are bound to the client's services.
  std::vector<std::string> users_of(const Client& client) const;
  /// Kernel ids of threads inside code that was called through this client's entries.
  std::vector<int> threads_inside(const Client& client) const;
  /// A connection that it makes for others, or waits for, has not come about yet.
  bool is_connecting(const Client& client) const;
  bool inside_here(const Client& client) const;

 private:
  struct Carrier {
    Client* client;
    const ark_carrier_factory_t* factory;
    bool active;
    int users;  // connecting now
  };
  using Lock = std::unique_lock<std::mutex>;
  using Held = std::shared_ptr<Slot>;  // a count of it, given back however the holder ends

  // registry.cpp; the mutex is held
  Index& index_of(const std::string& id);
  Slot* new_slot(Client& client, SlotKind kind, const ark_contract_t* importer);
  bool fits(const Slot& slot, const Publication& publication);
  Publication* best_for(const Slot& slot);
  void bind(Slot& slot);
  void bind_all(Index& index);
  void show(Publication& publication);
  void hide(Publication& publication);
  void retire(Publication& publication);
  void report_shadow(const Publication& shown) const;
  void start_watch(ark_watch_t& watch);
  void start_watches(Client& client);
  void queue(const std::shared_ptr<ark_watch_t>& watch, Publication& publication, bool added);
  Slot* fixed_slot(Client& client, const ark_contract_t* importer, Publication& publication);
  void drop(Slot* slot);
  ark_entry_t* retire_own(Slot& slot);
  void unlist(Slot& slot);
  Status may_refer(const Client& client, const ark_contract_t* importer, const std::string& id) const;
  std::vector<const ark_entry_t*> entries_of(const Client& client) const;

  // carriers.cpp; the mutex is held
  std::set<std::string> set_carriers(const Client& client, bool active);
  std::vector<Held> slots_over(const std::set<std::string>& bindings);
  Carrier* carrier_for(const Slot& slot);
  void exchange_proxy(Slot& slot, ark_entry_t* proxy);
  bool connecting(const Client& client) const;
  // carriers.cpp; the mutex is not held
  void connect(Slot* slot);
  ark_entry_t* make_proxy(const Carrier& carrier, const ark_contract_t& importer, const Binding& binding, const std::string& label);
  Held hold(Slot* counted);
  void reconnect_on_lent_thread(const std::vector<Held>& slots);
  bool remove_carriers(const Client& client, thread::Deadline deadline);

  const Environment environment_;
  Changes changes_;
  mutable std::mutex mutex_;
  std::condition_variable carrier_idle_;
  uint64_t next_number_ = 1;
  std::unordered_map<std::string, std::unique_ptr<Index>> indices_;
  std::vector<std::shared_ptr<ark_watch_t>> watches_;  // active ones
  std::vector<std::unique_ptr<Carrier>> carriers_;     // oldest first
  std::vector<Slot*> carried_;
  std::vector<Slot*> lent_proxies_;                    // callbacks with a destroy function
  Retired retired_;
};

}  // namespace ark::container::service
