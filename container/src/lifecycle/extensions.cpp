#include "lifecycle/extensions.hpp"

#include <ark/abi/events.h>
#include <ark/abi/resources.h>

#include <algorithm>
#include <string_view>

#include "event/dispatcher.hpp"
#include "lifecycle/generation.hpp"
#include "lifecycle/guarded.hpp"
#include "lifecycle/host_table.hpp"
#include "lifecycle/resources.hpp"
#include "loader/lent_thread.hpp"

namespace ark::container::lifecycle {
namespace {

int64_t fire(ark_generation_t* g, const ark_type_t* type, void* value, void* (*take)(void*), void (*drop)(void*),
             ark_status_t* status) {
  return guarded<int64_t>(status, -1, [&] { return g->core.dispatcher->fire(g->events, *type, value, take, drop); });
}

int32_t wait_started(ark_generation_t* g, int64_t timeout_ms, ark_status_t* status) {
  return guarded<int32_t>(status, -1, [&]() -> Result<int32_t> {
    const auto wait = [&](int64_t ms) { return g->core.dispatcher->wait_started(g->events, std::chrono::milliseconds(ms)); };
    if (timeout_ms > 0 && loader::LentThread::here()) {
      if (auto now = wait(0); !now.ok() || *now) return now.ok() ? Result<int32_t>(1) : now.status();
      return Status(Code::kWouldDeadlock,
                    g->events.label + ": the start cannot be waited for in a constructor, destructor, handler or notice: it "
                                      "waits for that thread; listen to ContainerStarted, or wait on a thread of your own");
    }
    const auto started = wait(timeout_ms);
    if (!started.ok()) return started.status();
    return *started ? 1 : 0;
  });
}

constexpr ark_events_t kEvents{sizeof(ark_events_t), 0, fire, wait_started};

uint32_t find_resources(ark_generation_t* g, const char* name, uint32_t most,
                        void (*visit)(void*, const ark_resource_t*), void* context, ark_status_t* status) {
  return guarded<uint32_t>(status, 0, [&]() -> Result<uint32_t> {
    auto found = g->core.resources->find(*g, name ? name : "", most);
    if (!found.ok()) return found.status();
    for (const auto& one : *found) {
      const ark_resource_t resource{sizeof resource, one.file.get(), one.bytes, one.module.c_str()};
      visit(context, &resource);
    }
    return static_cast<uint32_t>(found->size());
  });
}

constexpr ark_resources_t kResources{sizeof(ark_resources_t), 0, find_resources};

struct Extension {
  std::string_view id;
  const void* table;
};

constexpr Extension kExtensions[] = {
    {ARK_EVENTS_EXTENSION, &kEvents},
    {ARK_RESOURCES_EXTENSION, &kResources},
    {ARK_HEALTH_EXTENSION, &kHealthTable},
    {ARK_OPERATIONS_EXTENSION, &kOperationsTable},
};

}  // namespace

const void* find_extension(const char* id) {
  const auto* found =
      std::find_if(std::begin(kExtensions), std::end(kExtensions), [&](const Extension& one) { return one.id == id; });
  return found == std::end(kExtensions) ? nullptr : found->table;
}

}  // namespace ark::container::lifecycle
