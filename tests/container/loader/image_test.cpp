#include "loader/image.hpp"

#include <ark/abi/version.h>
#include <gmock/gmock.h>

namespace ark::container::loader {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Image, SaysThatTheTableOfAModuleIsTooSmall) {
  package::Manifest manifest;
  manifest.entry = std::filesystem::path(SMALL_TABLE).filename();
  manifest.files.emplace_back().path = manifest.entry;
  Image image(std::filesystem::path(SMALL_TABLE).parent_path(), manifest);
  const auto opened = image.open();
  ASSERT_TRUE(opened.ok()) << opened.text();
  manifest.abi = ARK_ABI_VERSION;
  const auto matches = image.matches(manifest);
  EXPECT_EQ(matches.code(), Code::kCorrupt);
  EXPECT_THAT(matches.text(), AllOf(HasSubstr(SMALL_TABLE), HasSubstr("16 bytes"), HasSubstr(std::to_string(sizeof(ark_module_t))),
                                    Not(HasSubstr("in its manifest"))));
  EXPECT_TRUE(image.close());
}

}  // namespace
}  // namespace ark::container::loader
