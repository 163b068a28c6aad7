#include <gtest/gtest.h>
#include <ark/sdk/resource.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace {

/// What the container lends during the call that passes it.
class ResourceTest : public testing::Test {
 protected:
  ResourceTest() {
    std::fputs("some\ntext", file_);
    std::fflush(file_);
  }
  ~ResourceTest() override { lend_no_more(); }
  ark::Resource taken() const {
    return ark::Resource("mail/a.txt", {sizeof(ark_resource_t), fileno(file_), 9, "greeter 1.0.0"});
  }
  void lend_no_more() {
    if (file_) std::fclose(std::exchange(file_, nullptr));
  }

 private:
  FILE* file_ = std::tmpfile();
};

TEST_F(ResourceTest, StaysReadableAfterTheContainerHasClosedIt) {
  const auto resource = taken();
  lend_no_more();
  EXPECT_EQ(resource.name(), "mail/a.txt");
  EXPECT_EQ(resource.module(), "greeter 1.0.0");
  EXPECT_EQ(resource.size(), 9u);
  EXPECT_EQ(resource.read(), "some\ntext");
  EXPECT_EQ(resource.read(), "some\ntext") << "each time from its begin";
  std::ifstream file(resource.path());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "some\ntext");
}

TEST_F(ResourceTest, IsClosedOnceAndOnlyByItsLastOwner) {
  std::optional<ark::Resource> first(taken());
  auto second = std::move(*first);
  first.reset();
  EXPECT_EQ(second.read(), "some\ntext");
  auto third = taken();
  third = std::move(second);
  EXPECT_EQ(third.read(), "some\ntext");
  EXPECT_NE(::fcntl(third.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ResourceTest, AFileThatIsShorterThanSaidIsAnError) {
  const auto resource = taken();
  ASSERT_EQ(::ftruncate(resource.descriptor(), 4), 0);
  EXPECT_THROW((void)resource.read(), ark::Error);
}

TEST_F(ResourceTest, ADescriptorThatIsNoneIsAnError) {
  EXPECT_THROW(ark::Resource("x", {sizeof(ark_resource_t), -1, 0, "m 1.0.0"}), ark::Error);
}

}  // namespace
