#include "app/command_line.hpp"

#include <ark/abi/version.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace ark::container::app {
namespace {

constexpr int kWrongUsage = 2;

std::filesystem::path default_home() {
  const char* home = std::getenv("ARK_HOME");
  return home && *home ? home : "ark-home";
}

}  // namespace

std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  line.home = default_home();
  CLI::App app("Loads plugin and biz modules, lets them call each other, and replaces them while they run", "ark-container");
  app.set_version_flag("--version", ARK_VERSION_TEXT);
  app.add_option("--home", line.home, "Folder of this container; default: $ARK_HOME, else ./ark-home")->type_name("DIR");
  app.add_option("--config", line.config, "Configuration; default: conf/container.json of the home, if it is there")->type_name("FILE");
  app.add_option("--set", line.settings, "Sets one key, over the configuration; may be repeated")->type_name("KEY=VALUE")->take_all()->allow_extra_args(false);
  app.add_option("--module", line.modules, "Loads this package besides those in the home; may be repeated")
      ->type_name("FILE.ark")
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--check", line.check, "Reads the configuration, verifies and resolves all packages, says everything that is wrong, and ends");
  app.add_flag("--print-config-schema", line.print_config_schema, "Prints a JSON Schema of the configuration, and ends");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUsage;
  }
  return line;
}

}  // namespace ark::container::app
