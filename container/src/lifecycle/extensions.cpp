#include "lifecycle/extensions.hpp"

#include <ark/abi/events.h>

#include <algorithm>
#include <string_view>

#include "event/dispatcher.hpp"
#include "lifecycle/generation.hpp"
#include "lifecycle/guarded.hpp"

namespace ark::container::lifecycle {
namespace {

int64_t fire(ark_generation_t* g, const ark_type_t* type, void* value, void* (*take)(void*), void (*drop)(void*),
             ark_status_t* status) {
  return guarded<int64_t>(status, -1, [&] { return g->core.dispatcher->fire(g->events, *type, value, take, drop); });
}

constexpr ark_events_t kEvents{sizeof(ark_events_t), 0, fire};

struct Extension {
  std::string_view id;
  const void* table;
};

constexpr Extension kExtensions[] = {
    {ARK_EVENTS_EXTENSION, &kEvents},
};

}  // namespace

const void* find_extension(const char* id) {
  const auto* found =
      std::find_if(std::begin(kExtensions), std::end(kExtensions), [&](const Extension& one) { return one.id == id; });
  return found == std::end(kExtensions) ? nullptr : found->table;
}

}  // namespace ark::container::lifecycle
