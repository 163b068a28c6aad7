/// The events that the container fires, from the list in ark/abi/events.h.
#pragma once

#include <ark/abi/events.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ark::container::event {

enum class Id : uint8_t {
#define ARK_ONE(name, flags) k##name,
  ARK_CONTAINER_EVENTS(ARK_ONE)
#undef ARK_ONE
};

struct Known {
  std::string_view name;
  uint32_t flags;
};

inline constexpr std::array kKnown = {
#define ARK_ONE(name, flags) Known{#name, flags},
    ARK_CONTAINER_EVENTS(ARK_ONE)
#undef ARK_ONE
};

constexpr std::string_view name_of(Id id) { return kKnown[static_cast<size_t>(id)].name; }
constexpr bool is_sticky(Id id) { return kKnown[static_cast<size_t>(id)].flags & ARK_EVENT_STICKY; }
constexpr bool is_vetoable(Id id) { return kKnown[static_cast<size_t>(id)].flags & ARK_EVENT_VETOABLE; }

/// Nothing: the container fires no event of this name.
std::optional<Id> find_id(std::string_view name);
/// "BeforePluginStartup, AfterPluginStartup, ..."
std::string all_names();

}  // namespace ark::container::event
