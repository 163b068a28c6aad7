// Descriptors of every kind of value: what they say, and that a value can be read and built through them alone.
#include <ark/sdk/types.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "acme.hpp"
#include "fake/copy_value.hpp"

namespace {

using ark::type_of;
using testing::ElementsAre;

/// A copy that a carrier would make: it knows the descriptor and nothing else.
template <class T>
T carried(const T& value) {
  T copy{};
  ark::test::ValueCopier().copy(type_of<T>(), &value, type_of<T>(), &copy);
  return copy;
}

template <class T>
void expect_basics(ark_kind_t kind) {
  const auto& type = type_of<T>();
  EXPECT_EQ(type.kind, kind);
  EXPECT_EQ(type.size, sizeof(T));
  EXPECT_EQ(type.align, alignof(T));
}

TEST(Types, NumbersSayTheirKindAndSize) {
  expect_basics<bool>(ARK_KIND_BOOL);
  expect_basics<char>(std::numeric_limits<char>::is_signed ? ARK_KIND_INT : ARK_KIND_UINT);
  expect_basics<int8_t>(ARK_KIND_INT);
  expect_basics<int64_t>(ARK_KIND_INT);
  expect_basics<uint16_t>(ARK_KIND_UINT);
  expect_basics<unsigned long>(ARK_KIND_UINT);
  expect_basics<float>(ARK_KIND_FLOAT);
  expect_basics<double>(ARK_KIND_FLOAT);
  EXPECT_EQ(type_of<double>().flags, ARK_TYPE_TRIVIAL);
}

TEST(Types, VoidHasNeitherSizeNorOperations) {
  EXPECT_EQ(type_of<void>().kind, ARK_KIND_VOID);
  EXPECT_EQ(type_of<void>().size, 0u);
  EXPECT_EQ(type_of<void>().construct, nullptr);
}

TEST(Types, AnEnumNamesItsInteger) {
  expect_basics<acme::Size>(ARK_KIND_ENUM);
  EXPECT_EQ(type_of<acme::Size>().element, &type_of<uint8_t>());
  EXPECT_EQ(carried(acme::Size::kLarge), acme::Size::kLarge);
}

TEST(Types, TimesSayWhatATickIs) {
  using std::chrono::milliseconds;
  using std::chrono::system_clock;
  const auto& duration = type_of<milliseconds>();
  EXPECT_EQ(duration.kind, ARK_KIND_DURATION);
  EXPECT_EQ(duration.element, &type_of<milliseconds::rep>());
  EXPECT_EQ(duration.numerator, 1);
  EXPECT_EQ(duration.denominator, 1000);
  const auto& time = type_of<system_clock::time_point>();
  EXPECT_EQ(time.kind, ARK_KIND_TIME);
  EXPECT_EQ(time.denominator, system_clock::period::den);
  EXPECT_EQ(carried(milliseconds(1234)), milliseconds(1234));
  const auto now = system_clock::now();
  EXPECT_EQ(carried(now), now);
}

TEST(Types, TextsAndBytesKeepEveryByte) {
  expect_basics<std::string>(ARK_KIND_STRING);
  EXPECT_EQ(type_of<std::string>().flags & ARK_TYPE_TRIVIAL, 0u);
  expect_basics<std::string_view>(ARK_KIND_VIEW);
  EXPECT_EQ(type_of<std::string_view>().flags, ARK_TYPE_TRIVIAL);
  expect_basics<std::vector<uint8_t>>(ARK_KIND_BYTES);
  expect_basics<std::vector<std::byte>>(ARK_KIND_BYTES);

  const std::string text("a\0b\xff", 4);
  EXPECT_EQ(carried(text), text);
  EXPECT_EQ(carried(std::string()), "");
  EXPECT_EQ(carried(std::string_view(text)), text);
  EXPECT_THAT(carried(std::vector<uint8_t>{0, 255, 7}), ElementsAre(0, 255, 7));
  EXPECT_EQ(carried(std::vector<std::byte>{std::byte{3}}).at(0), std::byte{3});
}

TEST(Types, BytesCanBeResizedBeforeTheyAreFilled) {
  std::vector<uint8_t> bytes{1};
  type_of<std::vector<uint8_t>>().ops->reserve(&bytes, 4);
  EXPECT_THAT(bytes, ElementsAre(1, 0, 0, 0));
}

TEST(Types, ContainersCarryTheirElements) {
  expect_basics<std::vector<std::string>>(ARK_KIND_LIST);
  EXPECT_EQ(type_of<std::vector<std::string>>().element, &type_of<std::string>());
  EXPECT_THAT(carried(std::vector<std::string>{"a", "", "c"}), ElementsAre("a", "", "c"));

  expect_basics<std::set<std::string>>(ARK_KIND_SET);
  EXPECT_THAT(carried(std::set<std::string>{"b", "a"}), ElementsAre("a", "b"));

  expect_basics<std::map<int32_t, std::string>>(ARK_KIND_MAP);
  EXPECT_EQ((type_of<std::map<int32_t, std::string>>().key), &type_of<int32_t>());
  const std::map<int32_t, std::string> names{{-1, "minus"}, {2, "two"}};
  EXPECT_EQ(carried(names), names);

  expect_basics<std::array<double, 3>>(ARK_KIND_ARRAY);
  EXPECT_EQ((type_of<std::array<double, 3>>().count), 3u);
  EXPECT_THAT(carried(std::array<double, 3>{1, 2, 3}), ElementsAre(1, 2, 3));
}

TEST(Types, TheElementThatASetWasGivenTwiceIsTheOneItHas) {
  std::set<std::string> set{"a"};
  std::string again = "a";
  void* element = type_of<std::set<std::string>>().ops->add(&set, &again);
  EXPECT_EQ(element, &*set.begin());
  EXPECT_EQ(set.size(), 1u);
}

TEST(Types, OptionalVariantPairAndTupleCarryWhatTheyHold) {
  using Maybe = std::optional<std::string>;
  expect_basics<Maybe>(ARK_KIND_OPTIONAL);
  EXPECT_EQ(carried(Maybe()), std::nullopt);
  EXPECT_EQ(carried(Maybe("x")), "x");

  using Either = std::variant<int32_t, std::string, std::vector<int32_t>>;
  expect_basics<Either>(ARK_KIND_VARIANT);
  EXPECT_EQ(type_of<Either>().count, 3u);
  EXPECT_EQ(type_of<Either>().fields[1].type, &type_of<std::string>());
  for (const Either& either : {Either(7), Either("text"), Either(std::vector<int32_t>{1, 2})})
    EXPECT_EQ(carried(either), either);

  using Both = std::pair<std::string, int16_t>;
  expect_basics<Both>(ARK_KIND_TUPLE);
  EXPECT_EQ(carried(Both("a", int16_t{3})), Both("a", int16_t{3}));

  using Three = std::tuple<int8_t, std::string, double>;
  expect_basics<Three>(ARK_KIND_TUPLE);
  EXPECT_EQ(type_of<Three>().count, 3u);
  EXPECT_EQ(carried(Three(1, "b", 2.5)), Three(1, "b", 2.5));
}

TEST(Types, AnIndexBeyondTheLastIsNoPart) {
  using Either = std::variant<int32_t, std::string>;
  Either either;
  EXPECT_EQ(type_of<Either>().ops->choose(&either, 2), nullptr);
  std::pair<int32_t, int32_t> pair;
  EXPECT_EQ((type_of<std::pair<int32_t, int32_t>>().ops->at(&pair, 2)), nullptr);
}

TEST(Types, NestedContainersAreCarriedToTheBottom) {
  using Deep = std::map<std::string, std::vector<std::optional<std::pair<std::string, std::set<int32_t>>>>>;
  const Deep deep{{"none", {}}, {"some", {std::nullopt, std::pair("x", std::set<int32_t>{3, 1})}}};
  EXPECT_EQ(carried(deep), deep);
}

TEST(Types, AStructNamesEveryMemberWithItsPlace) {
  const auto& type = type_of<acme::Line>();
  expect_basics<acme::Line>(ARK_KIND_STRUCT);
  EXPECT_STREQ(type.id, "com.acme.Line");
  ASSERT_EQ(type.count, 2u);
  EXPECT_STREQ(type.fields[0].name, "item");
  EXPECT_EQ(type.fields[0].offset, offsetof(acme::Line, item));
  EXPECT_EQ(type.fields[0].type, &type_of<std::string>());
  EXPECT_STREQ(type.fields[1].name, "count");
  EXPECT_EQ(type.fields[1].offset, offsetof(acme::Line, count));
  const acme::Line line{"pen", 3};
  EXPECT_EQ(carried(line), line);
}

TEST(Types, AStructOfNothingButNumbersIsTrivialUntilItGainsACopyConstructor) {
  EXPECT_EQ(type_of<acme::Point>().flags, ARK_TYPE_TRIVIAL);
  EXPECT_EQ(type_of<acme::Line>().flags, 0u);
}

TEST(Types, AnErrorMayHaveMembersOrNone) {
  EXPECT_EQ(type_of<acme::OutOfStock>().kind, ARK_KIND_STRUCT);
  EXPECT_EQ(type_of<acme::OutOfStock>().count, 1u);
  EXPECT_STREQ(type_of<acme::Closed>().id, "com.acme.Closed");
  EXPECT_EQ(type_of<acme::Closed>().count, 0u);
}

TEST(Types, StructsMayReferToEachOtherInAnyOrder) {
  const auto& node = type_of<acme::Node>();
  EXPECT_EQ(node.fields[1].type->element, &node);
  const auto& branch = *node.fields[8].type;
  EXPECT_STREQ(branch.id, "com.acme.Branch");
  EXPECT_EQ(branch.fields[0].type->element, &node);
}

TEST(Types, ConstructedValuesAreZero) {
  acme::Point point{7, 7};
  type_of<acme::Point>().construct(&point);
  EXPECT_EQ(point.x, 0);
  EXPECT_EQ(point.y, 0);
  int32_t number = 5;
  type_of<int32_t>().construct(&number);
  EXPECT_EQ(number, 0);
}

}  // namespace
