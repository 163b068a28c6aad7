#pragma once

#include <ark/container/container.hpp>

#include <string>
#include <vector>

namespace ark::container::app {

/// The steps of a start or stop as a table for people: when each began, what it took, its outcome.
std::string steps_table(const std::vector<Step>& steps);

}  // namespace ark::container::app
