/// What was measured, as one table.
#pragma once

#include <string>
#include <vector>

namespace ark::bench {

struct Row {
  std::string what;
  std::string unit;
  double goal = 0;        ///< not above this
  double ours = 0;
  std::string floor;      ///< the same run's floor, and the ratio to it
  std::string peers;      ///< figures of peers; `recorded` ones are from docs/performance.md, not of this run
  bool without_way_out = false;  ///< calls, replacement and unmapping: may not be missed
};

/// Aligned text: row, goal, ours, met or MISSED.
std::string table(const std::vector<Row>& rows);

double median(std::vector<double> samples);
double least(const std::vector<double>& samples);

}  // namespace ark::bench
