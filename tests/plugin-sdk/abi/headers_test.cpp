// Each header compiles without another one before it, without a warning, in every language that it is meant for.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "support/run_program.hpp"

namespace ark {
namespace {

struct Case {
  std::string header;  ///< "ark/abi/host.h"
  std::string language, standard;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.header << " as " << c.standard; }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const std::filesystem::path root = SDK_HEADERS;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const auto header = entry.path().lexically_relative(root).string();
    if (header.ends_with(".h")) all.push_back({header, "c", "c11"});
    for (const char* standard : {"c++17", "c++20"}) all.push_back({header, "c++", standard});
  }
  std::sort(all.begin(), all.end(), [](const Case& a, const Case& b) {
    return std::tie(a.header, a.standard) < std::tie(b.header, b.standard);
  });
  return all;
}

class Header : public testing::TestWithParam<Case> {};

TEST_P(Header, CompilesAloneWithoutAWarning) {
  const auto& c = GetParam();
  test::TempDir dir;
  const auto source = (dir / "source").native();
  std::ofstream(source) << "typedef int more_than_nothing;\n";
  std::vector<std::string> words{c.language == "c" ? C_COMPILER : CXX_COMPILER,
                                 "-fsyntax-only",
                                 "-x",
                                 c.language,
                                 "-std=" + c.standard,
                                 "-Wall",
                                 "-Wextra",
                                 "-Werror",
                                 "-pedantic-errors",
                                 "-I" SDK_HEADERS,
                                 "-include",
                                 c.header,
                                 source};
  // sigset_t and pthread_t are POSIX's, which a strict C library hides.
  if (c.language == "c") words.insert(words.begin() + 1, "-D_POSIX_C_SOURCE=200809L");
  const auto ran = test::run_program(words);
  EXPECT_EQ(ran.status, 0) << ran.err;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  auto name = info.param.header + "_" + info.param.standard;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Sdk, Header, testing::ValuesIn(cases()), name_of);

TEST(HeaderCheck, SeesEveryHeader) {
  const auto all = cases();
  for (const char* header : {"ark/abi/host.h", "ark/sdk.hpp", "ark/sdk/context.hpp"}) {
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Case& c) { return c.header == header; })) << header;
  }
}

}  // namespace
}  // namespace ark
