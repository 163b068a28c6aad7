#include "event/dispatcher.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "package/layout.hpp"

using ark::container::event::Client;

struct ark_subscription_t {
  Client* client;
  std::string label, event, module;             // label: of the client, which may go first
  std::optional<ark::container::event::Id> id;  // none: an event of modules
  ark_handler_t handler;
  uint64_t digest = 0;  // of its type
  uint64_t order;
  bool told = false;  // of a sticky event; guarded by the dispatcher's mutex
  ark::container::thread::Gate gate;
};

namespace ark::container::event {
namespace {

constexpr size_t kMostWaiting = 4096;  // events of one module
constexpr std::chrono::hours kLongestWait{24 * 365};  // what a clock can add without overflow

bool runs_before(const Subscription& a, const Subscription& b) {
  return std::tie(a->handler.priority, a->client->activation, a->order) <
         std::tie(b->handler.priority, b->client->activation, b->order);
}

/// It asks for events about one module, or all.
bool wants(const ark_subscription_t& subscription, const std::string& about) {
  return subscription.module.empty() || subscription.module == about;
}

/// What the module's version of the struct does not have stays zero.
ark_handler_t complete(const ark_handler_t& given) {
  ark_handler_t handler{};
  std::memcpy(&handler, &given, std::min<size_t>(given.size, sizeof handler));
  return handler;
}

}  // namespace

/// Counts an event of its sender until nothing of it is left.
class Dispatcher::Waiting {
 public:
  Waiting(Dispatcher& dispatcher, Client& sender) : dispatcher_(dispatcher), sender_(sender) {}
  Waiting(const Waiting&) = delete;
  ~Waiting() {
    Lock lock(dispatcher_.mutex_);
    if (--sender_.waiting == 0) dispatcher_.changed_.notify_all();
  }

 private:
  Dispatcher& dispatcher_;
  Client& sender_;
};

// ---- for modules
// ----------------------------------------------------------------------------------------------------------

Status Dispatcher::check(const Client& client, const ark_handler_t& handler) const {
  const std::string name = handler.event ? handler.event : "";
  const bool known = find_id(name).has_value();
  if (!handler.type && !known) {
    return Status(Code::kNotFound, client.label + " listens to '" + name +
                                       "', which this container never fires; it fires " + all_names() +
                                       ". An event of modules is listened to with its type (ARK_EVENT)");
  }
  if (handler.type && known)
    return Status(Code::kInvalidArgument,
                  client.label + ": " + name + " is the container's own event; give yours another name");
  if (handler.type && (handler.type->kind != ARK_KIND_STRUCT || name != handler.type->id)) {
    return Status(Code::kInvalidArgument,
                  client.label + ": the type of '" + name + "' is not the struct of that name; list it with ARK_EVENT");
  }
  if (client.closing) return Status(Code::kStopping, client.label + " is stopping; it can listen to nothing more");
  return {};
}

Result<ark_subscription_t*> Dispatcher::subscribe(Client& client, const ark_handler_t& given) {
  const auto handler = complete(given);
  auto subscription = std::make_shared<ark_subscription_t>();
  FiringPtr missed;
  {
    Lock lock(mutex_);
    if (auto status = check(client, handler); !status.ok()) return status;
    if (handler.type) {
      auto digest = use(client, *handler.type);
      if (!digest.ok()) return digest.status();
      subscription->digest = *digest;
    }
    subscription->client = &client;
    subscription->label = client.label;
    subscription->event = handler.event;
    subscription->id = find_id(handler.event);
    if (handler.module) subscription->module = handler.module;
    subscription->handler = handler;
    subscription->order = next_order_++;
    client.subscriptions.push_back(subscription);
    if (!client.active) return subscription.get();
    add(subscription);
    missed = listeners_of(*subscription).last;
    if (!missed || !wants(*subscription, missed->event().module)) return subscription.get();
    subscription->told = true;
  }
  post(subscription, missed);
  return subscription.get();
}

void Dispatcher::unsubscribe(ark_subscription_t* raw) {
  Subscription subscription;
  {
    Lock lock(mutex_);
    auto& all = raw->client->subscriptions;
    auto found = std::find_if(all.begin(), all.end(), [&](auto& s) { return s.get() == raw; });
    if (found == all.end()) return;
    subscription = *found;
    all.erase(found);
    remove(subscription);
  }
  subscription->gate.close();
}

Result<int64_t> Dispatcher::fire(Client& sender, const ark_type_t& type, void* value, void* (*take)(void*),
                                 void (*drop)(void*)) {
  if (type.kind != ARK_KIND_STRUCT || !type.id) {
    return Status(Code::kInvalidArgument, sender.label + " fires what is no struct; list its members with ARK_EVENT");
  }
  const std::string name = type.id;
  if (find_id(name))
    return Status(Code::kInvalidArgument,
                  sender.label + ": " + name + " is the container's own event; give yours another name");
  std::vector<Subscription> handlers;
  std::shared_ptr<Waiting> waiting;
  {
    Lock lock(mutex_);
    if (sender.closing) return Status(Code::kStopping, sender.label + " is stopping; it can fire nothing more");
    const auto digest = use(sender, type);
    if (!digest.ok()) return digest.status();
    auto& listeners = of_modules_.find(name)->second;
    listeners.was_fired = true;
    for (const auto& subscription : listeners.in_order) {
      if (wants(*subscription, sender.name) && subscription->digest == *digest) handlers.push_back(subscription);
    }
    if (!handlers.empty()) {
      if (sender.waiting >= kMostWaiting) {
        return Status(Code::kResourceExhausted, std::to_string(kMostWaiting) + " events that " + sender.label +
                                                    " fired wait for their handlers; fire " + name +
                                                    " again when some are over");
      }
      waiting = std::make_shared<Waiting>(*this, sender);
      ++sender.waiting;
    }
  }
  Event event{name, sender.name, sender.version, {}};
  environment_.record(event);
  if (handlers.empty()) return 0;
  void* taken = take(value);
  if (!taken) return Status(Code::kResourceExhausted, sender.label + ": out of memory for " + name);
  const auto firing =
      std::make_shared<Firing>(std::move(event), false, Value{taken, [waiting, taken, drop] { drop(taken); }});
  enqueue(handlers, firing);
  return static_cast<int64_t>(handlers.size());
}

/// One handler at a time is posted: the lifecycle's own events never stand behind all that modules have fired.
void Dispatcher::enqueue(const std::vector<Subscription>& handlers, const FiringPtr& firing) {
  Lock lock(mutex_);
  const bool idle = !std::exchange(next_is_posted_, true);
  for (const auto& subscription : handlers) fired_.emplace_back(subscription, firing);
  lock.unlock();
  if (idle) post_next(handlers.front()->label);
}

void Dispatcher::post_next(const std::string& label) {
  environment_.post(label, [this] {
    Lock lock(mutex_);
    const auto [subscription, firing] = std::move(fired_.front());
    fired_.pop_front();
    next_is_posted_ = !fired_.empty();
    const auto next = next_is_posted_ ? fired_.front().first->label : std::string();
    lock.unlock();
    if (!next.empty()) post_next(next);  // first: this handler may cost the thread
    auto own_lane = lane();
    deliver(subscription, *firing, own_lane);
  });
}

/// Modules that share an event must have compiled it alike; but for versions of one module, which come and go together.
/// The type's digest.
Result<uint64_t> Dispatcher::use(Client& client, const ark_type_t& type) {
  if (auto known = client.types.find(&type); known != client.types.end()) return known->second;
  if (auto listed = package::check_listed(package::layout_of(type)); !listed.ok()) return listed.within(client.label);
  const auto digest = package::layout_digest(type);
  auto& listeners = of_modules_[type.id];
  for (const auto& other : listeners.uses) {
    if (other.client->name == client.name || other.client->types.at(other.type) == digest) continue;
    auto compared = package::compare_structs(type, client.label, *other.type, other.client->label);
    if (!compared.ok()) return compared;
  }
  listeners.uses.push_back({&client, &type});
  client.types.emplace(&type, digest);
  return digest;
}

void Dispatcher::drop_uses(const Client& client) {
  for (const auto& [type, digest] : client.types) {
    std::erase_if(of_modules_[type->id].uses, [&](const Use& use) { return use.client == &client; });
  }
}

Result<bool> Dispatcher::wait_started(Client& client, std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const auto& started = known_[static_cast<size_t>(Id::kContainerStarted)].last;
  changed_.wait_for(lock, std::min<std::chrono::milliseconds>(timeout, kLongestWait), [&] { return started || client.closing; });
  if (!started && client.closing) return Status(Code::kStopping, client.label + " is stopping; it waits no longer");
  return started != nullptr;
}

// ---- for the lifecycle
// ----------------------------------------------------------------------------------------------------

Dispatcher::Listeners& Dispatcher::listeners_of(const ark_subscription_t& subscription) {
  return subscription.id ? known_[static_cast<size_t>(*subscription.id)] : of_modules_[subscription.event];
}

void Dispatcher::add(const Subscription& subscription) {
  auto& listeners = listeners_of(*subscription);
  auto& all = listeners.in_order;
  all.insert(std::upper_bound(all.begin(), all.end(), subscription, runs_before), subscription);
  listeners.copy = nullptr;
  listeners.filters += !subscription->module.empty();
  if (subscription->id) ++listening_[static_cast<size_t>(*subscription->id)];
}

void Dispatcher::remove(const Subscription& subscription) {
  auto& listeners = listeners_of(*subscription);
  if (std::erase(listeners.in_order, subscription) == 0) return;
  listeners.copy = nullptr;
  listeners.filters -= !subscription->module.empty();
  if (subscription->id) --listening_[static_cast<size_t>(*subscription->id)];
}

Handlers Dispatcher::handlers_of(Id id, const FiringPtr& firing) {
  Lock lock(mutex_);
  auto& listeners = known_[static_cast<size_t>(id)];
  if (!is_sticky(id) && listeners.filters == 0) {
    if (!listeners.copy) listeners.copy = std::make_shared<std::vector<Subscription>>(listeners.in_order);
    return listeners.copy;
  }
  if (is_sticky(id)) {
    listeners.last = firing;
    changed_.notify_all();
  }
  auto handlers = std::make_shared<std::vector<Subscription>>();
  for (auto& subscription : listeners.in_order) {
    if (!wants(*subscription, firing->event().module)) continue;
    if (is_sticky(id) && std::exchange(subscription->told, true)) continue;
    handlers->push_back(subscription);
  }
  return handlers;
}

void Dispatcher::queue(Id id, Event event) {
  if (!listens(id)) return;
  const auto firing = std::make_shared<Firing>(std::move(event));
  const auto handlers = handlers_of(id, firing);
  for (const auto& subscription : *handlers) post(subscription, firing);
}

/// A piece of work of its own for each handler: the deadline is that of one, and the next ones go on if it is missed.
void Dispatcher::post(const Subscription& subscription, const FiringPtr& firing) {
  environment_.post(subscription->label, [this, subscription, firing] {
    auto own_lane = lane();
    deliver(subscription, *firing, own_lane);
  });
}

std::vector<std::pair<Subscription, FiringPtr>> Dispatcher::activate(Client& client) {
  Lock lock(mutex_);
  std::vector<std::pair<Subscription, FiringPtr>> missed;
  if (std::exchange(client.active, true)) return missed;
  client.activation = next_activation_++;
  for (auto& subscription : client.subscriptions) {
    add(subscription);
    auto& last = listeners_of(*subscription).last;
    if (!last || !wants(*subscription, last->event().module)) continue;
    if (!std::exchange(subscription->told, true)) missed.emplace_back(subscription, last);
  }
  std::sort(missed.begin(), missed.end(), [](auto& a, auto& b) { return runs_before(a.first, b.first); });
  return missed;
}

void Dispatcher::deliver(const Subscription& subscription, Firing& firing, SlowWatch::Lane& lane) {
  const auto& event = firing.event();
  const thread::Gate::Inside inside(subscription->gate);
  if (!inside) {
    if (subscription->gate.closed()) return;
    const auto about = event.module.empty() ? "" : " about " + event.module + " " + event.version;
    environment_.log(
        ARK_LOG_WARN, subscription->label,
        "its handler has not returned from an earlier " + event.name + ": it is not told of this one" + about);
    return;
  }
  struct End {  // also when the handler ends its thread
    SlowWatch::Lane& lane;
    ~End() { lane.end(); }
  } end{lane};
  lane.begin(subscription->label, event.name);
  const auto seen = firing.seen_by(subscription->label);
  ark_status_t status;
  status.code = ARK_STATUS_OK;
  status.text[0] = 0;
  subscription->handler.handle(subscription->handler.self, &seen.c, &status);
  if (status.code != ARK_STATUS_OK) {
    environment_.log(ARK_LOG_ERROR, subscription->label, "its handler of " + event.name + " failed: " + status.text);
  }
}

bool Dispatcher::close(Client& client, std::chrono::steady_clock::time_point deadline) {
  std::vector<Subscription> closing;
  {
    Lock lock(mutex_);
    client.closing = true;
    changed_.notify_all();
    closing = client.subscriptions;
    for (auto& subscription : closing) remove(subscription);
    drop_uses(client);
  }
  bool all = true;
  for (auto& subscription : closing) all = subscription->gate.close(deadline) && all;
  Lock lock(mutex_);
  const auto is_over = [&client] { return client.waiting == 0; };
  if (deadline != std::chrono::steady_clock::time_point::max()) return changed_.wait_until(lock, deadline, is_over) && all;
  changed_.wait(lock, is_over);
  return all;
}

std::vector<std::string> Dispatcher::holding(const Client& client) const {
  Lock lock(mutex_);
  std::vector<std::string> texts;
  const auto& all = client.subscriptions;
  if (std::any_of(all.begin(), all.end(), [](auto& s) { return s->gate.inside(); }))
    texts.push_back("a handler of " + client.label + " has not returned");
  if (client.waiting > 0) texts.push_back("an event that " + client.label + " fired is still with its handlers");
  return texts;
}

void Dispatcher::forget(Client& client) {
  Lock lock(mutex_);
  for (auto& subscription : client.subscriptions) {
    remove(subscription);
    subscription->gate.close(std::chrono::steady_clock::time_point::min());
  }
  client.subscriptions.clear();
  drop_uses(client);
  client.types.clear();
}

std::vector<std::string> Dispatcher::subscriptions_of(const Client& client) const {
  Lock lock(mutex_);
  std::vector<std::string> texts;
  for (auto& subscription : client.subscriptions) {
    std::string text = "a handler of " + subscription->event;
    if (!subscription->id && !of_modules_.find(subscription->event)->second.was_fired)
      text += ", which nobody has fired yet";
    if (subscription->gate.inside()) text += ", running now";
    texts.push_back(std::move(text));
  }
  return texts;
}

const std::string& Dispatcher::label_of(const Subscription& subscription) { return subscription->label; }

Dispatcher& Dispatcher::of(const ark_subscription_t& subscription) { return *subscription.client->dispatcher; }

}  // namespace ark::container::event
