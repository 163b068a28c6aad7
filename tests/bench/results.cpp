#include "results.hpp"

#include <algorithm>
#include <cstdio>

namespace ark::bench {

std::string table(const std::vector<Row>& rows) {
  std::string text = "| what | goal | ours | | floor of this run | peers |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& row : rows) {
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, "≤ %g %s | %.*f %s | %s", row.goal, row.unit.c_str(), row.ours < 10 ? 2 : 1, row.ours, row.unit.c_str(),
                  row.ours <= row.goal ? "met" : "MISSED");
    text += "| " + row.what + " | " + numbers + " | " + row.floor + " | " + row.peers + " |\n";
  }
  return text;
}

double median(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

double least(const std::vector<double>& samples) { return *std::min_element(samples.begin(), samples.end()); }

}  // namespace ark::bench
