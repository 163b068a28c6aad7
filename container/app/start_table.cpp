#include "app/start_table.hpp"

#include <algorithm>
#include <cstdio>

namespace ark::container::app {

std::string steps_table(const std::vector<Step>& steps) {
  size_t width = 4;
  for (const auto& step : steps) width = std::max(width, step.name.size());
  std::string table;
  char numbers[64];
  for (const auto& step : steps) {
    std::snprintf(numbers, sizeof numbers, "%9.3f ms %9.3f ms  ", step.start_ms, step.took_ms);
    std::string outcome = step.outcome;
    std::replace(outcome.begin(), outcome.end(), '\n', ';');
    table += "  " + step.name + std::string(width - step.name.size() + 1, ' ') + numbers + outcome + "\n";
  }
  return table;
}

}  // namespace ark::container::app
