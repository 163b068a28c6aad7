#include "service/registry.hpp"

#include <algorithm>

#include "package/pattern.hpp"

#include "thread/known_threads.hpp"

namespace ark::container::service {

using thread::Drained;

namespace {

template <class T>
void erase_one(std::vector<T>& all, const T& one) {
  auto found = std::find(all.begin(), all.end(), one);
  if (found == all.end()) return;
  *found = std::move(all.back());
  all.pop_back();
}

const auto kForever = thread::Deadline::max();

}  // namespace

Registry::Registry(Environment environment) : environment_(std::move(environment)), changes_(environment_.changed) {}
Registry::~Registry() = default;

// ---- references ----

Status Registry::may_refer(const Client& client, const ark_contract_t* importer, const std::string& id) const {
  if (const auto denial = package::matching(client.denied, id); !denial.empty()) {
    return Status(Code::kFailedPrecondition, client.label + " refers to " + id + ", which its manifest denies: deny-imports.services has \"" +
                                                 std::string(denial) + "\"; correct DENY_IMPORTS where CMake adds the module");
  }
  if (!client.declares || !importer || client.imports.count(id) || client.exports.count(id)) return {};
  return Status(Code::kFailedPrecondition, client.label + " refers to " + id +
                                               ", which it does not declare; add IMPORTS \"" + id + "@" + importer->version +
                                               "\" where CMake adds the module");
}

Result<Slot*> Registry::reference(Client& client, const ark_contract_t* importer, const ark_filter_t& request) {
  const bool plain = importer && Filter::is_plain(request);
  if (plain) {
    std::lock_guard lock(mutex_);
    if (auto known = client.plain_slots.find(importer); known != client.plain_slots.end()) {
      retain(known->second);
      return known->second;
    }
  }
  if (!request.id || !*request.id) return Status(Code::kInvalidArgument, client.label + ": a reference names no contract");
  if (auto status = may_refer(client, importer, request.id); !status.ok()) return status;
  auto declared = client.imports.find(std::string_view(request.id));
  auto filter = Filter::parse(request, importer && declared != client.imports.end() ? declared->second : "");
  if (!filter.ok()) return filter.status().within(client.label);
  if (filter->binding && !importer) {
    return Status(Code::kInvalidArgument, client.label + ": a reference through a carrier needs the importer's contract");
  }

  Lock lock(mutex_);
  if (client.phase == Phase::kClosing) return Status(Code::kStopping, client.label + " is stopping; it can make no new reference");
  auto* slot = new_slot(client, filter->binding ? SlotKind::kCarried : SlotKind::kFollowing, importer);
  slot->filter = std::move(*filter);
  if (slot->kind == SlotKind::kCarried) {
    slot->destroy = importer->destroy_proxy;
    carried_.push_back(slot);
    lock.unlock();
    const auto held = hold(slot);  // a carrier may end this thread
    connect(slot);
    retain(slot);
    return slot;
  }
  slot->index = &index_of(slot->filter.id);
  slot->index->slots.push_back(slot);
  bind(*slot);
  if (plain && client.plain_slots.emplace(importer, slot).second) retain(slot);
  return slot;
}

Result<uint32_t> Registry::references(Client& client, const ark_contract_t* importer, const ark_filter_t& request, const Visit& visit) {
  const std::string id = request.id ? request.id : "";
  if (auto status = may_refer(client, importer, id); !status.ok()) return status;
  auto declared = client.imports.find(id);
  auto filter = Filter::parse(request, importer && declared != client.imports.end() ? declared->second : "");
  if (!filter.ok()) return filter.status().within(client.label);
  std::vector<Notice> found;
  {
    Lock lock(mutex_);
    if (client.phase == Phase::kClosing) return Status(Code::kStopping, client.label + " is stopping; it can make no new reference");
    for (auto* publication : index_of(id).live) {
      if (!filter->matches(*publication)) continue;
      if (importer && !environment_.compatible(*importer, *publication->contract).ok()) continue;
      found.push_back({publication->shared_info, fixed_slot(client, importer, *publication)});
    }
  }
  for (auto& notice : found) {
    notice.info->with_c([&](const ark_service_info_t& info) { visit(info, notice.slot); });
    release(notice.slot);
  }
  return static_cast<uint32_t>(found.size());
}

Index& Registry::index_of(const std::string& id) {
  auto& index = indices_[id];
  if (!index) index = std::make_unique<Index>();
  return *index;
}

Slot* Registry::new_slot(Client& client, SlotKind kind, const ark_contract_t* importer) {
  static const intptr_t record_offset = thread::record_offset();
  auto* slot = new Slot;
  slot->entry = nullptr;
  slot->tap = nullptr;
  slot->record_offset = record_offset;
  slot->host = environment_.host;
  slot->registry = this;
  slot->kind = kind;
  slot->owner = &client;
  slot->importer = importer;
  client.slots.push_back(slot);
  return slot;
}

Slot* Registry::fixed_slot(Client& client, const ark_contract_t* importer, Publication& publication) {
  auto* slot = new_slot(client, SlotKind::kFixed, importer);
  slot->index = &index_of(publication.info.id);
  slot->index->slots.push_back(slot);
  slot->bound = &publication;
  publication.reached = true;
  slot->set_entry(publication.entry);
  return slot;
}

bool Registry::fits(const Slot& slot, const Publication& publication) {
  if (!slot.filter.matches(publication)) return false;
  if (!slot.importer) return true;
  auto status = environment_.compatible(*slot.importer, *publication.contract);
  if (!status.ok()) environment_.log(ARK_LOG_WARN, slot.owner->label, publication.info.module + " is passed over: " + status.text());
  return status.ok();
}

Publication* Registry::best_for(const Slot& slot) {
  for (auto* publication : slot.index->live) {
    if (fits(slot, *publication)) return publication;
  }
  return nullptr;
}

void Registry::bind(Slot& slot) {
  Publication* to = nullptr;
  if (slot.kind == SlotKind::kFollowing) {
    to = best_for(slot);
  } else if (slot.bound && slot.bound->live) {
    to = slot.bound;
  }
  if (to == slot.bound && (!to || slot.entry == to->entry)) return;
  slot.bound = to;
  if (to) to->reached = true;
  slot.set_entry(to ? to->entry : nullptr);
}

void Registry::bind_all(Index& index) {
  for (auto* slot : index.slots) bind(*slot);
}

void Registry::retain(Slot* slot) { slot->count.fetch_add(1, std::memory_order_relaxed); }

void Registry::release(Slot* slot) {
  if (slot->count.fetch_sub(1, std::memory_order_acq_rel) == 1) drop(slot);
}

void Registry::unlist(Slot& slot) {
  if (slot.index) erase_one(slot.index->slots, &slot);
  if (slot.kind == SlotKind::kCarried) erase_one(carried_, &slot);
  if (slot.kind == SlotKind::kCallback && slot.destroy) erase_one(lent_proxies_, &slot);
  slot.index = nullptr;
  slot.bound = nullptr;
  ++slot.binding_epoch;
  slot.set_entry(nullptr);
}

ark_entry_t* Registry::retire_own(Slot& slot) {
  auto* own = std::exchange(slot.own, nullptr);
  if (!own) return nullptr;
  retired_.add(own, slot.destroy, slot.owner ? slot.owner->generation : nullptr);
  return slot.revoked = own;
}

void Registry::drop(Slot* slot) {
  ark_entry_t* own;
  {
    Lock lock(mutex_);
    unlist(*slot);
    own = retire_own(*slot);
    if (slot->owner) erase_one(slot->owner->slots, slot);
  }
  delete slot;
  if (own) retired_.finish(own, kForever);
}

// ---- publications ----

Result<ark_publication_t*> Registry::publish(Client& client, const ark_contract_t& contract, void* target,
                                             const ark_service_options_t* options) {
  if (client.declares && !client.exports.count(std::string_view(contract.id))) {
    return Status(Code::kFailedPrecondition, client.label + " publishes " + contract.id + ", which it does not declare; add EXPORTS \"" +
                                                 contract.id + "@" + contract.version + "\" where CMake adds the module");
  }
  uint64_t number;
  {
    Lock lock(mutex_);
    number = next_number_++;
  }
  auto info = make_info(number, client, contract, options);
  if (!info.ok()) return info.status();
  auto version = package::parse_version((*info)->version);
  if (!version.ok()) return version.status().within(client.label + ": version of " + contract.id);
  auto publication = std::make_unique<ark_publication_t>(*info, *version, &client, &contract,
                                                         new ark_entry_t{target, client.generation, &contract, 0, 0});
  Lock lock(mutex_);
  auto refused = [&](Code code, std::string text) {
    delete publication->entry;
    return Status(code, client.label + std::move(text));
  };
  if (client.phase == Phase::kClosing) return refused(Code::kStopping, " is stopping; it can publish nothing more");
  for (auto* other : client.publications) {
    if (other->entry && other->info.id == contract.id && other->info.unique_id == publication->info.unique_id) {
      return refused(Code::kAlreadyExists, " has already published " + publication->info.id +
                                               (publication->info.unique_id.empty() ? std::string(" without a unique id")
                                                                                    : " as '" + publication->info.unique_id + "'") +
                                               "; give each a unique id of its own");
    }
  }
  client.publications.push_back(publication.get());
  auto* published = publication.release();
  if (client.phase != Phase::kActive) return published;
  show(*published);
  lock.unlock();
  changes_.tell();
  return published;
}

void Registry::show(Publication& publication) {
  publication.live = true;
  changes_.note(publication.shared_info, true);
  auto& index = index_of(publication.info.id);
  index.live.insert(&publication);
  bind_all(index);
  report_shadow(publication);
  for (auto& watch : watches_) {
    if (watch->wants(publication)) queue(watch, publication, true);
  }
}

void Registry::hide(Publication& publication) {
  if (!std::exchange(publication.live, false)) return;
  changes_.note(publication.shared_info, false);
  auto& index = index_of(publication.info.id);
  index.live.erase(&publication);
  bind_all(index);
  for (auto& watch : watches_) {
    if (watch->wants(publication)) queue(watch, publication, false);
  }
}

void Registry::retire(Publication& publication) {
  auto* entry = std::exchange(publication.entry, nullptr);
  if (!entry) return;
  if (publication.reached) {
    publication.withdrawn = entry;
    retired_.add(entry, nullptr);
  } else {
    delete entry;
  }
}

Drained Registry::withdraw(ark_publication_t* publication) {
  ark_entry_t* withdrawn;
  {
    Lock lock(mutex_);
    hide(*publication);
    retire(*publication);
    withdrawn = publication->withdrawn;  // perhaps by close(), which may still be waiting: this one has to wait as well
    erase_one(publication->client->publications, publication);
  }
  changes_.tell();
  delete publication;
  retired_.sweep();
  return withdrawn ? retired_.finish(withdrawn, kForever) : Drained::kYes;
}

// ---- watches ----

Result<ark_watch_t*> Registry::watch(Client& client, const ark_contract_t* importer, const ark_filter_t& request,
                                     const ark_watcher_t& watcher) {
  const std::string id = request.id ? request.id : "";
  if (auto status = may_refer(client, importer, id); !status.ok()) return status;
  auto declared = client.imports.find(id);
  auto filter = Filter::parse(request, importer && declared != client.imports.end() ? declared->second : "");
  if (!filter.ok()) return filter.status().within(client.label);
  auto watch = std::make_shared<ark_watch_t>();
  watch->client = &client;
  watch->importer = importer;
  watch->filter = std::move(*filter);
  watch->watcher = watcher;
  Lock lock(mutex_);
  if (client.phase == Phase::kClosing) return Status(Code::kStopping, client.label + " is stopping; it can watch nothing more");
  client.watches.push_back(watch);
  if (client.phase != Phase::kConstructing) start_watch(*watch);
  return watch.get();
}

void Registry::start_watch(ark_watch_t& watch) {
  auto& all = watch.client->watches;
  auto self = *std::find_if(all.begin(), all.end(), [&](auto& w) { return w.get() == &watch; });
  watches_.push_back(self);
  auto tell = [&](Index& index) {
    for (auto* publication : index.live) {
      if (watch.wants(*publication)) queue(self, *publication, true);
    }
  };
  if (!watch.filter.id.empty()) {
    tell(index_of(watch.filter.id));
  } else {
    for (auto& [id, index] : indices_) tell(*index);
  }
}

/// A piece of work of its own for each notice: the deadline is that of one, and the next ones go on if it is missed.
void Registry::queue(const std::shared_ptr<ark_watch_t>& watch, Publication& publication, bool added) {
  if (watch->importer && !environment_.compatible(*watch->importer, *publication.contract).ok()) return;
  auto* slot = added ? fixed_slot(*watch->client, watch->importer, publication) : nullptr;
  watch->queue({publication.shared_info, slot});
  environment_.post(watch->client->label, [this, watch] {
    watch->deliver_next([this](Slot* slot) { release(slot); });
  });
}

void Registry::unwatch(ark_watch_t* watch) {
  std::shared_ptr<ark_watch_t> self;
  {
    Lock lock(mutex_);
    auto& all = watch->client->watches;
    auto found = std::find_if(all.begin(), all.end(), [&](auto& w) { return w.get() == watch; });
    if (found == all.end()) return;  // the client has been closed: it is cancelled already
    self = *found;
    all.erase(found);
    erase_one(watches_, self);
  }
  self->gate.close();
}

// ---- callbacks ----

Result<Slot*> Registry::callback(Client& client, const ark_contract_t& contract, void* target, void (*destroy)(void*)) {
  Lock lock(mutex_);
  if (client.phase == Phase::kClosing) return Status(Code::kStopping, client.label + " is stopping; it can lend no callback");
  auto* slot = new_slot(client, SlotKind::kCallback, &contract);
  slot->own = new ark_entry_t{target, client.generation, &contract, destroy ? ARK_ENTRY_PROXY : 0u, 0};
  slot->destroy = destroy;
  slot->set_entry(slot->own);
  if (destroy) lent_proxies_.push_back(slot);
  return slot;
}

Drained Registry::revoke(Slot* slot) {
  ark_entry_t* own;
  {
    Lock lock(mutex_);
    slot->set_entry(nullptr);
    retire_own(*slot);
    own = slot->revoked;  // perhaps by another thread, or by close(): this one must wait as well
  }
  return own ? retired_.finish(own, kForever) : Drained::kYes;
}

// ---- the lifecycle ----

void Registry::activate(Client* in, Client* out) {
  std::set<std::string> bindings;
  std::vector<Held> reconnecting;
  {
    Lock lock(mutex_);
    std::vector<Publication*> changed;
    auto flip = [&](Client& client, Phase phase, bool live) {
      client.phase = phase;
      bindings.merge(set_carriers(client, live));
      for (auto* publication : client.publications) {
        if (publication->live == live || !publication->entry) continue;
        publication->live = live;
        changes_.note(publication->shared_info, live);
        auto& index = index_of(publication->info.id);
        if (live) {
          index.live.insert(publication);
        } else {
          index.live.erase(publication);
        }
        changed.push_back(publication);
      }
    };
    if (out) flip(*out, Phase::kWithheld, false);
    const bool first = in && in->phase == Phase::kConstructing;
    if (in) flip(*in, Phase::kActive, true);
    std::set<Index*> indices;
    for (auto* publication : changed) indices.insert(&index_of(publication->info.id));
    for (auto* index : indices) bind_all(*index);
    for (const auto* publication : changed) {
      if (publication->live) report_shadow(*publication);
    }
    for (auto& watch : watches_) {
      for (auto* publication : changed) {
        if (watch->wants(*publication)) queue(watch, *publication, publication->live);
      }
    }
    if (first) start_watches(*in);
    reconnecting = slots_over(bindings);
  }
  changes_.tell();
  reconnect_on_lent_thread(reconnecting);
  retired_.sweep(environment_.run);
}

void Registry::withhold(Client& client) {
  Lock lock(mutex_);
  client.phase = Phase::kWithheld;
  start_watches(client);
}

void Registry::start_watches(Client& client) {
  for (auto& watch : std::vector(client.watches)) start_watch(*watch);
}

Drained Registry::close(Client& client, thread::Deadline deadline) {
  std::vector<Held> reconnecting;
  std::vector<std::shared_ptr<ark_watch_t>> watches;
  {
    Lock lock(mutex_);
    client.phase = Phase::kClosing;
    reconnecting = slots_over(set_carriers(client, false));
    for (auto* publication : client.publications) {
      hide(*publication);
      retire(*publication);
    }
    for (auto* slot : client.slots) {
      if (slot->kind != SlotKind::kCallback || !slot->own) continue;
      slot->set_entry(nullptr);
      retire_own(*slot);
    }
    watches = client.watches;
    for (auto& watch : watches) erase_one(watches_, watch);
  }
  changes_.tell();
  reconnect_on_lent_thread(reconnecting);
  if (!remove_carriers(client, deadline)) return Drained::kLate;
  for (auto& watch : watches) {
    if (!watch->gate.close(deadline)) return Drained::kLate;
  }
  return retired_.finish_all(client.generation, deadline, environment_.run);
}

Registry::Forgotten Registry::forget(Client& client, const std::function<bool(const void*)>& is_code) {
  size_t kept = 0;
  {
    Lock lock(mutex_);
    for (auto& watch : client.watches) erase_one(watches_, watch);
    client.watches.clear();
    for (auto* publication : client.publications) {
      hide(*publication);
      retire(*publication);
      delete publication;
    }
    client.publications.clear();
    for (auto* slot : client.slots) {
      const bool plain = std::any_of(client.plain_slots.begin(), client.plain_slots.end(), [&](auto& p) { return p.second == slot; });
      if (slot->kind != SlotKind::kCallback && slot->count > (plain ? 1 : 0)) ++kept;
      unlist(*slot);
      retire_own(*slot);
      slot->filter = {};
      slot->importer = nullptr;
      slot->owner = nullptr;
    }
    client.slots.clear();
    for (auto* slot : lent_proxies_) {
      if (!is_code(reinterpret_cast<const void*>(slot->destroy))) continue;
      slot->set_entry(nullptr);
      retire_own(*slot);
    }
  }
  changes_.tell();
  const bool complete = retired_.finish_code(client.generation, is_code);
  for (auto& [contract, slot] : client.plain_slots) release(slot);
  client.plain_slots.clear();
  return {kept, complete};
}

}  // namespace ark::container::service
