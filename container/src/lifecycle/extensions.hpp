/// The tables that modules ask for by name: what has come to the boundary after ark_host_t.
#pragma once

namespace ark::container::lifecycle {

/// A table that lives as long as the process, or null. Any thread.
const void* find_extension(const char* id);

}  // namespace ark::container::lifecycle
