/// Work on a file that nobody has tried yet, in a process of its own.
#pragma once

#include <ark/container/status.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace ark::packaging {

/// Runs `work` in a forked process and returns its answer. What it does to that process is lost with it.
///
/// what:    what it does, for messages: "loading liborders.so".
/// Errors:  those of `work`; kModuleFailed if the process died or did not answer in time, and it is ended then.
/// Threads: call it from a process with one thread.
container::Result<std::string> in_scratch_process(const std::string& what, std::chrono::milliseconds limit,
                                                  const std::function<container::Result<std::string>()>& work);

}  // namespace ark::packaging
