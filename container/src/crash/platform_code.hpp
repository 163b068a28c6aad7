#pragma once

namespace ark::container::crash {

/// Puts the executable and the libraries that are loaded now into the table of code, under no owner. Once for a process.
void note_platform_code();

}  // namespace ark::container::crash
