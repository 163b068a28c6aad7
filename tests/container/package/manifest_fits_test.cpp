#include <ark/abi/fingerprint.h>
#include <ark/abi/version.h>
#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "package/manifest.hpp"
#include "package/platform.hpp"
#include "sample.hpp"

namespace ark::container::package {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Manifest fitting() {
  Manifest m = test::sample_manifest({});
  m.platform = host_platform();
  return m;
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  EXPECT_NE(at, text.npos);
  return text.replace(at, from.size(), to);
}

TEST(Fits, AModuleOfThisPlatformFits) {
  auto status = check_fits(fitting());
  EXPECT_TRUE(status.ok()) << status.text();
  auto m = fitting();
  m.platform = {};
  EXPECT_TRUE(check_fits(m).ok());
}

TEST(Fits, ThePlatformIsThatOfTheLoadedLibraries) {
  EXPECT_THAT(host_platform().glibc, StartsWith("2."));
  EXPECT_THAT(host_platform().glibcxx, StartsWith("3.4."));
  EXPECT_THAT(host_platform().cxxabi, StartsWith("1.3."));
  // This test was linked against the library it runs with, or an older one.
  EXPECT_FALSE(comes_before(host_platform().glibcxx, "3.4.30"));
}

TEST(Fits, EachKeyOfTheFingerprintIsNamedWhenItDiffers) {
  struct Case {
    std::string_view from, to, message;
  };
  for (auto [from, to, message] : {
           Case{"machine=" ARK_FINGERPRINT_MACHINE, "machine=riscv64",
                "orders-1.0.0.ark was built for machine=riscv64; this container is machine=" ARK_FINGERPRINT_MACHINE
                ". Build it for " ARK_FINGERPRINT_MACHINE},
           Case{"library=libstdc++", "library=libc++",
                "was built for library=libc++; this container is library=libstdc++. Build it with libstdc++"},
           Case{"cxx11-abi=1", "cxx11-abi=0",
                "was built for cxx11-abi=0; this container is cxx11-abi=1. Build it with -D_GLIBCXX_USE_CXX11_ABI=1"},
           Case{"debug-containers=0", "debug-containers=1",
                "was built for debug-containers=1; this container is debug-containers=0. Build it without "
                "-D_GLIBCXX_DEBUG"},
           Case{"sanitizer=" ARK_FINGERPRINT_SANITIZER, "sanitizer=other",
                "was built for sanitizer=other; this container is sanitizer=" ARK_FINGERPRINT_SANITIZER
                ". Build it with"},
           Case{"sdk=0", "sdk=7",
                "was built for sdk=7; this container is sdk=0. Build it with version 0 of the SDK, or use a container "
                "of version 7"},
           Case{" sdk=0", "", "was built for sdk=(nothing); this container is sdk=0"},
           Case{"sdk=0", "sdk=0 moon=full", "was built for \"machine="},
       }) {
    auto m = fitting();
    m.fingerprint = with(m.fingerprint, from, to);
    auto status = check_fits(m);
    EXPECT_EQ(status.code(), Code::kIncompatible) << to;
    EXPECT_THAT(status.text(), HasSubstr(std::string(message)));
  }
}

TEST(Fits, ANewerBoundaryAndANewerPlatformAreNamed) {
  auto m = fitting();
  m.abi = 2;
  EXPECT_EQ(check_fits(m).text(),
            "orders-1.0.0.ark was built for boundary version 2; this container is boundary version 1. Use a newer "
            "container, or build it with the SDK of this one");
  m = fitting();
  m.platform.glibc = "2.999";
  EXPECT_EQ(check_fits(m).text(), "orders-1.0.0.ark needs GLIBC_2.999; the C library of this container has GLIBC_" +
                                      host_platform().glibc +
                                      ". Build it on this system or an older one, or run the container on a newer one");
  m = fitting();
  m.platform.glibcxx = "3.4.999";
  EXPECT_THAT(check_fits(m).text(),
              HasSubstr("needs GLIBCXX_3.4.999; the libstdc++ of this container has GLIBCXX_3.4."));
  m = fitting();
  m.platform.cxxabi = "1.4";
  EXPECT_THAT(check_fits(m).text(), HasSubstr("needs CXXABI_1.4; the libstdc++ of this container has CXXABI_1.3."));
  m = fitting();
  m.platform.glibc = "2.2.5";
  EXPECT_TRUE(check_fits(m).ok());
}

TEST(Fits, VersionsOfSymbolsAreComparedAsNumbers) {
  EXPECT_TRUE(comes_before("3.4.9", "3.4.30"));
  EXPECT_TRUE(comes_before("2.4", "2.36"));
  EXPECT_TRUE(comes_before("2", "2.1"));
  EXPECT_TRUE(comes_before("", "1"));
  EXPECT_FALSE(comes_before("2.36", "2.36"));
  EXPECT_FALSE(comes_before("2.36", "2.4"));
  EXPECT_FALSE(comes_before("3", "2.99"));
}

}  // namespace
}  // namespace ark::container::package
