#pragma once

#include "app/command_line.hpp"

namespace ark::container::app {

/// Runs a container until a signal, or a module that called exit, ends it. Returns the exit status: 0 clean; 1 the start failed, a stop failed, or code
/// of modules is still in memory, with the reason on standard error; 2 wrong configuration. With such code it does not return but ends the process.
int run(const CommandLine& line);

}  // namespace ark::container::app
