// What operators see of the registry.
#include <algorithm>
#include <map>

#include "service/registry.hpp"

namespace ark::container::service {

std::vector<ServiceInfo> Registry::services() const {
  Lock lock(mutex_);
  std::map<std::string, const Index*> sorted;
  for (const auto& [id, index] : indices_) sorted.emplace(id, index.get());
  std::vector<ServiceInfo> all;
  for (const auto& [id, index] : sorted) {
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
