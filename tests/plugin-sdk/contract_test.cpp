// Tables of contracts: what they say of methods, where these lie in the vtable, and that invoke reaches each of them.
#include <ark/sdk/contract.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "acme.hpp"

// The same methods, in another order, with another base, among others.
namespace layouts {

struct Plain {
  virtual ~Plain() = default;
  virtual int32_t one(const acme::Point& point) = 0;
  virtual int32_t two(acme::Point point) const = 0;
};
struct Reordered {
  virtual ~Reordered() = default;
  virtual int32_t two(acme::Point point) const = 0;
  virtual int32_t one(const acme::Point& point) = 0;
};
struct Unlisted {
  virtual ~Unlisted() = default;
  virtual int32_t one(const acme::Point& point) = 0;
  virtual int32_t two(acme::Point point) const = 0;
  virtual void internal() {}
};
struct NoDestructor {
  virtual int32_t one(const acme::Point& point) = 0;
  virtual int32_t two(acme::Point point) const = 0;

 protected:
  ~NoDestructor() = default;
};

struct CopiedPoint {
  CopiedPoint() = default;
  CopiedPoint(const CopiedPoint& other) : x(other.x), y(other.y) {}
  int32_t x = 0, y = 0;
};

struct Left {
  virtual ~Left() = default;
  virtual int32_t left() = 0;
};
struct Right {
  virtual ~Right() = default;
  virtual int32_t right(int32_t by) const noexcept = 0;
};
struct Inheriting : Left, Right {
  virtual int32_t own() = 0;
};

/// As many methods as a contract may list, and names that the macros might have for themselves.
struct Large {
  virtual ~Large() = default;
#define ARK_TEST_METHOD(n) virtual int32_t m##n(int32_t a, const std::string& b) const = 0;
#define ARK_TEST_TEN(F, t) F(t##0) F(t##1) F(t##2) F(t##3) F(t##4) F(t##5) F(t##6) F(t##7) F(t##8) F(t##9)
  ARK_TEST_TEN(ARK_TEST_METHOD, 1)
  ARK_TEST_TEN(ARK_TEST_METHOD, 2)
  ARK_TEST_TEN(ARK_TEST_METHOD, 3)
  ARK_TEST_TEN(ARK_TEST_METHOD, 4)
  ARK_TEST_TEN(ARK_TEST_METHOD, 5)
  ARK_TEST_TEN(ARK_TEST_METHOD, 6)
  virtual int32_t Next() = 0;
  virtual int32_t Call(int32_t type) = 0;
  virtual int32_t pointer(int32_t arguments) = 0;
  virtual int32_t method() noexcept = 0;
};

struct Listening {
  virtual ~Listening() = default;
  virtual int32_t tell(acme::Progress& progress, const acme::Greeter& greeter) = 0;
};

}  // namespace layouts

ARK_CONTRACT(layouts::Plain, "Same", "1.0", one, two)
ARK_CONTRACT(layouts::Reordered, "Same", "1.0", one, two)
ARK_CONTRACT(layouts::Unlisted, "Same", "1.0", one, two)
ARK_CONTRACT(layouts::NoDestructor, "Same", "1.0", one, two)
ARK_STRUCT(layouts::CopiedPoint, "com.acme.Point", x, y)
ARK_CONTRACT(layouts::Inheriting, "Inheriting", "1.0", own, right, left)
ARK_CONTRACT(layouts::Large, "Large", "1.0", m10, m11, m12, m13, m14, m15, m16, m17, m18, m19, m20, m21, m22, m23, m24,
             m25, m26, m27, m28, m29, m30, m31, m32, m33, m34, m35, m36, m37, m38, m39, m40, m41, m42, m43, m44, m45,
             m46, m47, m48, m49, m50, m51, m52, m53, m54, m55, m56, m57, m58, m59, m60, m61, m62, m63, m64, m65, m66,
             m67, m68, m69, Next, Call, pointer, method)
ARK_LOCAL_CONTRACT(layouts::Listening, "Listening", "1.0", tell)

namespace {

using ark::contract_of;
using ark::type_of;
using testing::Contains;
using testing::ElementsAre;

/// The vtable slot in a pointer to member function, and the adjustment of this (Itanium C++ ABI).
std::pair<intptr_t, intptr_t> slot_of(const void* pointer) {
  intptr_t words[2];
  std::memcpy(words, pointer, sizeof words);
  return {(words[0] - 1) / static_cast<intptr_t>(sizeof(void*)), words[1]};
}

template <class T>
std::vector<intptr_t> slots() {
  std::vector<intptr_t> found;
  const auto& contract = contract_of<T>();
  for (uint32_t i = 0; i < contract.method_count; ++i) found.push_back(slot_of(contract.methods[i].pointer).first);
  return found;
}

template <class T>
intptr_t slot_count() {
  return slot_of(contract_of<T>().end_pointer).first;
}

TEST(Contract, SaysItsIdVersionAndMethodsInTheOrderOfTheList) {
  const auto& contract = contract_of<acme::Greeter>();
  EXPECT_EQ(contract.size, sizeof(ark_contract_t));
  EXPECT_STREQ(contract.id, "com.acme.Greeter");
  EXPECT_STREQ(contract.version, "1.2");
  EXPECT_EQ(contract.flags, 0u);
  std::vector<std::string> names;
  for (uint32_t i = 0; i < contract.method_count; ++i) names.push_back(contract.methods[i].name);
  EXPECT_THAT(names, ElementsAre("greet", "add", "forget", "count", "last", "reset", "lines", "graph", "follow"));
}

TEST(Contract, SaysHowAMethodIsQualifiedAndWhatItTakes) {
  const auto* methods = contract_of<acme::Greeter>().methods;
  EXPECT_EQ(methods[0].flags, 0u);
  EXPECT_EQ(methods[1].flags, ARK_METHOD_CONST);
  EXPECT_EQ(methods[3].flags, ARK_METHOD_CONST | ARK_METHOD_NOEXCEPT);
  EXPECT_EQ(methods[4].flags, ARK_METHOD_NOEXCEPT);

  ASSERT_EQ(methods[0].param_count, 1u);
  EXPECT_EQ(methods[0].params[0].type, &type_of<std::string>());
  EXPECT_EQ(methods[0].params[0].flags, ARK_PARAM_BY_REFERENCE);
  EXPECT_EQ(methods[0].result, &type_of<std::string>());
  ASSERT_EQ(methods[6].param_count, 2u);
  EXPECT_EQ(methods[6].params[0].type, &type_of<std::vector<acme::Line>>());
  EXPECT_EQ(methods[6].params[0].flags, 0u);
  EXPECT_EQ(methods[2].params[0].type, &type_of<std::string_view>());
  EXPECT_EQ(methods[5].param_count, 0u);
  EXPECT_EQ(methods[5].result, &type_of<void>());
  EXPECT_EQ(methods[8].params[0].type->contract, &contract_of<acme::Progress>());
}

TEST(Contract, ListsItsErrors) {
  const auto& contract = contract_of<acme::Greeter>();
  ASSERT_EQ(contract.error_count, 2u);
  EXPECT_EQ(contract.errors[0], &type_of<acme::OutOfStock>());
  EXPECT_EQ(contract.errors[1], &type_of<acme::Closed>());
  EXPECT_EQ(contract_of<acme::Progress>().error_count, 0u);
}

TEST(Contract, SlotsAreThoseOfTheDeclarationAndNotOfTheList) {
  EXPECT_THAT(slots<layouts::Plain>(), ElementsAre(2, 3));
  EXPECT_THAT(slots<layouts::Reordered>(), ElementsAre(3, 2));
  EXPECT_THAT(slots<layouts::NoDestructor>(), ElementsAre(0, 1));
}

TEST(Contract, AVirtualThatIsNotListedShowsInTheNumberOfSlots) {
  EXPECT_EQ(slot_count<layouts::Plain>(), 4);
  EXPECT_EQ(slot_count<layouts::Unlisted>(), 5);
  EXPECT_EQ(slot_count<layouts::NoDestructor>(), 2);
}

TEST(Contract, SaysHowManySlotsItsDestructorTakes) {
  EXPECT_EQ(contract_of<layouts::Plain>().destructor_slots, 2u);
  EXPECT_EQ(contract_of<layouts::NoDestructor>().destructor_slots, 0u);
}

TEST(Contract, ACopyConstructorShowsInTheStructAlthoughAllMembersAreTheSame) {
  const auto& before = type_of<acme::Point>();
  const auto& after = type_of<layouts::CopiedPoint>();
  EXPECT_EQ(after.size, before.size);
  EXPECT_EQ(after.fields[1].offset, before.fields[1].offset);
  EXPECT_NE(after.flags, before.flags);
}

TEST(Contract, MethodsOfASecondBaseCarryTheAdjustmentOfThis) {
  const auto* methods = contract_of<layouts::Inheriting>().methods;
  EXPECT_EQ(slot_of(methods[0].pointer).second, 0);
  EXPECT_EQ(slot_of(methods[1].pointer).second, static_cast<intptr_t>(sizeof(void*)));
  EXPECT_EQ(slot_of(methods[2].pointer).second, 0);
}

TEST(Contract, InheritedMethodsAreInvokedOnTheirOwnBase) {
  struct Both : layouts::Inheriting {
    int32_t left() override { return 1; }
    int32_t right(int32_t by) const noexcept override { return by + value; }
    int32_t own() override { return 3; }
    int32_t value = 40;
  } both;
  layouts::Inheriting* target = &both;
  const auto& contract = contract_of<layouts::Inheriting>();
  ark::CallError error;
  int32_t result = 0, by = 2;
  void* args[] = {&by};
  contract.invoke(target, 1, args, &result, &error);
  EXPECT_EQ(result, 42);
  contract.invoke(target, 2, nullptr, &result, &error);
  EXPECT_EQ(result, 1);
  contract.invoke(target, 0, nullptr, &result, &error);
  EXPECT_EQ(result, 3);
}

TEST(Contract, SixtyFourMethodsAreEachInvokedByTheirNumber) {
  struct All : layouts::Large {
#define ARK_TEST_OVERRIDE(n) \
  int32_t m##n(int32_t a, const std::string& b) const override { return a * 100 + n + static_cast<int32_t>(b.size()); }
    ARK_TEST_TEN(ARK_TEST_OVERRIDE, 1)
    ARK_TEST_TEN(ARK_TEST_OVERRIDE, 2)
    ARK_TEST_TEN(ARK_TEST_OVERRIDE, 3)
    ARK_TEST_TEN(ARK_TEST_OVERRIDE, 4)
    ARK_TEST_TEN(ARK_TEST_OVERRIDE, 5)
    ARK_TEST_TEN(ARK_TEST_OVERRIDE, 6)
    int32_t Next() override { return -1; }
    int32_t Call(int32_t type) override { return -type; }
    int32_t pointer(int32_t arguments) override { return arguments; }
    int32_t method() noexcept override { return -4; }
  } all;
  layouts::Large* target = &all;
  const auto& contract = contract_of<layouts::Large>();
  ASSERT_EQ(contract.method_count, 64u);
  ark::CallError error;
  int32_t a = 7, result = 0;
  std::string b = "three";
  void* args[] = {&a, &b};
  for (int32_t i = 0; i < 60; ++i) {
    contract.invoke(target, static_cast<uint32_t>(i), args, &result, &error);
    EXPECT_EQ(result, 700 + 10 + i + 5) << contract.methods[i].name;
  }
  contract.invoke(target, 60, args, &result, &error);
  EXPECT_EQ(result, -1);
  contract.invoke(target, 61, args, &result, &error);
  EXPECT_EQ(result, -7);
  contract.invoke(target, 62, args, &result, &error);
  EXPECT_EQ(result, 7);
  contract.invoke(target, 63, args, &result, &error);
  EXPECT_EQ(result, -4);
}

TEST(Contract, ALocalOneTakesReferencesToContracts) {
  const auto& contract = contract_of<layouts::Listening>();
  EXPECT_EQ(contract.flags, ARK_CONTRACT_LOCAL);
  const auto* params = contract.methods[0].params;
  EXPECT_EQ(params[0].type->kind, ARK_KIND_CONTRACT);
  EXPECT_EQ(params[0].type->contract, &contract_of<acme::Progress>());
  EXPECT_EQ(params[1].type->contract, &contract_of<acme::Greeter>());
}

TEST(Contract, EveryOneOfTheExecutableIsFoundInTheSection) {
  const std::vector<const ark_contract_t*> found(__start_ark_contracts, __stop_ark_contracts);
  EXPECT_THAT(found, Contains(&contract_of<acme::Greeter>()));
  EXPECT_THAT(found, Contains(&contract_of<acme::Progress>()));
  EXPECT_THAT(found, Contains(&contract_of<layouts::Large>()));
}

TEST(Contract, InvokeMovesFromArgumentsTakenByValueOnly) {
  acme::Polite polite;
  const auto& contract = contract_of<acme::Greeter>();
  std::vector<acme::Line> lines{{"pen", 2}};
  acme::Size size = acme::Size::kLarge;
  void* args[] = {&lines, &size};
  ark::detail::ResultRoom<std::vector<acme::Line>> result;
  ark::CallError error;
  contract.invoke(static_cast<acme::Greeter*>(&polite), 6, args, result.room(), &error);
  EXPECT_TRUE(lines.empty());
  EXPECT_THAT(result.take(), ElementsAre(acme::Line{"pen", 14}));

  std::string name = "a name that is longer than a small string";
  void* name_args[] = {&name};
  ark::detail::ResultRoom<std::string> text;
  contract.invoke(static_cast<acme::Greeter*>(&polite), 0, name_args, text.room(), &error);
  EXPECT_EQ(text.take(), "hello " + name);
}

}  // namespace
