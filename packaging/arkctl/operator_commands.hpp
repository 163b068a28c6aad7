/// Commands that ask a running container: its verbs, and what there is to see of it.
#pragma once

#include <filesystem>
#include <string>

namespace CLI {
class App;
}

namespace ark::arkctl {

/// Where the container is, from options of the program that come before the command.
struct Target {
  std::string home, socket;  ///< as given; empty: not
};

/// The home, by default that of $ARK_HOME, else ./ark-home; and the socket, by default the one in it.
std::filesystem::path home_of(const Target& target);
std::filesystem::path socket_of(const Target& target);

/// json: print what the API answered. status: set to the exit status: 0 done, 1 refused or failed, 3 not reachable. All
/// three outlive app.parse().
void add_operator_commands(CLI::App& app, const Target& target, const bool& json, int& status);

}  // namespace ark::arkctl
