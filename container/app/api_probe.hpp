#pragma once

#include <chrono>
#include <filesystem>

namespace ark::container::app {

/// Whether the API at `socket` answers a request within `limit`, whatever it answers: its thread and the container's own state are alive then.
/// Any thread.
bool api_answers(const std::filesystem::path& socket, std::chrono::milliseconds limit);

}  // namespace ark::container::app
