/// arkctl doctor: what an operator should look at, also when the container is down.
#pragma once

#include "arkctl/operator_commands.hpp"

namespace ark::arkctl {

/// json, status: as for add_operator_commands; status becomes 0 if nothing was found, 1 if something was, 3 if there is neither a container nor
/// a home.
void add_doctor_command(CLI::App& app, const Target& target, const bool& json, int& status);

}  // namespace ark::arkctl
