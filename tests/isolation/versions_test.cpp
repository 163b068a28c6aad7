// Two biz with two versions of one library, a plugin with a third and a host with a fourth: each sees only its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "isolated/isolated.hpp"
#include "support/host_client.hpp"
#include "versioned/facts.hpp"

namespace {

using isolated::Counts;
using isolated::Versions;
using isolated::Witness;

Versions all_of(int32_t version) { return {version, version, version, version, version, version}; }
Counts each_at(int32_t count) { return {count, count, count, count, count}; }

struct Owner {
  std::string module;
  std::string package;
  int32_t version;
};

/// form: "static", linked into the modules, or "shared", traveling with them.
std::string package_of(const std::string& name, const std::string& form) {
  return PACKAGES "/witness_" + name + "_1.0.0_" + form + ".ark";
}

class VersionsOfALibrary : public testing::TestWithParam<const char*> {
 protected:
  std::string package(const std::string& name) const { return package_of(name, GetParam()); }
  const std::vector<Owner> kOwners{
      {"witness-first", package("first"), 1}, {"witness-plugin", package("plugin"), 3}, {"witness-second", package("second"), 2}};
};
INSTANTIATE_TEST_SUITE_P(Number1, VersionsOfALibrary, testing::Values("static", "shared"),
                         [](const auto& form) { return std::string(form.param); });

ark::Reference<Witness> witness_of(ark::Context& ctx, const std::string& module) {
  return ctx.reference<Witness>(ark::Filter().unique_id(module));
}

/// The host's own copy counts on for as long as the process lives.
int32_t host_count() {
  static int32_t count = 0;
  return ++count;
}

void expect_each_sees_its_own(ark::Context& ctx, const std::vector<Owner>& owners) {
  for (const auto& owner : owners)
    EXPECT_TRUE(witness_of(ctx, owner.module)->versions() == all_of(owner.version)) << owner.module;
  EXPECT_TRUE(versioned::versions_seen() == all_of(4)) << "the host";
  // In turn, so that one that counted for another would show.
  for (int32_t count = 1; count <= 3; ++count) {
    for (const auto& owner : owners)
      EXPECT_TRUE(witness_of(ctx, owner.module)->count() == each_at(count)) << owner.module << " at " << count;
    EXPECT_TRUE(versioned::count_everywhere() == each_at(host_count())) << "the host";
  }
}

TEST_P(VersionsOfALibrary, AreEachModulesOwnInAnyOrderOfLoading) {
  auto owners = kOwners;  // sorted, so that every order comes
  auto less = [](const Owner& a, const Owner& b) { return a.module < b.module; };
  do {
    SCOPED_TRACE(owners[0].module + ", " + owners[1].module + ", " + owners[2].module);
    ark::test::HostedContainer container;
    for (const auto& owner : owners) container.install(owner.package);
    expect_each_sees_its_own(container.context(), owners);
    for (const auto& owner : owners) container.uninstall(owner.module);
    EXPECT_EQ(container.mapped_generations(), std::vector<std::string>());
  } while (std::next_permutation(owners.begin(), owners.end(), less));
}

TEST_P(VersionsOfALibrary, AreEachModulesOwnWhenAllAreCalledAtOnce) {
  ark::test::HostedContainer container;
  for (const auto& owner : kOwners) container.install(owner.package);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (const auto& owner : kOwners) {
    threads.emplace_back([&] {
      auto witness = witness_of(container.context(), owner.module);
      for (int32_t i = 1; i <= 1000; ++i) {
        if (!(witness->versions() == all_of(owner.version)) || !(witness->count() == each_at(i))) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

/// One module's end takes nothing from the others.
TEST_P(VersionsOfALibrary, StayWithTheOthersWhenOneModuleGoes) {
  ark::test::HostedContainer container;
  for (const auto& owner : kOwners) container.install(owner.package);
  for (const auto& owner : kOwners) EXPECT_TRUE(witness_of(container.context(), owner.module)->count() == each_at(1));
  container.uninstall("witness-first");
  for (const auto& owner : {kOwners[1], kOwners[2]}) {
    EXPECT_TRUE(witness_of(container.context(), owner.module)->versions() == all_of(owner.version));
    EXPECT_TRUE(witness_of(container.context(), owner.module)->count() == each_at(2));
  }
}

TEST_P(VersionsOfALibrary, StartAfreshInAModuleThatIsReplacedByTheSamePackage) {
  ark::test::HostedContainer container;
  container.install(package("first"));
  container.install(package("second"));
  auto first = witness_of(container.context(), "witness-first"),
       second = witness_of(container.context(), "witness-second");
  for (int32_t round = 1; round <= 5; ++round) {
    EXPECT_TRUE(first->count() == each_at(1)) << "round " << round << " found statics of an earlier one";
    EXPECT_TRUE(first->count() == each_at(2));
    EXPECT_TRUE(second->count() == each_at(round)) << "the other module has lost its statics";
    const auto done = container->replace(package("first"), {false, true});
    ASSERT_TRUE(done.status.ok()) << done.status.text();
    EXPECT_EQ(container.mapped_generations(), container.expected_generations());
  }
}

}  // namespace
