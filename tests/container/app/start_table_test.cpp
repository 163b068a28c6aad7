#include "app/start_table.hpp"

#include <gtest/gtest.h>

namespace ark::container::app {
namespace {

TEST(StartTable, AlignsTimesAndOutcomes) {
  EXPECT_EQ(steps_table({{"open packages", 0, 1.5, "4 modules"}, {"orders 1.0.0: construct", 1.5, 1234.5678, "ok"}}),
            "  open packages               0.000 ms     1.500 ms  4 modules\n"
            "  orders 1.0.0: construct     1.500 ms  1234.568 ms  ok\n");
}

TEST(StartTable, IsEmptyWithoutSteps) { EXPECT_EQ(steps_table({}), ""); }

TEST(StartTable, AnOutcomeOfSeveralLinesStaysOnOne) {
  EXPECT_EQ(steps_table({{"resolve", 0, 0, "a\nb\nc"}}), "  resolve     0.000 ms     0.000 ms  a;b;c\n");
}

}  // namespace
}  // namespace ark::container::app
