/// How values of settings are written: "300ms", "16MiB", "info".
#pragma once

#include <ark/container/status.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ark::container::config {

/// "300ms", "30s", "5m", "1h"; at most 100000h. INVALID_ARGUMENT says what it may look like.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "512", "64KiB", "16MiB", "1GiB": bytes.
Result<uint64_t> parse_size(std::string_view text);

}  // namespace ark::container::config
