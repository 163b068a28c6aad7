/// The command line of ark-container.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace ark::container::app {

struct CommandLine {
  std::filesystem::path home;                   ///< --home, else $ARK_HOME, else ./ark-home
  std::filesystem::path config;                 ///< --config; empty: conf/container.json of the home, if it is there
  std::vector<std::string> settings;            ///< --set KEY=VALUE
  std::vector<std::filesystem::path> modules;   ///< --module FILE.ark
  bool check = false;                           ///< --check: read, verify and resolve everything, start nothing
  bool print_config_schema = false;
};

/// The options, or the exit status if there is nothing more to do (help and version 0, wrong usage 2); what there was to say has been printed.
std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv);

}  // namespace ark::container::app
