#include "pack/lint.hpp"

#include <elf.h>
#include <gmock/gmock.h>

#include "packaging/pack/modules.hpp"

namespace ark::packaging {
namespace {

using container::package::ElfInfo;
using container::package::read_elf;
using test::module_file;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> faults_in(const std::string& module) {
  auto elf = read_elf(module_file(module));
  if (!elf.ok()) return {elf.status().text()};
  return faults_of(*elf);
}

TEST(Lint, ASoundModuleHasNoFaults) {
  EXPECT_THAT(faults_in("sound"), IsEmpty());
  EXPECT_THAT(faults_in("little_static_tls"), IsEmpty());
}

struct Refusal {
  const char* module;
  const char* what;
  const char* remedy;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.module; }

class LintRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(LintRefuses, ExactlyThisFaultWithItsRemedy) {
  const auto& [module, what, remedy] = GetParam();
  EXPECT_THAT(faults_in(module), ElementsAre(AllOf(HasSubstr(what), HasSubstr(remedy))));
}

INSTANTIATE_TEST_SUITE_P(Modules, LintRefuses,
                         testing::Values(Refusal{"nodelete", "DF_1_NODELETE", "-z nodelete"},
                                         Refusal{"global", "DF_1_GLOBAL", "-z global"},
                                         Refusal{"initfirst", "DF_1_INITFIRST", "-z initfirst"},
                                         Refusal{"text_relocations", "TEXTREL", "-fPIC"},
                                         Refusal{"executable_stack", "executable stack", "noexecstack"},
                                         Refusal{"run_path", "/opt/company", "-rpath"},
                                         Refusal{"old_run_path", "/opt/company", "-rpath"},
                                         Refusal{"library", "libpack_company.so", "link it statically"},
                                         Refusal{"own_init", "DT_INIT", "static constructor"},
                                         Refusal{"own_fini", "DT_FINI", "static constructor or destructor"},
                                         Refusal{"exports", "own_fini", "version script"},
                                         Refusal{"static_tls", "bytes of thread-local data", "initial-exec"},
                                         Refusal{"process_wide", "std::set_terminate", "do without it"}),
                         [](const auto& info) { return std::string(info.param.module); });

TEST(Lint, RefusesUniqueSymbols) {
  if (!test::kGcc) GTEST_SKIP() << "only g++ makes them";
  EXPECT_THAT(faults_in("unique").front(),
              AllOf(HasSubstr("STB_GNU_UNIQUE"), HasSubstr("Unique"), HasSubstr("-fno-gnu-unique")));
}

TEST(Lint, RefusesAnUnwinderAndACxxRunTimeOfItsOwn) {
  if (!test::kPlainBuild) GTEST_SKIP() << "a sanitizer brings its own";
  EXPECT_THAT(faults_in("static_runtime"),
              testing::Contains(
                  AllOf(HasSubstr("_Unwind_RaiseException"), HasSubstr("__cxa_throw"), HasSubstr("-static-libgcc"))));
}

TEST(Lint, RefusesWritableCode) {
  auto bytes = test::module_bytes("sound");
  auto* segments = reinterpret_cast<Elf64_Phdr*>(bytes.data() + reinterpret_cast<Elf64_Ehdr*>(bytes.data())->e_phoff);
  while (segments->p_type != PT_LOAD || (segments->p_flags & PF_X) == 0) ++segments;
  segments->p_flags |= PF_W;
  auto elf = container::package::parse_elf(bytes, "x");
  ASSERT_TRUE(elf.ok());
  EXPECT_THAT(faults_of(*elf), ElementsAre(HasSubstr("written and executed")));
}

TEST(Lint, RefusesWhatHasNoModule) {
  EXPECT_THAT(faults_in("nameless"),
              testing::Contains(AllOf(HasSubstr("does not export ark_module"), HasSubstr("ARK_BIZ"))));
}

TEST(Lint, RefusesPrograms) {
  auto elf = read_elf("/proc/self/exe");
  ASSERT_TRUE(elf.ok());
  EXPECT_THAT(faults_of(*elf), testing::Contains(HasSubstr("is a program")));
}

TEST(Lint, RefusesOtherMachines) {
  auto bytes = test::module_bytes("sound");
  reinterpret_cast<Elf64_Ehdr*>(bytes.data())->e_machine = EM_RISCV;
  auto elf = container::package::parse_elf(bytes, "x");
  ASSERT_TRUE(elf.ok());
  EXPECT_THAT(faults_of(*elf), ElementsAre(HasSubstr("machine 243")));
}

TEST(Lint, RefusesAVersionOfALibraryThatIsNotNeeded) {
  ElfInfo elf = *read_elf(module_file("sound"));
  elf.versions.push_back({"libm.so.99", "M_1"});
  EXPECT_THAT(faults_of(elf), ElementsAre(AllOf(HasSubstr("M_1"), HasSubstr("libm.so.99"))));
}

TEST(Lint, SaysThatModulesShareOneStandardLibrary) {
  ElfInfo elf = *read_elf(module_file("sound"));
  elf.needed.emplace_back("libc++.so.1");
  EXPECT_THAT(faults_of(elf), ElementsAre(HasSubstr("-stdlib=libc++")));
}

TEST(Lint, ReportsAllFaultsAtOnce) {
  ElfInfo elf = *read_elf(module_file("sound"));
  elf.flags_1 |= DF_1_NODELETE | DF_1_GLOBAL;
  elf.needed.emplace_back("libz.so.1");
  auto status = check_loadable(elf, "orders.so");
  EXPECT_EQ(status.code(), container::Code::kIncompatible);
  EXPECT_THAT(status.text(), AllOf(HasSubstr("orders.so cannot be a module:"), HasSubstr("NODELETE"),
                                   HasSubstr("GLOBAL"), HasSubstr("libz.so.1")));
}

}  // namespace
}  // namespace ark::packaging
