/// arkctl: makes packages and shows them.
#include <ark/abi/version.h>

#include <CLI/CLI.hpp>

#include "arkctl/package_commands.hpp"

namespace {

constexpr int kWrongUsage = 2;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Packages of modules for ark-container", "arkctl");
  bool json = false;
  int status = 0;
  app.set_version_flag("--version", ARK_VERSION_TEXT);
  app.add_flag("--json", json, "Print JSON");
  app.require_subcommand(1);
  app.fallthrough();
  ark::arkctl::add_package_commands(app, json, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUsage;
  }
  return status;
}
