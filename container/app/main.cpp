#include <cstdio>

#include "app/command_line.hpp"
#include "app/run.hpp"
#include "config/settings.hpp"

int main(int argc, char** argv) {
  namespace app = ark::container::app;
  const auto parsed = app::parse_command_line(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& line = std::get<app::CommandLine>(parsed);
  if (line.print_config_schema) {
    std::fputs(ark::container::config::settings_schema().c_str(), stdout);
    return 0;
  }
  return app::run(line);
}
