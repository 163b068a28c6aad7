// This program links a shared library, as no host should.
#include "loader/global_scope.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ark/container/container.hpp>

#include "support/temp_dir.hpp"

extern "C" int ark_test_foreign_answer();

namespace ark::container::loader {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& library : foreign_libraries()) found.push_back(library.filename());
  return found;
}

TEST(GlobalScope, NamesTheLibrariesThatAreNotThePlatforms) {
  EXPECT_EQ(ark_test_foreign_answer(), 42);
  EXPECT_THAT(names(), ElementsAre("libforeign.so"));
}

TEST(GlobalScope, PassesOverWhatWasLoadedForItselfAlone) {
  void* handle = dlopen(FOREIGN_OWN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  EXPECT_THAT(names(), ElementsAre("libforeign.so"));
  dlclose(handle);
  handle = dlopen(FOREIGN_OWN, RTLD_NOW | RTLD_GLOBAL);
  EXPECT_THAT(names(), ElementsAre("libforeign.so", "libforeign_own.so"));
  dlclose(handle);
}

TEST(GlobalScope, RefusesAFileThatDefinesWhatALibraryDefines) {
  const auto foreign = foreign_libraries();
  const auto refused = check_definitions(FOREIGN_COPY, foreign);
  EXPECT_EQ(refused.code(), Code::kIncompatible);
  EXPECT_THAT(refused.text(),
              HasSubstr("libforeign_copy.so defines ark_test_foreign_answer, and so does " FOREIGN ", which the host program links"));
  EXPECT_TRUE(check_definitions(FOREIGN_OWN, foreign).ok());
  EXPECT_TRUE(check_definitions(FOREIGN_COPY, {}).ok()) << "a clean host reads nothing";
  EXPECT_FALSE(check_definitions("/nonexistent.so", foreign).ok());
}

TEST(GlobalScope, AContainerTellsWhenItStarts) {
  test::TempDir temp;
  std::vector<std::string> said;
  Options options;
  options.home = temp / "home";
  options.log = [&](int, std::string_view, std::string_view text) { said.emplace_back(text); };
  auto container = Container::create(options);
  ASSERT_TRUE(container.ok()) << container.status().text();
  ASSERT_TRUE((*container)->start().status.ok());
  EXPECT_THAT(said, testing::Contains(HasSubstr("the host program links " FOREIGN)));
  EXPECT_TRUE((*container)->stop().status.ok());
}

}  // namespace
}  // namespace ark::container::loader
