#include "event/dispatcher.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

using ark::container::event::Client;

struct ark_subscription_t {
  Client* client;
  std::string label, event, module;  // label: of the client, which may go first
  ark_handler_t handler;
  uint64_t order;
  bool told = false;  // of a sticky event; guarded by the dispatcher's mutex
  ark::container::thread::Gate gate;
};

namespace ark::container::event {
namespace {

constexpr std::array<std::string_view, 5> kNames{"ContainerStarted", "AfterPluginStartup", "AfterPluginStop", "AfterBizStartup",
                                                 "AfterBizStop"};

bool runs_before(const Subscription& a, const Subscription& b) {
  return a->handler.priority != b->handler.priority ? a->handler.priority < b->handler.priority : a->order < b->order;
}

}  // namespace

bool is_sticky(std::string_view event) { return event == "ContainerStarted"; }

Result<ark_subscription_t*> Dispatcher::subscribe(Client& client, const ark_handler_t& handler) {
  const std::string name = handler.event ? handler.event : "";
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    std::string known;
    for (auto one : kNames) base::add_to_list(&known, ", ", one);
    return Status(Code::kNotFound, client.label + " listens to '" + name + "', which this container never fires; it fires " + known);
  }
  auto subscription = std::make_shared<ark_subscription_t>();
  subscription->client = &client;
  subscription->label = client.label;
  subscription->event = name;
  if (handler.module) subscription->module = handler.module;
  subscription->handler = handler;
  Event missed;
  {
    std::lock_guard lock(mutex_);
    if (client.closing) return Status(Code::kStopping, client.label + " is stopping; it can listen to nothing more");
    subscription->order = next_order_++;
    client.subscriptions.push_back(subscription);
    if (!client.active) return subscription.get();
    add(subscription);
    auto& listeners = listeners_[name];
    if (!listeners.happened) return subscription.get();
    subscription->told = true;
    missed = listeners.last;
  }
  environment_.post(client.label, [this, subscription, missed] { deliver(subscription, missed); });
  return subscription.get();
}

void Dispatcher::unsubscribe(ark_subscription_t* raw) {
  Subscription subscription;
  {
    std::lock_guard lock(mutex_);
    auto& all = raw->client->subscriptions;
    auto found = std::find_if(all.begin(), all.end(), [&](auto& s) { return s.get() == raw; });
    if (found == all.end()) return;
    subscription = *found;
    all.erase(found);
    remove(subscription);
  }
  subscription->gate.close();
}

void Dispatcher::add(const Subscription& subscription) {
  auto& all = listeners_[subscription->event].in_order;
  all.insert(std::upper_bound(all.begin(), all.end(), subscription, runs_before), subscription);
}

void Dispatcher::remove(const Subscription& subscription) { std::erase(listeners_[subscription->event].in_order, subscription); }

std::vector<Subscription> Dispatcher::handlers_of(const Event& event) {
  std::lock_guard lock(mutex_);
  auto found = listeners_.find(event.name);
  if (found == listeners_.end() && !is_sticky(event.name)) return {};
  auto& listeners = found == listeners_.end() ? listeners_[event.name] : found->second;
  if (is_sticky(event.name)) {
    listeners.happened = true;
    listeners.last = event;
  }
  std::vector<Subscription> handlers;
  handlers.reserve(listeners.in_order.size());
  for (auto& subscription : listeners.in_order) {
    if (!subscription->module.empty() && subscription->module != event.module) continue;
    if (is_sticky(event.name) && std::exchange(subscription->told, true)) continue;
    handlers.push_back(subscription);
  }
  return handlers;
}

std::vector<std::pair<Subscription, Event>> Dispatcher::activate(Client& client) {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<Subscription, Event>> missed;
  if (std::exchange(client.active, true)) return missed;
  for (auto& subscription : client.subscriptions) {
    add(subscription);
    auto& listeners = listeners_[subscription->event];
    if (listeners.happened && !std::exchange(subscription->told, true)) missed.emplace_back(subscription, listeners.last);
  }
  std::sort(missed.begin(), missed.end(), [](auto& a, auto& b) { return runs_before(a.first, b.first); });
  return missed;
}

void Dispatcher::deliver(const Subscription& subscription, const Event& event) {
  if (!subscription->gate.enter()) {
    if (subscription->gate.closed()) return;
    const auto about = event.module.empty() ? "" : " about " + event.module + " " + event.version;
    environment_.log(ARK_LOG_WARN, subscription->label,
                     "its handler has not returned from an earlier " + event.name + ": it is not told of this one" + about);
    return;
  }
  struct Leave {  // also when the handler ends its thread
    thread::Gate& gate;
    ~Leave() { gate.leave(); }
  } leave{subscription->gate};
  const ark_event_t c_event{sizeof(ark_event_t), 0, event.name.c_str(), event.module.c_str(), event.version.c_str(),
                            event.time_ns};
  ark_status_t status;
  status.code = ARK_STATUS_OK;
  status.text[0] = 0;
  subscription->handler.handle(subscription->handler.self, &c_event, &status);
  if (status.code != ARK_STATUS_OK) {
    environment_.log(ARK_LOG_ERROR, subscription->label, "its handler of " + event.name + " failed: " + status.text);
  }
}

bool Dispatcher::close(Client& client, std::chrono::steady_clock::time_point deadline) {
  std::vector<Subscription> closing;
  {
    std::lock_guard lock(mutex_);
    client.closing = true;
    closing = client.subscriptions;
    for (auto& subscription : closing) remove(subscription);
  }
  bool all = true;
  for (auto& subscription : closing) all = subscription->gate.close(deadline) && all;
  return all;
}

void Dispatcher::forget(Client& client) {
  std::lock_guard lock(mutex_);
  for (auto& subscription : client.subscriptions) {
    remove(subscription);
    subscription->gate.close(std::chrono::steady_clock::time_point::min());
  }
  client.subscriptions.clear();
}

std::vector<std::string> Dispatcher::subscriptions_of(const Client& client) const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> texts;
  for (auto& subscription : client.subscriptions) {
    std::string text = "a handler of " + subscription->event;
    if (subscription->gate.inside()) text += ", running now";
    texts.push_back(std::move(text));
  }
  return texts;
}

const std::string& Dispatcher::label_of(const Subscription& subscription) { return subscription->label; }

Dispatcher& Dispatcher::of(const ark_subscription_t& subscription) { return *subscription.client->dispatcher; }

}  // namespace ark::container::event
