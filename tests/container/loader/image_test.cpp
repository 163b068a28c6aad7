#include "loader/image.hpp"

#include <ark/abi/version.h>
#include <gmock/gmock.h>

namespace ark::container::loader {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Image, SaysThatTheTableOfAModuleIsTooSmall) {
  Image image(SMALL_TABLE, {});
  const auto opened = image.open();
  ASSERT_TRUE(opened.ok()) << opened.text();
  package::Manifest manifest;
  manifest.abi = ARK_ABI_VERSION;
  const auto matches = image.matches(manifest);
  EXPECT_EQ(matches.code(), Code::kCorrupt);
  EXPECT_THAT(matches.text(), AllOf(HasSubstr(SMALL_TABLE), HasSubstr("16 bytes"), HasSubstr(std::to_string(sizeof(ark_module_t))),
                                    Not(HasSubstr("in its manifest"))));
  EXPECT_TRUE(image.close());
}

}  // namespace
}  // namespace ark::container::loader
