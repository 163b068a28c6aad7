// Libraries as a distribution builds them, each used by a module that they travel with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/host_client.hpp"
#include "support/process_facts.hpp"

namespace {

class ClosureOfALibrary : public testing::TestWithParam<const char*> {};

TEST_P(ClosureOfALibrary, IsUsedAndUnmappedAsOftenAsOneLikes) {
  const std::string name = std::string("closure-") + GetParam();
  ark::test::HostedContainer container;
  for (int round = 0; round < 3; ++round) {
    container.install(PACKAGES "/" + name + "-1.0.0.ark");
    EXPECT_GT(ark::test::mapped_files(container->home()).size(), 1u) << "no library travels with it";
    container.uninstall(name);
    EXPECT_EQ(container.mapped_generations(), std::vector<std::string>());
  }
  // And while another generation of the same libraries stays.
  container.install(PACKAGES "/" + name + "-1.0.0.ark");
  for (int round = 0; round < 3; ++round) {
    const auto replaced = container->replace(PACKAGES "/" + name + "-1.0.0.ark", {false, true});
    ASSERT_TRUE(replaced.status.ok()) << replaced.status.text();
    EXPECT_EQ(container.mapped_generations(), container.expected_generations());
  }
}

/// The keys are OpenSSL's: it asks the C library for them, and is led to the container.
TEST(LibraryThatTravels, RegistersAsTheModuleThatItTravelsWith) {
  ark::test::HostedContainer container;
  container.install(PACKAGES "/closure-curl-1.0.0.ark");
  const auto why = container->why("closure-curl");
  ASSERT_TRUE(why.ok()) << why.status().text();
  EXPECT_THAT(why->owns, testing::Contains(testing::HasSubstr("thread-specific key")));
}

INSTANTIATE_TEST_SUITE_P(OfDebian, ClosureOfALibrary, testing::Values("curl", "sqlite", "xml"), [](const auto& library) { return std::string(library.param); });

}  // namespace
