#include "lifecycle/extensions.hpp"

#include <ark/abi/resources.h>

#include <algorithm>
#include <string_view>

#include "lifecycle/generation.hpp"
#include "lifecycle/guarded.hpp"
#include "lifecycle/resources.hpp"

namespace ark::container::lifecycle {
namespace {

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
    {ARK_RESOURCES_EXTENSION, &kResources},
};

}  // namespace

const void* find_extension(const char* id) {
  const auto* found =
      std::find_if(std::begin(kExtensions), std::end(kExtensions), [&](const Extension& one) { return one.id == id; });
  return found == std::end(kExtensions) ? nullptr : found->table;
}

}  // namespace ark::container::lifecycle
