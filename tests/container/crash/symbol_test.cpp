#include "crash/symbol.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "support/temp_dir.hpp"

namespace ark::container::crash {
namespace {

/// Visible, so that the C library can say where it lies.
extern "C" [[gnu::noinline, gnu::visibility("default"), gnu::used]] int ark_symbol_test_function(int x) { return x + 1; }

uint64_t address_in_file() {
  Dl_info info;
  const auto address = reinterpret_cast<uintptr_t>(&ark_symbol_test_function);
  EXPECT_NE(dladdr(reinterpret_cast<const void*>(address), &info), 0);
  return address - reinterpret_cast<uintptr_t>(info.dli_fbase);
}

TEST(Symbol, IsTheFunctionAndTheWayIntoIt) {
  Symbol symbol;
  ASSERT_TRUE(find_symbol("/proc/self/exe", address_in_file(), &symbol));
  EXPECT_STREQ(symbol.name, "ark_symbol_test_function");
  EXPECT_EQ(symbol.offset, 0u);
  ASSERT_TRUE(find_symbol("/proc/self/exe", address_in_file() + 1, &symbol));
  EXPECT_STREQ(symbol.name, "ark_symbol_test_function");
  EXPECT_EQ(symbol.offset, 1u);
}

TEST(Symbol, OfNoFunctionIsNone) {
  Symbol symbol;
  EXPECT_FALSE(find_symbol("/proc/self/exe", 1, &symbol));
  EXPECT_FALSE(find_symbol("/proc/self/exe", UINT64_MAX, &symbol));
}

TEST(Symbol, OfWhatIsNoFileOfCodeIsNone) {
  test::TempDir dir;
  std::ofstream(dir / "empty");
  std::ofstream(dir / "text") << std::string(10'000, 'x');
  Symbol symbol;
  for (const auto& file : {dir / "none", dir / "empty", dir / "text", dir.path()}) EXPECT_FALSE(find_symbol(file.c_str(), 0x1000, &symbol)) << file;
}

TEST(Symbol, AFileThatIsCutOffOrWrongEverywhereIsHarmless) {
  test::TempDir dir;
  const auto whole = *base::read_file("/proc/self/exe", size_t{1} << 30);
  const auto address = address_in_file();
  Symbol symbol;
  for (size_t size : {size_t{4}, size_t{63}, size_t{64}, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(dir / "cut", std::ios::binary) << whole.substr(0, size);
    (void)find_symbol((dir / "cut").c_str(), address, &symbol);
  }
  for (size_t at = 16; at < 64; ++at) {  // each byte of the header
    auto wrong = whole.substr(0, 4096);
    wrong[at] = '\xff';
    std::ofstream(dir / "wrong", std::ios::binary) << wrong;
    EXPECT_FALSE(find_symbol((dir / "wrong").c_str(), address, &symbol));
  }
}

}  // namespace
}  // namespace ark::container::crash
