// Three generations of one module at once, each with statics of its own.
#include <gtest/gtest.h>

#include "isolated/isolated.hpp"
#include "support/host_client.hpp"

namespace {

using isolated::Counts;

Counts each_at(int32_t count) { return {count, count, count, count, count}; }

/// Its library is linked into it, or travels with it.
class Generations : public testing::TestWithParam<const char*> {
 protected:
  static std::string package(const char* version) { return PACKAGES "/witness_first_" + std::string(version) + "_" + GetParam() + ".ark"; }
};
INSTANTIATE_TEST_SUITE_P(Number5, Generations, testing::Values("static", "shared"), [](const auto& form) { return std::string(form.param); });

TEST_P(Generations, OfOneModuleCountApartAndOutliveTheMiddleOne) {
  ark::test::HostedContainer container;
  container.install(package("1.0.0"));
  container.install(package("1.1.0"));
  container.install(package("1.2.0"));
  ASSERT_EQ(container.mapped_generations().size(), 3u);
  auto witness = container.context().reference<isolated::Witness>();
  auto switch_to = [&](const char* version) {
    const auto done = container->switch_to(std::string("witness-first:") + version);
    ASSERT_TRUE(done.status.ok()) << done.status.text();
  };
  EXPECT_TRUE(witness->count() == each_at(1));
  switch_to("1.1.0");
  EXPECT_TRUE(witness->count() == each_at(1)) << "the second generation has statics of the first";
  EXPECT_TRUE(witness->count() == each_at(2));
  switch_to("1.2.0");
  EXPECT_TRUE(witness->count() == each_at(1)) << "the third generation has statics of another";

  container.uninstall("witness-first:1.1.0");
  EXPECT_EQ(container.mapped_generations(), container.expected_generations());
  EXPECT_EQ(container.mapped_generations().size(), 2u);
  EXPECT_TRUE(witness->count() == each_at(2)) << "the third generation has lost its statics with the second";
  switch_to("1.0.0");
  EXPECT_TRUE(witness->count() == each_at(2)) << "the first generation has lost its statics with the second";

  container.install(package("1.1.0"), true);
  EXPECT_TRUE(witness->count() == each_at(1)) << "the second generation has come back with old statics";
}

}  // namespace
