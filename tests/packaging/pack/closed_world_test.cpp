#include "pack/closed_world.hpp"

#include <gmock/gmock.h>

#include "packaging/pack/made_library.hpp"
#include "packaging/pack/modules.hpp"

namespace ark::packaging {
namespace {

namespace fs = std::filesystem;
using container::package::parse_elf;
using test::MadeLibrary;
using test::MadeSymbol;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

BundledLibrary bundled(const MadeLibrary& library) {
  auto bytes = library.bytes();
  auto elf = *parse_elf(bytes, library.soname);
  return {"/somewhere/" + library.soname, library.soname, {library.soname}, std::move(elf), std::move(bytes)};
}

/// "E: text -> remedy" of a module and libraries.
std::vector<std::string> findings(const MadeLibrary& module, const std::vector<MadeLibrary>& libraries) {
  std::vector<BundledLibrary> closure;
  for (const auto& library : libraries) closure.push_back(bundled(library));
  auto found = check_closed_world(*parse_elf(module.bytes(), "orders.so"), "/build/orders.so", closure);
  if (!found.ok()) return {found.status().text()};
  std::vector<std::string> texts;
  for (const auto& finding : *found) {
    EXPECT_THAT(finding.remedy, Not(IsEmpty()));
    texts.push_back((finding.severity == Severity::kError ? "E: " : "W: ") + finding.text + " -> " + finding.remedy);
  }
  return texts;
}

/// Of a module that needs one library.
std::vector<std::string> findings_with(const std::vector<MadeSymbol>& module, const std::vector<MadeSymbol>& library) {
  return findings({.needed = {"liba.so"}, .symbols = module}, {{.soname = "liba.so", .symbols = library}});
}

MadeSymbol needs(const std::string& name, const std::string& version = "", const std::string& file = "liba.so") {
  return {.name = name, .version = version, .file = file};
}
MadeSymbol defines(const std::string& name, const std::string& version = "") {
  return {.name = name, .defined = true, .version = version};
}
MadeSymbol hidden(MadeSymbol symbol) {
  symbol.hidden_version = true;
  return symbol;
}
MadeSymbol weak(MadeSymbol symbol) {
  symbol.weak = true;
  return symbol;
}
/// In the table, but nothing that the loader looks up for the file itself.
MadeSymbol unused(MadeSymbol symbol) {
  symbol.relocated = false;
  return symbol;
}

TEST(ClosedWorld, WhatTheModuleItsLibrariesAndThePlatformDefineIsFound) {
  EXPECT_THAT(
      findings({.needed = {"liba.so"}, .symbols = {needs("a"), needs("printf"), needs("_ZSt4cout"), defines("m")}},
               {{.soname = "libb.so", .symbols = {defines("b")}},
                {.soname = "liba.so", .needed = {"libb.so"}, .symbols = {defines("a"), needs("b"), needs("m")}}}),
      IsEmpty());
}

TEST(ClosedWorld, SaysWhatIsNotDefinedWhoNeedsItAndWhereItLooked) {
  EXPECT_THAT(
      findings({.needed = {"liba.so"}},
               {{.soname = "libb.so"},
                {.soname = "liba.so", .needed = {"libb.so"}, .symbols = {needs("_ZN4acme4stopEi"), needs("acme_c")}}}),
      ElementsAre(AllOf(HasSubstr("E: liba.so needs acme::stop(int) (_ZN4acme4stopEi), acme_c, and no library"),
                        HasSubstr("libstdc++.so.6"), HasSubstr("libc.so.6"), HasSubstr("orders.so, liba.so, libb.so"),
                        HasSubstr("-> link the library"))));
}

TEST(ClosedWorld, ALibraryThatIsThereButNotNeededDefinesNothing) {
  EXPECT_THAT(findings({.needed = {"liba.so"}, .symbols = {needs("secret")}},
                       {{.soname = "liba.so"}, {.soname = "libplugins.so", .symbols = {unused(defines("secret"))}}}),
              ElementsAre(HasSubstr("E: orders.so needs secret")));
}

TEST(ClosedWorld, NamesFiveOfManyAndTheNumberOfTheRest) {
  std::vector<MadeSymbol> missing;
  for (int i = 1; i <= 8; ++i) missing.push_back(needs("missing" + std::to_string(i)));
  EXPECT_THAT(findings_with(missing, {}),
              ElementsAre(AllOf(HasSubstr("missing5 and 3 more"), Not(HasSubstr("missing6")))));
}

TEST(ClosedWorld, WeakAndUnusedSymbolsMayBeMissing) {
  EXPECT_THAT(findings_with({weak(needs("__gmon_start__")), unused(needs("never_called"))}, {}), IsEmpty());
}

TEST(ClosedWorld, ThreadLocalDataIsLookedUpLikeTheRest) {
  MadeSymbol missing{.name = "a_counter", .type = STT_TLS}, there = missing;
  there.defined = true;
  EXPECT_THAT(findings_with({missing}, {there}), IsEmpty());
  EXPECT_THAT(findings_with({missing}, {}), ElementsAre(HasSubstr("E: orders.so needs a_counter")));
}

TEST(ClosedWorld, VersionsAreComparedAsTheLoaderDoes) {
  // Another version than that which is needed is none.
  EXPECT_THAT(findings_with({needs("a", "A_2")}, {defines("a", "A_1")}),
              ElementsAre(HasSubstr("E: orders.so needs a of version A_2 (liba.so has A_1)")));
  EXPECT_THAT(findings_with({needs("a", "A_2")}, {hidden(defines("a", "A_1")), defines("a", "A_2")}), IsEmpty());
  EXPECT_THAT(findings_with({needs("a", "A_1")}, {hidden(defines("a", "A_1")), defines("a", "A_2")}), IsEmpty());
  // A library without versions serves all.
  EXPECT_THAT(findings_with({needs("a", "A_2")}, {defines("a")}), IsEmpty());
  // Without a version: the default, or the oldest of the file.
  EXPECT_THAT(findings_with({needs("a")}, {defines("a", "A_1")}), IsEmpty());
  EXPECT_THAT(findings_with({needs("a")}, {hidden(defines("a", "A_1"))}), IsEmpty());
  EXPECT_THAT(findings_with({needs("a")}, {defines("other", "A_1"), hidden(defines("a", "A_2"))}),
              ElementsAre(HasSubstr("E: orders.so needs a, ")));
}

TEST(ClosedWorld, ThePlatformsDefinitionWinsOverALibrarysOwn) {
  const std::vector<MadeSymbol> own = {defines("regcomp")};
  EXPECT_THAT(findings_with({}, own), ElementsAre(AllOf(HasSubstr("E: liba.so defines regcomp"),
                                                        HasSubstr("the platform, whose definition wins: liba.so would"),
                                                        HasSubstr("-> link it statically"))));
  EXPECT_THAT(findings_with({needs("regcomp")}, {unused(own[0])}), ElementsAre(HasSubstr("wins: orders.so would")));
}

TEST(ClosedWorld, ItIsNoFaultToDefineWhatThePlatformDefinesUnseen) {
  // Nobody is bound to it; it has a version of its own; the reference is meant for the platform's.
  EXPECT_THAT(findings_with({}, {unused(defines("regcomp"))}), IsEmpty());
  EXPECT_THAT(findings_with({needs("regcomp", "A_1")}, {defines("regcomp", "A_1")}), IsEmpty());
  const std::string first = test::kThisMachine == EM_X86_64 ? "GLIBC_2.2.5" : "GLIBC_2.17";
  EXPECT_THAT(findings_with({needs("regcomp", first, "libc.so.6")}, {unused(defines("regcomp"))}), IsEmpty());
}

TEST(ClosedWorld, WarnsOfTemplatesOfTheStandardLibrary) {
  EXPECT_THAT(findings_with({}, {weak(defines("_ZNKSt5ctypeIcE8do_widenEc")), weak(defines("_ZN4acme6inlineEv"))}),
              ElementsAre(AllOf(HasSubstr("W: the platform's"),
                                HasSubstr("liba.so: std::ctype<char>::do_widen(char) const"), Not(HasSubstr("acme")))));
}

class ProcessWide : public testing::TestWithParam<const char*> {};

TEST_P(ProcessWide, MustNotBeDefinedByALibrary) {
  EXPECT_THAT(findings_with({}, {unused(defines(GetParam()))}),
              ElementsAre(AllOf(HasSubstr("E: liba.so defines "), HasSubstr(GetParam()), HasSubstr("must have one"))));
}

INSTANTIATE_TEST_SUITE_P(Functions, ProcessWide,
                         testing::Values("malloc", "free", "posix_memalign", "_Znwm", "_ZdaPvm", "__cxa_throw",
                                         "__cxa_guard_acquire", "pthread_create", "pthread_mutex_lock"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ClosedWorld, NamesThatOnlyLookProcessWideMayBeDefined) {
  EXPECT_THAT(findings_with({}, {weak(defines("_ZnwmPv")), unused(defines("pthread_workqueue_create_np")),
                                 unused(defines("freed"))}),
              IsEmpty());
}

TEST(ClosedWorld, WarnsOfAnUnwinderThatNobodyWillUse) {
  EXPECT_THAT(findings_with({}, {defines("_Unwind_RaiseException")}),
              ElementsAre(AllOf(HasSubstr("W: liba.so defines _Unwind_RaiseException"), HasSubstr("libgcc_s.so.1"))));
}

TEST(ClosedWorld, WarnsOfWhatSeveralLibrariesDefine) {
  std::vector<MadeSymbol> same;
  for (int i = 1; i <= 7; ++i) same.push_back(defines("same" + std::to_string(i)));
  const MadeLibrary module{.needed = {"liba.so", "libb.so"}};
  EXPECT_THAT(findings(module, {{.soname = "liba.so", .symbols = same}, {.soname = "libb.so", .symbols = same}}),
              ElementsAre(AllOf(HasSubstr("W: several files"), HasSubstr("same1 (liba.so, libb.so), same2"),
                                HasSubstr("and 2 more; the first"), Not(HasSubstr("same6")))));
}

TEST(ClosedWorld, SeveralDefinitionsMatterOnlyWhereTheyAreMixedUp) {
  const MadeLibrary module{.needed = {"liba.so", "libb.so"}};
  for (const auto& [one, other] : std::vector<std::pair<MadeSymbol, MadeSymbol>>{
           {defines("same", "A_1"), defines("same", "B_1")},    // their versions keep them apart
           {weak(defines("same")), weak(defines("same"))},      // inline
           {unused(defines("same")), unused(defines("same"))},  // nobody is bound to them
           {defines("_end"), defines("_end")}}) {               // a linker's
    EXPECT_THAT(findings(module, {{.soname = "liba.so", .symbols = {one}}, {.soname = "libb.so", .symbols = {other}}}),
                IsEmpty());
  }
}

TEST(ClosedWorld, RefusesAVersionOfALibraryThatIsNotNeeded) {
  EXPECT_THAT(
      findings({.needed = {"liba.so"}}, {{.soname = "liba.so", .symbols = {weak(needs("b", "B_1", "libb.so"))}}}),
      ElementsAre(HasSubstr("E: liba.so needs B_1 of libb.so but not that library (DT_NEEDED)")));
}

TEST(ClosedWorld, LibrariesOfThePlatformThatNoContainerLinksCountWhereTheyAreNeeded) {
  EXPECT_THAT(findings({.symbols = {needs("__fp_nquery")}}, {}),
              ElementsAre(HasSubstr("E: orders.so needs __fp_nquery")));
  EXPECT_THAT(findings({.needed = {"libresolv.so.2"}, .symbols = {needs("__fp_nquery")}}, {}), IsEmpty());
}

std::vector<Finding> findings_of_file(const fs::path& file, const std::vector<fs::path>& search) {
  auto elf = *container::package::read_elf(file);
  auto libraries = closure_of(elf, file, search);
  if (!libraries.ok()) return {{Severity::kError, libraries.status().text(), ""}};
  auto found = check_closed_world(elf, file, *libraries);
  return found.ok() ? *found : std::vector<Finding>{{Severity::kError, found.status().text(), ""}};
}

/// Also with sanitizers, whose functions every file needs then.
TEST(ClosedWorld, ALinkedModuleWithItsLibraryIsClosed) {
  EXPECT_THAT(findings_of_file(test::module_file("library"), {PACK_MODULES}), IsEmpty());
}

TEST(ClosedWorld, AModuleThatCallsNobodyIsNot) {
  auto found = findings_of_file(test::module_file("unresolved"), {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].text, AllOf(HasSubstr("pack_unresolved.so needs "), HasSubstr("nobody")));
}

/// libssl-dev, which building needs, brings it.
TEST(ClosedWorld, OpensslIsClosed) {
  MadeLibrary module{.needed = {"libssl.so.3"}};
  auto elf = *parse_elf(module.bytes(), "orders.so");
  auto libraries = closure_of(elf, "orders.so", {});
  ASSERT_TRUE(libraries.ok()) << libraries.status().text();
  auto found = check_closed_world(elf, "orders.so", *libraries);
  ASSERT_TRUE(found.ok()) << found.status().text();
  for (const auto& finding : *found) ADD_FAILURE() << finding.text;
}

}  // namespace
}  // namespace ark::packaging
