/// arkctl: operates a container, and makes and shows packages.
#include <ark/abi/version.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "arkctl/doctor_command.hpp"
#include "arkctl/operator_commands.hpp"
#include "arkctl/package_commands.hpp"

namespace {

constexpr int kWrongUsage = 2;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Operates ark-container, and makes packages for it", "arkctl");
  bool json = false;
  int status = 0;
  ark::arkctl::Target target;
  app.set_version_flag("--version", ARK_VERSION_TEXT);
  app.add_flag("--json", json, "Print JSON");
  auto* home = app.add_option("--home", target.home, "Home of the container; default: $ARK_HOME, else ./ark-home")->type_name("DIR");
  app.add_option("--socket", target.socket, "Socket of the container; default: run/ark.sock in its home")->type_name("PATH")->excludes(home);
  app.require_subcommand(1);
  app.fallthrough();
  ark::arkctl::add_operator_commands(app, target, json, status);
  ark::arkctl::add_doctor_command(app, target, json, status);
  ark::arkctl::add_package_commands(app, json, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const auto words = app.remaining(true);
    if (app.get_subcommands().empty() && !words.empty()) {
      std::fprintf(stderr, "arkctl: there is no command '%s'; arkctl --help lists those there are\n", words.front().c_str());
      return kWrongUsage;
    }
    return app.exit(error) == 0 ? 0 : kWrongUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "arkctl: %s\n", error.what());
    return 1;
  }
  return status;
}
