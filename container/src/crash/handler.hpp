/// What the process does when it crashes: says whose code it was, and then dies as it would have died.
#pragma once

#include <filesystem>
#include <string_view>

namespace ark::container::crash {

/// Handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP and SIGSYS that write a report to standard error and to a file of its own in
/// `logs` (docs/crashes.md), and then hand the signal on to who had it before: by default the process dies of it, with its core. For the whole
/// process and its life; a second call changes the folder only. The calling thread gets an AlternateStack. In a build with a sanitizer, which has
/// handlers of its own, nothing is installed. Any thread.
void install(const std::filesystem::path& logs);
bool is_installed();

/// Takes the signal back if nobody handles it now: who did has gone.
void take_back(int signal);

/// Why the calling thread is about to call abort: part of its report. Copied; at most some hundred bytes of it.
void note_termination(std::string_view why);

}  // namespace ark::container::crash
