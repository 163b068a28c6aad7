#include "crash/code_table.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ark::container::crash {
namespace {

/// Addresses that are nobody's: never followed.
constexpr uintptr_t kPlace = 0x1000, kSize = 0x100;

Code code_at(uintptr_t begin, const std::string& name) { return {begin, begin + kSize, begin, {name, "1.0.0", 7}, "/" + name + ".so", "ab"}; }

TEST(CodeTable, FindsByAddressFromTheFirstByteToTheLast) {
  const MappedCode a(code_at(kPlace, "a")), b(code_at(kPlace + kSize, "b"));
  const CodeReader reader;
  EXPECT_EQ(reader.find(kPlace - 1), nullptr);
  EXPECT_EQ(reader.find(kPlace)->owner.name, "a");
  EXPECT_EQ(reader.find(kPlace + kSize - 1)->owner.name, "a");
  EXPECT_EQ(reader.find(kPlace + kSize)->file, "/b.so");
  EXPECT_EQ(reader.find(kPlace + 2 * kSize), nullptr);
}

TEST(CodeTable, ForgetsWhatIsGoneAndWhatWasMovedAwayOnlyOnce) {
  MappedCode code(code_at(kPlace, "a"));
  MappedCode moved(std::move(code));
  code.reset();
  EXPECT_NE(CodeReader().find(kPlace), nullptr);
  moved = MappedCode(code_at(kPlace + kSize, "b"));
  EXPECT_EQ(CodeReader().find(kPlace), nullptr);
  moved.reset();
  EXPECT_EQ(CodeReader().find(kPlace + kSize), nullptr);
}

TEST(CodeTable, GrowsBeyondItsFirstRows) {
  std::vector<MappedCode> all;
  for (uintptr_t i = 0; i < 1000; ++i) all.emplace_back(code_at(kPlace + i * kSize, "m" + std::to_string(i)));
  const CodeReader reader;
  for (uintptr_t i = 0; i < 1000; ++i) EXPECT_EQ(reader.find(kPlace + i * kSize)->owner.name, "m" + std::to_string(i));
}

TEST(CodeTable, AReaderKeepsWhatItHasFound) {
  MappedCode code(code_at(kPlace, "a"));
  const CodeReader reader;
  const Code* found = reader.find(kPlace);
  code.reset();
  EXPECT_EQ(found->owner.name, "a");
  EXPECT_EQ(reader.find(kPlace), nullptr);
}

TEST(CodeTable, RowsAreWholeWhileOthersComeAndGo) {
  std::atomic<bool> over{false};
  std::vector<std::thread> writers;
  for (uintptr_t i = 0; i < 3; ++i) {
    writers.emplace_back([&over, i] {
      while (!over) MappedCode code(code_at(kPlace + i * kSize, "module-with-a-long-name-" + std::to_string(i)));
    });
  }
  for (size_t found = 0; found < 1000;) {
    const CodeReader reader;
    for (uintptr_t i = 0; i < 3; ++i) {
      const Code* code = reader.find(kPlace + i * kSize);
      if (!code) continue;
      ++found;
      EXPECT_EQ(code->owner.name, "module-with-a-long-name-" + std::to_string(i));
      EXPECT_EQ(code->base, kPlace + i * kSize);
    }
  }
  over = true;
  for (auto& writer : writers) writer.join();
  for (uintptr_t i = 0; i < 3; ++i) EXPECT_EQ(CodeReader().find(kPlace + i * kSize), nullptr);
}

}  // namespace
}  // namespace ark::container::crash
