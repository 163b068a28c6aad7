// Layouts of contracts as the SDK describes them: two builds of one header, with what tends to change in between.
#include <gmock/gmock.h>
#include <ark/sdk.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "package/layout.hpp"

// clang-format off
namespace base {
struct P { int32_t x = 0, y = 0; };
struct E : std::exception { int32_t n = 0; };
struct Listener { virtual ~Listener() = default; virtual void heard(int32_t) = 0; };
struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; };
}
ARK_STRUCT(base::P, "P", x, y)
ARK_ERROR(base::E, "E", n)
ARK_CONTRACT(base::Listener, "L", "1.0", heard)
ARK_CONTRACT(base::S, "S", "1.0", one, two, hear)

#define SAME using base::P; using base::E; using base::Listener
namespace appended { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; virtual void three() = 0; }; }
namespace inserted { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void three() = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace reordered { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual void two(P, std::vector<P>) const = 0; virtual int32_t one(const P&) = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace unlisted { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void extra() {} virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace by_value { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(P) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace unconst { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace promised { SAME; struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) noexcept = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace no_destructor { SAME; struct S { using errors = ark::Errors<E>; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; protected: ~S() = default; }; }
namespace second_base { SAME; struct A { virtual ~A() = default; virtual void hear(ark::Callback<Listener>) = 0; }; struct B { virtual ~B() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; };
  struct S : B, A { using errors = ark::Errors<E>; }; }
namespace copied { using base::E; using base::Listener; struct P { int32_t x = 0, y = 0; P() = default; P(const P& o) : x(o.x), y(o.y) {} };
  struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace wider { using base::E; using base::Listener; struct P { int32_t x = 0; int64_t y = 0; };
  struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace longer { using base::E; using base::Listener; struct P { int32_t x = 0, y = 0, z = 0; };
  struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace failing { using base::P; using base::Listener; struct E : std::exception { std::string n; };
  struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
namespace hearing { using base::P; using base::E; struct Listener { virtual ~Listener() = default; virtual void heard(int64_t) = 0; };
  struct S { using errors = ark::Errors<E>; virtual ~S() = default; virtual int32_t one(const P&) = 0; virtual void two(P, std::vector<P>) const = 0; virtual void hear(ark::Callback<Listener>) = 0; }; }
#undef SAME
ARK_CONTRACT(appended::S, "S", "1.1", one, two, hear, three)
ARK_CONTRACT(inserted::S, "S", "1.1", one, three, two, hear)
ARK_CONTRACT(reordered::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(unlisted::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(by_value::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(unconst::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(promised::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(no_destructor::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(second_base::S, "S", "1.1", one, two, hear)
ARK_STRUCT(copied::P, "P", x, y)
ARK_CONTRACT(copied::S, "S", "1.1", one, two, hear)
ARK_STRUCT(wider::P, "P", x, y)
ARK_CONTRACT(wider::S, "S", "1.1", one, two, hear)
ARK_STRUCT(longer::P, "P", x, y, z)
ARK_CONTRACT(longer::S, "S", "1.1", one, two, hear)
ARK_ERROR(failing::E, "E", n)
ARK_CONTRACT(failing::S, "S", "1.1", one, two, hear)
ARK_CONTRACT(hearing::Listener, "L", "1.0", heard)
ARK_CONTRACT(hearing::S, "S", "1.1", one, two, hear)

namespace pairs { struct S { virtual ~S() = default; virtual std::pair<int32_t, std::string> m() = 0; }; }
namespace tuples { struct S { virtual ~S() = default; virtual std::tuple<int32_t, std::string> m() = 0; }; }
ARK_CONTRACT(pairs::S, "S", "1.0", m)
ARK_CONTRACT(tuples::S, "S", "1.0", m)

namespace all {
enum class Colour : uint16_t { kRed };
struct Node { std::string name; std::vector<ark::Shared<Node>> next; };
struct S {
  virtual ~S() = default;
  virtual bool a(char, int8_t, uint8_t, int16_t, uint64_t, float, double, Colour) = 0;
  virtual std::string b(std::string_view, const std::vector<uint8_t>&, const std::vector<std::byte>&) = 0;
  virtual std::map<std::string, std::vector<int32_t>> c(const std::set<int64_t>&, std::array<int32_t, 3>, std::optional<double>) = 0;
  virtual std::variant<int32_t, std::string> d(std::tuple<>, std::chrono::milliseconds, std::chrono::system_clock::time_point, std::chrono::duration<double>) = 0;
  virtual ark::Shared<Node> e(const Node&) = 0;
};
}
ARK_STRUCT(all::Node, "Node", name, next)
ARK_CONTRACT(all::S, "All", "2.5", a, b, c, d, e)
// clang-format on

namespace ark::container::package {
namespace {

using ::testing::HasSubstr;

/// The exporter was built with Exporter, the importer with Importer. Empty: accepted.
template <class Importer, class Exporter>
std::string verdict() {
  auto exporter = layout_of(contract_of<Exporter>());
  if (auto status = check_listed(exporter); !status.ok()) return status.text();
  return compare_layouts(layout_of(contract_of<Importer>()), exporter).text();
}

TEST(ContractLayout, ChangesThatCallersSurviveAreAccepted) {
  EXPECT_EQ((verdict<base::S, base::S>()), "");
  EXPECT_EQ((verdict<base::S, appended::S>()), "");
  EXPECT_EQ((verdict<base::S, promised::S>()), "");
}

TEST(ContractLayout, ChangesThatWouldCrashCallersAreRefusedNamingThem) {
  EXPECT_THAT((verdict<appended::S, base::S>()),
              HasSubstr("S.three: the importer may call it, the exporter does not have it"));
  EXPECT_THAT((verdict<base::S, inserted::S>()),
              HasSubstr("S method 2: name is two for the importer, three for the exporter"));
  EXPECT_THAT((verdict<base::S, reordered::S>()),
              HasSubstr("S.one: vtable slot is 2 for the importer, 3 for the exporter"));
  EXPECT_THAT((verdict<base::S, unlisted::S>()), HasSubstr("S: 1 virtual function is not in its list"));
  EXPECT_THAT((verdict<base::S, by_value::S>()),
              HasSubstr("S.one parameter 1: by reference is 1 for the importer, 0 for the exporter"));
  EXPECT_THAT((verdict<base::S, unconst::S>()), HasSubstr("S.two: const is 1 for the importer, 0 for the exporter"));
  EXPECT_THAT((verdict<promised::S, base::S>()),
              HasSubstr("S.one: noexcept is 1 for the importer, 0 for the exporter"));
  EXPECT_THAT((verdict<base::S, no_destructor::S>()),
              HasSubstr("S.one: vtable slot is 2 for the importer, 0 for the exporter"));
  EXPECT_THAT((verdict<base::S, second_base::S>()),
              HasSubstr("S.hear: vtable slot is 4 for the importer, 2 for the exporter"));
  EXPECT_THAT((verdict<base::S, copied::S>()),
              HasSubstr("P: trivial (it can be passed in registers) is 1 for the importer, 0 for the exporter"));
  EXPECT_THAT((verdict<base::S, wider::S>()), HasSubstr("P.y: type is i32 for the importer, i64 for the exporter"));
  EXPECT_THAT((verdict<base::S, longer::S>()), HasSubstr("P.z: only the exporter's struct has it"));
  EXPECT_THAT((verdict<base::S, failing::S>()),
              HasSubstr("E.n: type is i32 for the importer, string for the exporter"));
  EXPECT_THAT((verdict<base::S, hearing::S>()),
              HasSubstr("L.heard parameter 1: type is i32 for the importer, i64 for the exporter"));
  EXPECT_THAT((verdict<pairs::S, tuples::S>()),
              HasSubstr("S.m result: type is pair<i32,string> for the importer, tuple<i32,string> for the exporter"));
}

TEST(ContractLayout, MethodsOfASecondBaseHaveTheirAdjustment) {
  auto layout = layout_of(contract_of<second_base::S>());
  EXPECT_TRUE(check_listed(layout).ok()) << check_listed(layout).text();
  EXPECT_EQ(layout.contract.methods[2].adjust, static_cast<int64_t>(sizeof(void*)));
}

TEST(ContractLayout, EveryValueOfTheSdkHasItsText) {
  auto layout = layout_of(contract_of<all::S>());
  ASSERT_TRUE(check_listed(layout).ok()) << check_listed(layout).text();
  std::string text;
  for (const auto& method : layout.contract.methods) {
    text += method.result + " " + method.name + "(";
    for (const auto& param : method.params) text += param.type + (param.by_reference ? "& " : " ");
    text += ")\n";
  }
  EXPECT_EQ(text,
            "bool a(i8 i8 u8 i16 u64 f32 f64 enum<u16> )\n"
            "string b(view bytes& bytes& )\n"
            "map<string,list<i32>> c(set<i64>& array<i32,3> optional<f64> )\n"
            "variant<i32,string> d(tuple<> duration<i64,1/1000> time<i64,1/1000000000> duration<f64,1/1> )\n"
            "shared<Node> e(Node& )\n");
  EXPECT_EQ(layout.structs.at("Node").fields[1].type, "list<shared<Node>>");
  EXPECT_EQ(layout_digest(layout), layout_digest(contract_of<all::S>()));
}

}  // namespace
}  // namespace ark::container::package
