#include "package/stamp.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Stamps, NameTheGenerationWhereALibrarysNameEnds) {
  EXPECT_EQ(stamped("lib/libz-3f09a1c2d4e5-g00000000.so", 42), "lib/libz-3f09a1c2d4e5-g00000042.so");
  EXPECT_EQ(stamped("lib/libz-3f09a1c2d4e5-g00000000.so", kLastGeneration), "lib/libz-3f09a1c2d4e5-g99999999.so");
  for (const char* other : {"lib/orders.so", "resources/x-g00000000.so.txt", "lib/libz-g0000000.so", ""}) EXPECT_EQ(stamped(other, 42), other);
}

TEST(Stamps, AreFoundWhereANameEnds) {
  const std::string bytes("a-g00000000.so\0libb-g00000000.so.1\0-g00000000.so\0-g00000000.so", 62);
  EXPECT_THAT(find_stamps(bytes), ElementsAre(3, 37));
  EXPECT_THAT(find_stamps("-g00000000.so"), IsEmpty());
}

class StampedFile : public testing::Test {
 protected:
  base::Descriptor open(const std::string& bytes) const {
    base::Descriptor file(::open((dir_ / "file").c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
    EXPECT_TRUE(file.valid() && base::write_fully(file.get(), bytes));
    return file;
  }
  std::string written() const { return *base::read_file(dir_ / "file", 1000); }
  test::TempDir dir_;
};

TEST_F(StampedFile, HasTheDigitsInItsPlaces) {
  const auto file = open("x-g00000000.so y-g00000000.so");
  EXPECT_TRUE(write_stamps(file.get(), {3, 18}, 7).ok());
  EXPECT_EQ(written(), "x-g00000007.so y-g00000007.so");
}

TEST_F(StampedFile, IsRefusedIfThereIsNoRoomForThem) {
  const auto file = open("x-g00000000.so");
  for (uint64_t at : {0, 4, 13, 14, 1'000'000}) {
    const auto status = write_stamps(file.get(), {at}, 7);
    EXPECT_EQ(status.code(), Code::kCorrupt) << at;
    EXPECT_THAT(status.text(), HasSubstr("byte " + std::to_string(at)));
  }
  EXPECT_EQ(write_stamps(file.get(), {UINT64_MAX}, 7).code(), Code::kCorrupt);
  EXPECT_EQ(written(), "x-g00000000.so");
}

}  // namespace
}  // namespace ark::container::package
