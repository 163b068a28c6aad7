/// What a reference points at, as the container sees it.
#pragma once

#include <ark/abi/service.h>

#include <atomic>

#include "service/filter.hpp"

namespace ark::container::service {

struct Client;
struct Index;
struct Publication;
class Registry;

enum class SlotKind {
  kFollowing,  ///< the best provider that matches
  kFixed,      ///< one publication, until that ends
  kCarried,    ///< a proxy over a plugin's carrier
  kCallback,   ///< an object its owner lends
};

/// The first member is what modules see. All but `count` and `registry` is guarded by the registry's mutex.
struct Slot : ark_slot_t {
  std::atomic<int> count{1};
  Registry* registry = nullptr;
  SlotKind kind = SlotKind::kFollowing;
  Client* owner = nullptr;                   ///< null once the owner has gone without giving it back
  const ark_contract_t* importer = nullptr;  ///< null: any layout
  Filter filter;
  Index* index = nullptr;                    ///< where it is listed: following and fixed
  Publication* bound = nullptr;              ///< following, fixed: what `entry` is the entry of
  ark_entry_t* own = nullptr;                ///< carried, callback: made for this slot alone
  ark_entry_t* revoked = nullptr;            ///< what `own` was; an address to wait for, perhaps freed
  void (*destroy)(void*) = nullptr;          ///< of own->target; may be null
  uint64_t binding_epoch = 0;                ///< carried: raised by every change of its carrier

  void set_entry(ark_entry_t* e) { __atomic_store_n(&entry, e, __ATOMIC_RELEASE); }
};

}  // namespace ark::container::service
