/// The commands that need no container: pack, inspect, verify.
#pragma once

namespace CLI {
class App;
}

namespace ark::arkctl {

/// Adds the commands to `app`, which must live as long as they may run, as must the two others.
///
/// json:   the value of the option --json when a command runs.
/// status: becomes 1 when a command is refused or fails, after its reason was written to stderr; wrong usage is for
/// whoever
///         parses the command line.
void add_package_commands(CLI::App& app, const bool& json, int& status);

}  // namespace ark::arkctl
