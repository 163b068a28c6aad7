#include "arkctl/inspect_text.hpp"

#include <gtest/gtest.h>

namespace ark::arkctl {
namespace {

using container::package::Manifest;

Manifest orders() {
  Manifest manifest;
  manifest.kind = container::Kind::kPlugin;
  manifest.name = "orders";
  manifest.version = {1, 0, 0, ""};
  manifest.fingerprint = "machine=x86_64";
  manifest.sdk_version = "0.1.0";
  manifest.abi = 1;
  manifest.files = {{"lib/orders.so", "ab12", "", 17, 0x10, 16, 0x20, 8, {}}};
  return manifest;
}

TEST(InspectText, LeavesOutWhatThereIsNot) {
  EXPECT_EQ(inspect_text(orders()),
            "plugin        orders 1.0.0\n"
            "priority      100\n"
            "isolation     symbols\n"
            "built for     machine=x86_64\n"
            "SDK           0.1.0, ABI 1\n"
            "files         lib/orders.so, 17 bytes\n"
            "                sha256 ab12\n"
            "                run by the container: 2 static constructors, 1 static destructor\n");
}

TEST(InspectText, ShowsResourcesAndDenials) {
  auto manifest = orders();
  manifest.exported_resources = {"mail/*", "logo.png"};
  manifest.imported_resources = {{"templates/*", true}};
  manifest.denied = {{"com.acme.legacy.*"}, {"templates/old/*"}};
  EXPECT_EQ(inspect_text(manifest),
            "plugin        orders 1.0.0\n"
            "priority      100\n"
            "isolation     symbols\n"
            "built for     machine=x86_64\n"
            "SDK           0.1.0, ABI 1\n"
            "exports       resource mail/*\n"
            "              resource logo.png\n"
            "imports       resource templates/*?\n"
            "denies        com.acme.legacy.*\n"
            "              resource templates/old/*\n"
            "files         lib/orders.so, 17 bytes\n"
            "                sha256 ab12\n"
            "                run by the container: 2 static constructors, 1 static destructor\n");
}

TEST(InspectText, ShowsServicesWithTheirMethods) {
  auto manifest = orders();
  manifest.platform = {"2.36", "3.4.30", "1.3.13"};
  manifest.exports.push_back(*container::package::parse_export("com.acme.Orders@1.1"));
  auto& layout = manifest.exports[0].layout;
  layout.contract.id = "com.acme.Orders";
  layout.contract.methods = {{"place", 0, 0, true, true, "i64", {{"com.acme.Order", true}, {"i32", false}}},
                             {"clear", 1, 0, false, false, "void", {}}};
  manifest.imports.push_back(*container::package::parse_import("com.acme.Greeter@[1.0,2.0)?"));
  manifest.imports.push_back(*container::package::parse_import("com.acme.Clock@1.0"));
  manifest.dependencies.push_back(*container::package::parse_dependency("log@1.0"));
  const auto text = inspect_text(manifest);
  EXPECT_NE(text.find("needs         GLIBC 2.36, GLIBCXX 3.4.30, CXXABI 1.3.13\n"), text.npos) << text;
  EXPECT_NE(text.find("exports       com.acme.Orders@1.1\n"
                      "                place(com.acme.Order&, i32) -> i64 const noexcept\n"
                      "                clear()\n"
                      "imports       com.acme.Greeter@[1.0,2.0)?\n"
                      "              com.acme.Clock@1.0\n"
                      "depends on    log@1.0\n"),
            text.npos)
      << text;
}

}  // namespace
}  // namespace ark::arkctl
