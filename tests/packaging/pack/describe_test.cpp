#include "pack/describe.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>

#include "container/package/contract_tables.hpp"
#include "packaging/pack/modules.hpp"
#include "support/temp_dir.hpp"

namespace ark::packaging {
namespace {

using container::Code;
using container::Kind;
using container::package::Manifest;
using testing::AllOf;
using testing::HasSubstr;

/// A sound table; tests change one thing of it.
class Describe : public testing::Test {
 protected:
  Describe() {
    contracts_ = {clock("com.acme.Clock", "1.2", 1), nullptr, clock("com.acme.Zone", "2.0", 1)};
    module_.abi = ARK_ABI_VERSION;
    module_.size = sizeof module_;
    module_.fingerprint = ARK_FINGERPRINT;
    module_.sdk_version = ARK_VERSION_TEXT;
    module_.name = "orders";
    module_.version = "1.0.0-rc.1";
    module_.exports = "com.acme.Clock@1.2";
    module_.imports = "com.acme.Zone@[1.0,3.0)?";
    module_.kind = ARK_MODULE_PLUGIN;
  }

  const ark_contract_t* clock(const char* id, const char* version, uint32_t slots) {
    return tables_.contract(id, version, slots, {{"now", 0, tables_.i64(), {}}}, {}, 0);
  }

  container::Result<Manifest> described() {
    module_.contracts = contracts_.data();
    module_.contracts_end = contracts_.data() + contracts_.size();
    return describe(module_, draft_);
  }

  std::string refusal(Code code = Code::kInvalidArgument) {
    auto manifest = described();
    EXPECT_FALSE(manifest.ok());
    EXPECT_EQ(manifest.status().code(), code);
    return manifest.status().text();
  }

  test::Tables tables_;
  std::vector<const ark_contract_t*> contracts_;
  ark_module_t module_{};
  Manifest draft_;
};

TEST_F(Describe, CompletesTheDraft) {
  draft_.description = "Takes orders";
  auto manifest = described();
  ASSERT_TRUE(manifest.ok()) << manifest.status().text();
  EXPECT_EQ(manifest->description, "Takes orders");
  EXPECT_EQ(manifest->kind, Kind::kPlugin);
  EXPECT_EQ(manifest->name, "orders");
  EXPECT_EQ(to_string(manifest->version), "1.0.0-rc.1");
  EXPECT_EQ(manifest->fingerprint, ARK_FINGERPRINT);
  EXPECT_EQ(manifest->abi, uint32_t{ARK_ABI_VERSION});
  ASSERT_EQ(manifest->exports.size(), 1u);
  EXPECT_EQ(manifest->exports[0].id, "com.acme.Clock");
  EXPECT_EQ(manifest->exports[0].layout.contract.methods.at(0).name, "now");
  ASSERT_EQ(manifest->imports.size(), 1u);
  EXPECT_TRUE(manifest->imports[0].optional);
  EXPECT_EQ(manifest->imports[0].range.text, "[1.0,3.0)");
  EXPECT_EQ(manifest->imports[0].layout.contract.version, "2.0");
}

TEST_F(Describe, TakesAModuleThatDeclaresNothing) {
  module_.exports = module_.imports = "";
  contracts_.clear();
  auto manifest = described();
  ASSERT_TRUE(manifest.ok()) << manifest.status().text();
  EXPECT_TRUE(manifest->exports.empty());
  EXPECT_TRUE(manifest->imports.empty());
}

TEST_F(Describe, SplitsListsOfServices) {
  module_.exports = "com.acme.Clock@1.2;com.acme.Zone@2.0";
  module_.imports = "";
  auto manifest = described();
  ASSERT_TRUE(manifest.ok()) << manifest.status().text();
  EXPECT_EQ(manifest->exports.size(), 2u);
}

TEST_F(Describe, RefusesAnotherAbi) {
  module_.abi = ARK_ABI_VERSION + 1;
  EXPECT_THAT(refusal(Code::kIncompatible),
              AllOf(HasSubstr("ABI version " + std::to_string(ARK_ABI_VERSION + 1)), HasSubstr("arkctl of the SDK")));
  module_.abi = ARK_ABI_VERSION;
  module_.size = 16;
  EXPECT_THAT(refusal(Code::kIncompatible), HasSubstr("16 bytes"));
}

TEST_F(Describe, RefusesWrongNamesAndVersions) {
  module_.name = "Orders & Co";
  EXPECT_THAT(refusal(), HasSubstr("Orders & Co"));
  module_.name = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("name"));
  module_.name = "orders";
  module_.version = "one";
  EXPECT_THAT(refusal(), HasSubstr("one"));
  module_.version = nullptr;
  refusal();
}

TEST_F(Describe, ListsWhatThereIsWhenAnExportWasNotCompiledIn) {
  module_.exports = "com.acme.Missing@1.0";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("exports com.acme.Missing"),
                               HasSubstr("com.acme.Clock 1.2, com.acme.Zone 2.0"), HasSubstr("EXPORTS")));
}

TEST_F(Describe, ListsWhatThereIsWhenAnImportWasNotCompiledIn) {
  module_.imports = "com.acme.Missing@1.0";
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("imports com.acme.Missing"), HasSubstr("com.acme.Zone 2.0"), HasSubstr("IMPORTS")));
  contracts_.clear();
  module_.exports = "";
  EXPECT_THAT(refusal(), HasSubstr("compiled with none"));
}

TEST_F(Describe, RefusesAnExportOfAnotherVersionThanTheContracts) {
  module_.exports = "com.acme.Clock@1.3";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("com.acme.Clock@1.3"), HasSubstr("EXPORTS \"com.acme.Clock@1.2\"")));
}

TEST_F(Describe, RefusesServicesThatCannotBeRead) {
  module_.exports = "com.acme.Clock";
  EXPECT_THAT(refusal(), HasSubstr("com.acme.Clock"));
  module_.exports = "";
  module_.imports = "com.acme.Zone@[2.0,1.0)";
  EXPECT_THAT(refusal(), HasSubstr("[2.0,1.0)"));
}

TEST_F(Describe, RefusesAVirtualFunctionThatIsNotListed) {
  contracts_[0] = clock("com.acme.Clock", "1.2", 2);
  EXPECT_THAT(refusal(), HasSubstr("com.acme.Clock"));
}

TEST_F(Describe, RefusesTwoContractsWithOneId) {
  contracts_.push_back(tables_.contract("com.acme.Clock", "1.2", 1, {{"then", 0, tables_.i64(), {}}}, {}, 0));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("two different contracts"), HasSubstr("com.acme.Clock")));
}

TEST_F(Describe, TakesTheSameContractFromTwoSources) {
  contracts_.push_back(clock("com.acme.Clock", "1.2", 1));
  EXPECT_TRUE(described().ok());
}

TEST(LoadAndDescribe, SaysWhatTheLoaderSaid) {
  auto manifest = load_and_describe(test::module_file("unresolved"), {});
  EXPECT_EQ(manifest.status().code(), Code::kIncompatible);
  EXPECT_THAT(manifest.status().text(), HasSubstr("nobody_defines_this"));
}

TEST(CheckUnmapped, FindsWhatIsStillMapped) {
  const test::TempDir folder;
  const auto file = folder / "sound.so";
  std::filesystem::copy_file(test::module_file("sound"), file);
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto status = check_unmapped(folder.path());
  EXPECT_EQ(status.code(), Code::kIncompatible);
  EXPECT_THAT(status.text(), HasSubstr("sound.so stays mapped"));
  dlclose(handle);
  EXPECT_TRUE(check_unmapped(folder.path()).ok());
}

}  // namespace
}  // namespace ark::packaging
