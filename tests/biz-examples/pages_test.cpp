// What the pages quote stands in the code, and what they link to is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What stands between the fences ```cpp or ```cmake and the next ```.
std::vector<std::string> quotes(const fs::path& page) {
  std::vector<std::string> found;
  std::ifstream in(page);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      found.back() += line + "\n";
    } else if (line == "```cpp" || line == "```cmake") {
      inside = true;
      found.emplace_back();
    }
  }
  return found;
}

/// In a file of the folder that is no page.
bool stands_in(const fs::path& folder, const std::string& quote) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".md") continue;
    if (contents(entry.path()).find(quote) != std::string::npos) return true;
  }
  return false;
}

class ExamplePage : public testing::TestWithParam<const char*> {};

TEST_P(ExamplePage, QuotesCodeThatStandsInItsFolder) {
  const auto folder = fs::path(SOURCE) / "biz-examples" / GetParam();
  const auto all = quotes(folder / "README.md");
  EXPECT_FALSE(all.empty()) << "the page shows no code";
  for (const auto& quote : all)
    EXPECT_TRUE(stands_in(folder, quote)) << "not in the code of " << GetParam() << ":\n" << quote;
}

INSTANTIATE_TEST_SUITE_P(All, ExamplePage, testing::Values("hello", "greeter", "orders", "audit", "warmup", "caretaker", "embedding"),
                         [](const auto& page) { return std::string(page.param); });

TEST(Readme, QuotesCodeOfTheExamplesAfterTheFirstModule) {
  const auto all = quotes(fs::path(SOURCE) / "README.md");
  ASSERT_GT(all.size(), 2u);  // the first two are the first module, which first_module.sh builds
  for (size_t i = 2; i < all.size(); ++i)
    EXPECT_TRUE(stands_in(fs::path(SOURCE) / "biz-examples", all[i])) << "not in the examples:\n" << all[i];
}

TEST(Readme, LinksToWhatIsThere) {
  const auto text = contents(fs::path(SOURCE) / "README.md");
  const std::regex link(R"(\]\(([^):#]+)\))");
  int links = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it, ++links)
    EXPECT_TRUE(fs::exists(fs::path(SOURCE) / (*it)[1].str())) << "README.md links to " << (*it)[1];
  EXPECT_GT(links, 0);
}

}  // namespace
