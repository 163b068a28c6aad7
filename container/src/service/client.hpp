/// What one generation of a module has to do with services. Owned by the lifecycle; filled and emptied by the registry.
#pragma once

#include <ark/abi/service.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "package/version.hpp"

struct ark_watch_t;

namespace ark::container::service {

struct Slot;
class Registry;

enum class Phase {
  kConstructing,  ///< what it registers is kept back
  kActive,
  kWithheld,      ///< constructed, publications kept back
  kClosing,       ///< nothing new is taken
};

/// Of the module: decides between services of one priority, so that it does not matter who was there first.
struct Rank {
  int priority = 100;
  std::string name;
  package::Version version;
};

struct Client {
  Registry* registry = nullptr;
  ark_generation_t* generation = nullptr;
  std::string label;                            ///< "orders 1.0.0"
  bool declares = true;                         ///< false for the host itself: may publish and refer to anything
  std::set<std::string, std::less<>> exports;   ///< ids it declared to publish
  std::map<std::string, std::string, std::less<>> imports;  ///< ids it declared to use, with their version range
  std::vector<std::string> denied;              ///< patterns of ids that it is never given
  Rank rank;

  // Guarded by the registry's mutex.
  Phase phase = Phase::kConstructing;
  int connecting = 0;  ///< carriers that are asked for a connection for it now
  std::vector<ark_publication_t*> publications;
  std::vector<Slot*> slots;
  std::vector<std::shared_ptr<ark_watch_t>> watches;
  std::unordered_map<const ark_contract_t*, Slot*> plain_slots;  ///< one count each: references that ask for nothing but the contract
};

}  // namespace ark::container::service
