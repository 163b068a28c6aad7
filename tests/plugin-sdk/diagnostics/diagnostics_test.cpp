// Wrong contracts, values and modules, each in a few lines, and what the compiler says first: a sentence that tells the
// author what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "support/run_program.hpp"

namespace ark {
namespace {

struct Case {
  const char* name;
  const char* says;  ///< in the first error; "" if the code is good
  const char* code;
  const char* kind = nullptr;  ///< of the module that the file is built for; null: for none
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

const Case kContracts[] = {
    {"Good", "",
     "namespace x { struct S { virtual ~S() = default; virtual int go(int) const = 0; virtual void stop() noexcept = "
     "0; }; }\n"
     "ARK_CONTRACT(x::S, \"s\", \"1.0\", go, stop)"},
    {"InheritedFromTwoBases", "",
     "struct A { virtual int a() = 0; }; struct B { virtual int b() const = 0; };\n"
     "struct S : A, B { virtual int go(int) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", a, b, go)"},
    {"DefaultArgument", "",
     "struct S { virtual int go(int n = 3) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"UnknownMethod", "ark: S has no method gone",
     "struct S { virtual int go(int) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", gone)"},
    {"Overloaded", "ark: S::go is overloaded or not public; a contract's method needs a name of its own",
     "struct S { virtual int go(int) = 0; virtual int go() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"Private", "ark: S::go is overloaded or not public",
     "class S { virtual int go(int) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"Static", "ark: a contract's method is a virtual member function, and not static",
     "struct S { static int go(int); virtual void f() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go, f)"},
    {"DataMember", "ark: a contract's method is a virtual member function, and not static",
     "struct S { int go; virtual void f() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go, f)"},
    {"NotVirtual", "override",  // the compiler's own words, at the method's name
     "struct S { int go(int); virtual int f() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go, f)"},
    {"RefQualified", "ark: a contract's method cannot be qualified with & or &&",
     "struct S { virtual int go(int) & = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"Volatile", "ark: a contract's method cannot be volatile",
     "struct S { virtual int go(int) volatile = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"PureVirtualLeftOut", "ark: a pure virtual method is missing from the list in ARK_CONTRACT",
     "struct S { virtual int go(int) = 0; virtual int left_out() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"NotAbstract", "ark: a contract is an abstract class",
     "struct S { virtual int go(int) { return 0; } };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"VirtualBase", "ark: S inherits a from a virtual base; a contract cannot",
     "struct A { virtual int a() = 0; }; struct S : virtual A { virtual int go(int) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", a, go)"},
    {"NoMethods", "ark: S lists no method",
     "struct S { virtual int go(int) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", )"},
    {"OutParameter", "ark: a reference parameter must be const; what comes back is returned",
     "struct S { virtual void go(int&) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"MovedParameter", "ark: a reference parameter must be const; what comes back is returned",
     "struct S { virtual void go(std::string&&) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"PointerParameter", "ark: a pointer cannot be a parameter",
     "struct S { virtual void go(int*) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"ReferenceResult", "ark: a method returns a value, not a reference or a pointer",
     "struct S { virtual const int& go() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"PointerResult", "ark: a method returns a value, not a reference or a pointer",
     "struct S { virtual int* go() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"ViewResult", "ark: a method cannot return a std::string_view",
     "struct S { virtual std::string_view go() = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"NoexceptResultWithoutDefault", "ark: the result of a noexcept method needs a default constructor",
     "struct P { P(int); int a; };\n"
     "template <> struct ark::Struct<P> { static constexpr const char* kId = \"p\"; template <class X> struct Members "
     "{\n"
     "  static constexpr uint32_t count = 0; static constexpr ark_field_t list[1] = {}; }; };\n"
     "struct S { virtual P go() noexcept = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"ContractByReference", "ark: a reference to a contract may only be a parameter of an ARK_LOCAL_CONTRACT",
     "struct L { virtual void f() = 0; }; ARK_CONTRACT(L, \"l\", \"1.0\", f)\n"
     "struct S { virtual void go(L&) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"ContractByReferenceInALocalOne", "",
     "struct L { virtual void f() = 0; }; ARK_CONTRACT(L, \"l\", \"1.0\", f)\n"
     "struct S { virtual void go(L&, const L&) = 0; };\n"
     "ARK_LOCAL_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"NoContract", "ark: this class is no contract; list its methods in ARK_CONTRACT",
     "struct S { virtual void go() = 0; };\n"
     "const void* use() { return &ark::contract_of<S>(); }"},
};

const Case kValues[] = {
    {"UnlistedStruct", "ark: this type is not among the values that a contract may pass",
     "struct P { int a; };\n"
     "auto& use() { return ark::type_of<P>(); }"},
    {"UnorderedMap", "ark: this type is not among the values that a contract may pass",
     "#include <unordered_map>\n"
     "auto& use() { return ark::type_of<std::unordered_map<int, int>>(); }"},
    {"SharedPtr", "ark: std::shared_ptr, weak_ptr and unique_ptr run code of the module that made them",
     "auto& use() { return ark::type_of<std::shared_ptr<int>>(); }"},
    {"UniquePtrInside", "ark: std::shared_ptr, weak_ptr and unique_ptr run code of the module that made them",
     "auto& use() { return ark::type_of<std::optional<std::unique_ptr<int>>>(); }"},
    {"Function", "ark: a function runs code of the module that made it; pass an ark::Callback",
     "auto& use() { return ark::type_of<std::function<void()>>(); }"},
    {"Pointer", "ark: a pointer is not a value that a contract may pass",
     "auto& use() { return ark::type_of<std::vector<int*>>(); }"},
    {"Reference", "ark: a reference is not a value that a contract may pass here",
     "auto& use() { return ark::type_of<int&>(); }"},
    {"VectorOfBool", "ark: the elements of std::vector<bool> have no address",
     "auto& use() { return ark::type_of<std::vector<bool>>(); }"},
    {"ViewInside", "ark: a std::string_view may only be a parameter",
     "auto& use() { return ark::type_of<std::vector<std::string_view>>(); }"},
    {"ViewInAStruct", "ark: a std::string_view may only be a parameter",
     "struct P { std::string_view text; };\n"
     "ARK_STRUCT(P, \"p\", text)\n"
     "auto& use() { return ark::type_of<P>(); }"},
    {"LongDouble", "ark: long double and 128-bit integers are not values",
     "auto& use() { return ark::type_of<long double>(); }"},
    {"SteadyTime", "ark: only times of std::chrono::system_clock mean the same everywhere",
     "auto& use() { return ark::type_of<std::chrono::steady_clock::time_point>(); }"},
    {"MemberLeftOut", "decomposes into 2",  // the compiler's own words
     "struct P { int a; int b; };\n"
     "ARK_STRUCT(P, \"p\", a)"},
    {"MembersOutOfOrder", "ark: list the members of P in the order of their declaration",
     "struct P { int a; int b; };\n"
     "ARK_STRUCT(P, \"p\", b, a)"},
    {"Polymorphic", "ark: P has virtual functions; a value has none",
     "struct P { int a; virtual ~P(); };\n"
     "ARK_STRUCT(P, \"p\", a)"},
    {"NoDefaultConstructor", "ark: P needs a default constructor",
     "struct P { P(int); int a; };\n"
     "ARK_STRUCT(P, \"p\", a)"},
    {"NotCopyable", "ark: P must be copyable",
     "struct P { P() = default; P(const P&) = delete; int a; };\n"
     "ARK_STRUCT(P, \"p\", a)"},
    {"RuntimeError", "ark: derive E from std::exception",
     "struct E : std::runtime_error { int a; };\n"
     "ARK_ERROR(E, \"e\", a)"},
    {"StructsInAnyOrder", "",
     "struct N; struct P { std::vector<N> n; }; struct N { ark::Shared<P> p; };\n"
     "ARK_STRUCT(P, \"p\", n) ARK_STRUCT(N, \"n\", p)\n"
     "struct S { virtual P go(N) = 0; };\n"
     "ARK_CONTRACT(S, \"s\", \"1.0\", go)"},
    {"NothingInside", "",
     "struct E : std::exception {}; struct P {};\n"
     "ARK_ERROR(E, \"e\")\n"
     "ARK_STRUCT(P, \"p\")"},
};

const char kBiz[] = "ARK_MODULE_BIZ", kPlugin[] = "ARK_MODULE_PLUGIN";
const Case kModules[] = {
    {"Good", "", "namespace x { struct M { explicit M(ark::Context&) {} }; }\nARK_BIZ(x::M)", kBiz},
    {"GoodInItsNamespace", "", "namespace x { struct M { explicit M(ark::Context&) {} };\nARK_PLUGIN(M)\n}", kPlugin},
    {"NotBuiltByCMakesFunction", "ark: build this file with ark_add_biz() in CMake",
     "struct M { explicit M(ark::Context&) {} };\nARK_BIZ(M)"},
    {"PluginInABiz", "ark: ARK_PLUGIN is in a module that CMake does not add with ark_add_plugin()",
     "struct M { explicit M(ark::Context&) {} };\nARK_PLUGIN(M)", kBiz},
    {"BizInAPlugin", "ark: ARK_BIZ is in a module that CMake does not add with ark_add_biz()",
     "struct M { explicit M(ark::Context&) {} };\nARK_BIZ(M)", kPlugin},
    {"WithoutAContext", "ark: a module's class has a constructor that takes ark::Context&", "struct M {};\nARK_BIZ(M)",
     kBiz},
    {"ReferenceToNoContract", "ark: this class is no contract; list its methods in ARK_CONTRACT",
     "struct S { virtual void go() = 0; };\nauto use(ark::Context& c) { return c.reference<S>(); }"},
};

/// The first error and the notes that belong to it.
std::string first_error(const std::string& messages) {
  std::istringstream lines(messages);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("error:") != std::string::npos && !first.empty()) break;
    if (line.find("error:") != std::string::npos || !first.empty()) first += line + "\n";
  }
  return first;
}

class Diagnostic : public testing::TestWithParam<Case> {};

TEST_P(Diagnostic, IsASentenceAndComesFirst) {
  const auto& c = GetParam();
  test::TempDir dir;
  const auto source = (dir / "source.cpp").native();
  std::ofstream(source) << "#include <ark/sdk.hpp>\n" << c.code << "\n";
  std::vector<std::string> words{
      CXX_COMPILER,    "-fsyntax-only", "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-fdiagnostics-color=never",
      "-I" SDK_HEADERS};
  if (c.kind)
    words.insert(words.end(), {"-DARK_MODULE_NAME=\"x\"", "-DARK_MODULE_VERSION=\"1.0.0\"",
                               std::string("-DARK_MODULE_KIND=") + c.kind});
  words.push_back(source);
  const auto ran = test::run_program(words, "LC_ALL=C");
  if (*c.says == 0) {
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.err, "");
  } else {
    EXPECT_NE(ran.status, 0) << "it was accepted";
    EXPECT_THAT(first_error(ran.err), testing::HasSubstr(c.says)) << ran.err;
  }
}

const auto kName = [](const testing::TestParamInfo<Case>& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Contract, Diagnostic, testing::ValuesIn(kContracts), kName);
INSTANTIATE_TEST_SUITE_P(Value, Diagnostic, testing::ValuesIn(kValues), kName);
INSTANTIATE_TEST_SUITE_P(Module, Diagnostic, testing::ValuesIn(kModules), kName);

}  // namespace
}  // namespace ark
