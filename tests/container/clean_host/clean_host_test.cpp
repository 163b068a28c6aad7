// What a host brings into its process comes before the same thing in every module: so it brings the platform and
// nothing else.
#include <ark/abi/fingerprint.h>
#include <dlfcn.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "package/elf.hpp"

namespace ark::container {
namespace {

bool is_allowed(const std::string& library) {
  for (const char* name :
       {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}) {
    if (library == name) return true;
  }
#if defined(ARK_HAS_ASAN)
  return library.starts_with("libasan.so.") || library.starts_with("libubsan.so.");
#elif defined(ARK_HAS_TSAN)
  return library.starts_with("libtsan.so.");
#else
  return false;
#endif
}

/// The linker exports what it finds both in the program and in a library that the program needs, as std::string::npos:
/// such a name is the platform's, and no module has another meaning for it.
bool is_of_platform(const std::string& symbol, const std::vector<std::string>& libraries) {
  for (const auto& library : libraries) {
    void* handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (!handle) continue;
    const bool found = dlsym(handle, symbol.c_str()) != nullptr;
    dlclose(handle);
    if (found) return true;
  }
  return false;
}

class CleanHost : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto elf = package::read_elf(GetParam());
    ASSERT_TRUE(elf.ok()) << elf.status().text();
    elf_ = *elf;
  }
  package::ElfInfo elf_;
};

TEST_P(CleanHost, NeedsNothingButThePlatform) {
  EXPECT_THAT(elf_.needed, testing::Contains("libc.so.6"));
  for (const auto& library : elf_.needed) {
    EXPECT_TRUE(is_allowed(library)) << GetParam() << " needs " << library << ": link its static form";
  }
  EXPECT_THAT(elf_.run_paths, testing::IsEmpty());
}

TEST_P(CleanHost, ExportsNoSymbolOfItsOwn) {
  for (const auto& symbol : elf_.symbols) {
    if (!symbol.defined || symbol.name.starts_with("ark_")) continue;
    EXPECT_TRUE(is_of_platform(symbol.name, elf_.needed))
        << GetParam() << " exports " << symbol.name << ", which would win over the same name in every module";
  }
}

TEST_P(CleanHost, DefinesNothingOnceForTheWholeProcess) {
  for (const auto& symbol : elf_.symbols) EXPECT_FALSE(symbol.defined && symbol.gnu_unique) << symbol.name;
}

std::vector<std::string> hosts() {
  std::vector<std::string> list;
  std::string_view left = HOSTS;
  while (!left.empty()) {
    const auto name = left.substr(0, left.find(':'));
    left.remove_prefix(std::min(left.size(), name.size() + 1));
    if (!name.empty()) list.emplace_back(name);
  }
  return list;
}

std::string name_of(const testing::TestParamInfo<std::string>& host) {
  auto name = std::filesystem::path(host.param).filename().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Hosts, CleanHost, testing::ValuesIn(hosts()), name_of);

/// The check is able to fail: this program is none of the hosts, and its library is not on the list.
TEST(CleanHostCheck, TellsForeignNamesFromThePlatforms) {
  EXPECT_FALSE(is_allowed("libz.so.1"));
  EXPECT_FALSE(is_of_platform("deflate", {"libc.so.6", "libstdc++.so.6"}));
  EXPECT_TRUE(is_of_platform("_ZSt4cout", {"libc.so.6", "libstdc++.so.6"}));
}

}  // namespace
}  // namespace ark::container
