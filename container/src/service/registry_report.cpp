// What operators see of the registry.
#include <algorithm>
#include <map>

#include "service/registry.hpp"

namespace ark::container::service {

namespace {

/// Whoever asks for no more than an id, a unique id and a major version gets the better one of both.
bool rivals(const Publication& a, const Publication& b) {
  return a.client != b.client && a.version.major == b.version.major && a.info.unique_id == b.info.unique_id;
}

}  // namespace

/// Says who is passed over from now on: the one that is shown, or the one that was the best so far.
void Registry::report_shadow(const Publication& shown) const {
  const auto& live = indices_.at(shown.info.id)->live;
  const auto rival = std::find_if(live.begin(), live.end(), [&](const auto* other) { return rivals(shown, *other); });
  if (rival == live.end()) return;
  const bool is_better = BetterThan()(&shown, *rival);
  const auto &winner = is_better ? shown : **rival, &loser = is_better ? **rival : shown;
  environment_.log(ARK_LOG_INFO, loser.client->label,
                   loser.info.id + (loser.info.unique_id.empty() ? "" : " '" + loser.info.unique_id + "'") + " is shadowed by that of " +
                       winner.info.module);
}

std::vector<ServiceInfo> Registry::services() const {
  Lock lock(mutex_);
  std::map<std::string, const Index*> sorted;
  for (const auto& [id, index] : indices_) sorted.emplace(id, index.get());
  std::vector<ServiceInfo> all;
  for (const auto& [id, index] : sorted) {
    std::map<std::pair<std::string_view, uint32_t>, const Publication*> best;
    for (const auto* publication : index->live) {
      const auto& from = publication->info;
      ServiceInfo info;
      info.number = from.number;
      info.id = from.id;
      info.version = from.version;
      info.unique_id = from.unique_id;
      info.module = from.module;
      info.priority = from.priority;
      info.properties = from.properties;
      for (const auto& binding : from.bindings) info.bindings.push_back(binding.type());
      std::set<std::string> users;
      for (const auto* slot : index->slots) {
        if (slot->bound == publication) users.insert(slot->owner->label);
      }
      info.users.assign(users.begin(), users.end());
      const auto* winner = best.try_emplace({from.unique_id, publication->version.major}, publication).first->second;
      if (rivals(*winner, *publication)) info.shadowed_by = winner->info.module;
      all.push_back(std::move(info));
    }
  }
  return all;
}

std::vector<std::string> Registry::services_of(const Client& client) const {
  Lock lock(mutex_);
  std::vector<std::string> ids;
  for (const auto* publication : client.publications) {
    if (publication->live) ids.push_back(publication->info.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> Registry::users_of(const Client& client) const {
  Lock lock(mutex_);
  std::map<std::string, int> counts;
  auto count = [&](const Slot& slot, const std::string& to) {
    if (slot.owner && slot.owner != &client) ++counts[slot.owner->label + " refers to " + to];
  };
  for (const auto& [id, index] : indices_) {
    for (const auto* slot : index->slots) {
      if (slot->bound && slot->bound->client == &client) count(*slot, id);
    }
  }
  for (const auto* slot : carried_) {
    if (slot->own && slot->own->generation == client.generation) {
      count(*slot, slot->filter.id + " through its carrier '" + slot->filter.binding->type() + "'");
    }
  }
  std::vector<std::string> users;
  for (const auto& [text, number] : counts) {
    users.push_back(number == 1 ? text : text + " (" + std::to_string(number) + " references)");
  }
  return users;
}

std::vector<const ark_entry_t*> Registry::entries_of(const Client& client) const {
  Lock lock(mutex_);
  auto entries = retired_.entries_of(client.generation);
  for (const auto* publication : client.publications) {
    if (publication->entry) entries.push_back(publication->entry);
  }
  for (const auto* slot : client.slots) {
    if (slot->kind == SlotKind::kCallback && slot->own) entries.push_back(slot->own);
  }
  for (const auto* slot : carried_) {
    if (slot->own && slot->own->generation == client.generation) entries.push_back(slot->own);
  }
  return entries;
}

std::vector<int> Registry::threads_inside(const Client& client) const { return thread::threads_inside(entries_of(client)); }

bool Registry::inside_here(const Client& client) const { return thread::inside_here(entries_of(client)); }

}  // namespace ark::container::service
