/// arkctl events: what happened in a container, and what happens.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "arkctl/api_client.hpp"

namespace ark::arkctl {

/// The events that the API answered, a line each: "2026-11-21T05:00:00.123Z  AfterBizStartup  orders 1.0.0".
std::string show_events(const nlohmann::ordered_json& page);

/// Prints what there is and then each event as it comes, as lines or as JSON objects, one a line; for ever. What was
/// lost between two questions, and a container that went or came back, is a line on standard error. Returns if it
/// cannot be reached the first time, or refuses: that answer.
container::Result<Reply> follow_events(const std::filesystem::path& socket, bool json);

}  // namespace ark::arkctl
