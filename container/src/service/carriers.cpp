// References that go through a plugin's carrier: each holds a proxy of its own contract over a carrier that the plugin made for it.
// When the plugin is replaced, new proxies are made over the new one's carriers and swapped in.
#include <algorithm>

#include "service/registry.hpp"

namespace ark::container::service {
namespace {

constexpr auto kForever = thread::Deadline::max();

/// False: its last count has gone, and drop() is about to delete it.
bool retain_unless_dropped(Slot* slot) {
  for (int count = slot->count; count > 0;) {
    if (slot->count.compare_exchange_weak(count, count + 1)) return true;
  }
  return false;
}

}  // namespace

Status Registry::add_carrier(Client& client, const ark_carrier_factory_t& factory) {
  std::vector<Held> reconnecting;
  {
    Lock lock(mutex_);
    if (client.phase == Phase::kClosing) return Status(Code::kStopping, client.label + " is stopping; it can offer no carrier");
    for (auto& carrier : carriers_) {
      if (carrier->client == &client && std::string_view(carrier->factory->binding) == factory.binding) {
        return Status(Code::kAlreadyExists, client.label + " already offers a carrier for binding '" + factory.binding + "'");
      }
    }
    const bool active = client.phase == Phase::kActive;
    carriers_.push_back(std::make_unique<Carrier>(Carrier{&client, &factory, active, 0}));
    if (active) reconnecting = slots_over({factory.binding});
  }
  for (const auto& slot : reconnecting) connect(slot.get());
  return {};
}

std::set<std::string> Registry::set_carriers(const Client& client, bool active) {
  std::set<std::string> bindings;
  for (auto& carrier : carriers_) {
    if (carrier->client != &client || carrier->active == active) continue;
    carrier->active = active;
    bindings.insert(carrier->factory->binding);
  }
  return bindings;
}

Registry::Held Registry::hold(Slot* counted) {
  return Held(counted, [this](Slot* slot) { release(slot); });
}

std::vector<Registry::Held> Registry::slots_over(const std::set<std::string>& bindings) {
  std::vector<Held> slots;
  if (bindings.empty()) return slots;
  for (auto* slot : carried_) {
    if (bindings.count(slot->filter.binding->type()) && retain_unless_dropped(slot)) slots.push_back(hold(slot));
  }
  return slots;
}

/// A slot whose new connection does not come about loses the one over the carrier that is leaving.
void Registry::reconnect_on_lent_thread(const std::vector<Held>& slots) {
  for (const auto& slot : slots) {
    environment_.run([this, slot] { connect(slot.get()); });
    Lock lock(mutex_);
    auto* carrier = slot->owner ? carrier_for(*slot) : nullptr;
    if (slot->own && !(carrier && slot->own->generation == carrier->client->generation)) exchange_proxy(*slot, nullptr);
  }
}

Registry::Carrier* Registry::carrier_for(const Slot& slot) {
  for (auto carrier = carriers_.rbegin(); carrier != carriers_.rend(); ++carrier) {  // the newest
    if ((*carrier)->active && slot.filter.binding->type() == (*carrier)->factory->binding) return carrier->get();
  }
  return nullptr;
}

void Registry::exchange_proxy(Slot& slot, ark_entry_t* proxy) {
  retire_own(slot);
  slot.own = proxy;
  ++slot.binding_epoch;
  slot.set_entry(proxy);
}

/// Another thread may change the carriers while this one asks for a connection: then it is thrown away, and asked for again.
void Registry::connect(Slot* slot) {
  for (;;) {
    Lock lock(mutex_);
    if (!slot->owner || !slot->filter.binding) return;  // its owner has gone
    auto& owner = *slot->owner;
    auto* carrier = owner.phase == Phase::kClosing ? nullptr : carrier_for(*slot);
    if (!carrier) {
      exchange_proxy(*slot, nullptr);
      return;
    }
    if (slot->own && slot->own->generation == carrier->client->generation) return;
    const auto* importer = slot->importer;
    const auto binding = *slot->filter.binding;
    const auto epoch = slot->binding_epoch;
    struct Asking {  // neither the carrier's nor the importer's code may go meanwhile; also if a carrier ends this thread
      Registry& registry;
      Lock& lock;
      Carrier& carrier;
      Client& owner;
      Asking(Registry& r, Lock& l, Carrier& c, Client& o) : registry(r), lock(l), carrier(c), owner(o) {
        ++carrier.users;
        ++owner.connecting;
      }
      ~Asking() {
        if (!lock.owns_lock()) lock.lock();
        --carrier.users;
        --owner.connecting;
        registry.carrier_idle_.notify_all();
      }
    } asking(*this, lock, *carrier, owner);
    lock.unlock();
    auto* proxy = make_proxy(*carrier, *importer, binding, owner.label);
    lock.lock();
    if (owner.phase != Phase::kClosing && slot->binding_epoch == epoch && carrier->active) {
      exchange_proxy(*slot, proxy);
      return;
    }
    lock.unlock();
    if (!proxy) continue;
    importer->destroy_proxy(proxy->target);
    delete proxy;
  }
}

ark_entry_t* Registry::make_proxy(const Carrier& carrier, const ark_contract_t& importer, const Binding& binding,
                                  const std::string& label) {
  std::vector<ark_property_t> room;
  const auto c_binding = binding.as_c(room);
  ark_status_t status{};
  auto* connection = carrier.factory->connect(carrier.factory->self, &importer, &c_binding, &status);
  if (!connection) {
    environment_.log(ARK_LOG_WARN, label, carrier.client->label + " does not connect it to " + importer.id + ": " + status.text);
    return nullptr;
  }
  auto* target = importer.make_proxy(connection);
  if (!target) {
    connection->destroy(connection);
    environment_.log(ARK_LOG_ERROR, label, std::string("out of memory for a proxy of ") + importer.id);
    return nullptr;
  }
  return new ark_entry_t{target, carrier.client->generation, &importer, ARK_ENTRY_PROXY, 0};
}

bool Registry::connecting(const Client& client) const {
  return client.connecting > 0 || std::any_of(carriers_.begin(), carriers_.end(), [&](auto& c) { return c->client == &client && c->users; });
}

bool Registry::is_connecting(const Client& client) const {
  Lock lock(mutex_);
  return connecting(client);
}

/// False: a connection is still being made, by it or for it.
bool Registry::remove_carriers(const Client& client, thread::Deadline deadline) {
  Lock lock(mutex_);
  const auto idle = [&] { return !connecting(client); };
  if (deadline == kForever) {
    carrier_idle_.wait(lock, idle);
  } else if (!carrier_idle_.wait_until(lock, deadline, idle)) {
    return false;
  }
  std::erase_if(carriers_, [&](auto& c) { return c->client == &client; });
  return true;
}

}  // namespace ark::container::service
