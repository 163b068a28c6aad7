#include "package/layout.hpp"

#include <gmock/gmock.h>

#include <cctype>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "contract_tables.hpp"
#include "package/json_reader.hpp"
#include "package/layout_json.hpp"
#include "package/layout_type.hpp"

namespace ark::container::package {
namespace {

using test::by_reference;
using test::by_value;
using test::Tables;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

ContractLayout through_json(const ContractLayout& layout) {
  const auto json = layout_json(layout).dump(2);
  JsonReader in(json, "layout.json");
  auto read = read_layout(in);
  EXPECT_TRUE(in.ok()) << in.status().text() << "\n" << json;
  read.contract.id = layout.contract.id;
  EXPECT_EQ(layout_fault(read), "") << json;
  return read;
}

/// Every kind of type there is, and what it is called.
struct NamedType {
  const ark_type_t* type;
  std::string_view text;
};
std::vector<NamedType> every_type(Tables& t, const ark_type_t* line, const ark_contract_t* listener) {
  return {
      {t.nothing(), "void"},
      {t.scalar(ARK_KIND_BOOL, 1), "bool"},
      {t.scalar(ARK_KIND_INT, 1), "i8"},
      {t.i64(), "i64"},
      {t.scalar(ARK_KIND_UINT, 2), "u16"},
      {t.scalar(ARK_KIND_FLOAT, 4), "f32"},
      {t.wrapped(ARK_KIND_ENUM, t.i32()), "enum<i32>"},
      {t.string(), "string"},
      {t.view(), "view"},
      {t.plain(ARK_KIND_BYTES, 24), "bytes"},
      {t.wrapped(ARK_KIND_LIST, line), "list<com.acme.Line>"},
      {t.wrapped(ARK_KIND_ARRAY, t.i32(), nullptr, 4), "array<i32,4>"},
      {t.wrapped(ARK_KIND_SET, t.string()), "set<string>"},
      {t.wrapped(ARK_KIND_MAP, line, t.string()), "map<string,com.acme.Line>"},
      {t.wrapped(ARK_KIND_OPTIONAL, t.wrapped(ARK_KIND_LIST, t.i64())), "optional<list<i64>>"},
      {t.several(ARK_KIND_VARIANT, {t.i32(), line}), "variant<i32,com.acme.Line>"},
      {t.several(ARK_KIND_TUPLE, {t.i32(), t.string(), t.i64()}), "tuple<i32,string,i64>"},
      {t.several(ARK_KIND_TUPLE, {t.i32(), t.string()}), "tuple<i32,string>"},
      {t.several(ARK_KIND_TUPLE, {t.i32(), t.string()}, 8), "pair<i32,string>"},
      {t.several(ARK_KIND_TUPLE, {}), "tuple<>"},
      {t.wrapped(ARK_KIND_DURATION, t.i64(), nullptr, 0, 1, 1000), "duration<i64,1/1000>"},
      {t.wrapped(ARK_KIND_TIME, t.i64(), nullptr, 0, 1, 1'000'000'000), "time<i64,1/1000000000>"},
      {line, "com.acme.Line"},
      {t.wrapped(ARK_KIND_SHARED, line), "shared<com.acme.Line>"},
      {t.to_contract(ARK_KIND_CALLBACK, listener), "callback<com.acme.Listener>"},
      {t.to_contract(ARK_KIND_CONTRACT, listener), "contract<com.acme.Listener>"},
  };
}

TEST(Layout, EveryKindOfTypeHasItsText) {
  Tables t;
  const auto* line = t.structure("com.acme.Line", 40, 0, {{"item", 0, t.string()}, {"count", 32, t.i32()}});
  const auto* listener = t.contract("com.acme.Listener", "1.0", 3, {{"changed", 2, t.nothing(), {}}});
  for (auto [type, text] : every_type(t, line, listener)) {
    auto layout = layout_of(*t.contract("C", "1.0", 3, {{"m", 2, type, {}}}));
    EXPECT_EQ(layout.contract.methods[0].result, text);
    EXPECT_TRUE(is_type(text)) << text;
  }
}

TEST(Layout, TextsThatAreNoTypesAreRefused) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "list<";
  for (std::string_view text : {"",
                                "list",
                                "list<",
                                "list<>",
                                "list<i32",
                                "list<i32>>",
                                "i32>",
                                "map<i32>",
                                "map<i32,i32,i32>",
                                "array<i32>",
                                "array<i32,x>",
                                "array<4,i32>",
                                "duration<i64,1>",
                                "enum<>",
                                "callback<>",
                                "callback<list<i32>>",
                                "1abc",
                                ".a",
                                "a b",
                                "a&",
                                "unknown",
                                "tuple<,>",
                                "string<i32>",
                                "list<i32>x"}) {
    EXPECT_FALSE(is_type(text)) << text;
  }
  EXPECT_FALSE(is_type(deep));
}

TEST(Layout, SurvivesJsonAndKeepsItsDigest) {
  Tables t;
  const auto* line = t.structure("com.acme.Line", 40, 0, {{"item", 0, t.string()}, {"count", 32, t.i32()}});
  const auto* point = t.structure("com.acme.Point", 8, ARK_TYPE_TRIVIAL, {{"x", 0, t.i32()}, {"y", 4, t.i32()}});
  auto* node = t.structure("com.acme.Node", 40, 0, {{"next", 0, nullptr}, {"line", 8, line}});
  const_cast<ark_field_t*>(node->fields)[0].type = t.wrapped(ARK_KIND_SHARED, node);  // contains itself
  const auto* out_of_stock = t.structure("com.acme.OutOfStock", 48, 0, {{"sku", 16, t.string()}});
  auto& root = t.room();
  const auto* listener =
      t.contract("com.acme.Listener", "1.3", 3,
                 {{"changed", 2, t.nothing(), {by_value(point)}},
                  {"back", 0, t.nothing(), {by_reference(t.to_contract(ARK_KIND_CALLBACK, &root))}, 0, 8}});
  std::vector<Tables::Method> methods;
  uint32_t slot = 2;
  for (auto [type, text] : every_type(t, line, listener)) {
    methods.push_back({t.text("m" + std::to_string(slot)),
                       slot,
                       type,
                       {by_value(t.i32()), by_reference(node), by_reference(type)},
                       slot % 4});
    ++slot;
  }
  t.fill(root, "com.acme.Orders", "1.2", slot, methods, {out_of_stock}, 2, ARK_CONTRACT_LOCAL);

  auto layout = layout_of(root);
  EXPECT_EQ(layout.fault, "");
  EXPECT_TRUE(check_listed(layout).ok()) << check_listed(layout).text();
  EXPECT_TRUE(layout.contract.local);
  EXPECT_THAT(layout.contract.errors, ElementsAre("com.acme.OutOfStock"));
  EXPECT_THAT(layout.structs, ElementsAre(Key("com.acme.Line"), Key("com.acme.Node"), Key("com.acme.OutOfStock"),
                                          Key("com.acme.Point")));
  EXPECT_THAT(layout.interfaces, ElementsAre(Key("com.acme.Listener")));
  EXPECT_EQ(layout.interfaces["com.acme.Listener"].methods[1].adjust, 8);
  EXPECT_TRUE(layout.structs["com.acme.Point"].trivial);
  EXPECT_FALSE(layout.structs["com.acme.Line"].trivial);

  auto read = through_json(layout);
  EXPECT_EQ(read, layout);
  EXPECT_EQ(layout_digest(layout), layout_digest(root));
  EXPECT_EQ(layout_digest(read), layout_digest(root));
  EXPECT_TRUE(compare_layouts(read, layout).ok());
}

TEST(Layout, AContractWithHundredsOfStructsKeepsItsDigest) {
  Tables t;
  std::vector<Tables::Method> methods;
  for (uint32_t i = 0; i < 300; ++i) {
    const auto* type = t.structure("S" + std::to_string(i), 8, 0,
                                   {{"x", 0, t.structure("Inner" + std::to_string(i % 7), 8, 0, {{"y", 0, t.i64()}})}});
    methods.push_back({t.text("m" + std::to_string(i)), i, type, {}});
  }
  const auto* table = t.contract("C", "1.0", 300, methods, {}, 0);
  auto layout = layout_of(*table);
  EXPECT_EQ(layout.structs.size(), 307u);
  EXPECT_EQ(layout_digest(layout), layout_digest(*table));
}

// ---- twenty small changes ----

/// What a contract's header says, as the build of one side sees it.
struct Header {
  std::string version = "1.0";
  std::string line_field = "count", line_id = "com.acme.Line";
  uint32_t line_size = 40, line_offset = 32, line_flags = 0;
  bool line_has_more = false, line_swapped = false, line_wide = false;
  bool place_by_reference = true, place_const = false, place_list = false, place_extra = false, place_noexcept = false;
  uint32_t place_slot = 2, cancel_slot = 3, slots = 4, destructor_slots = 2;
  std::string cancel_name = "cancel";
  bool cancel_gone = false, appended = false, inserted = false, listed_swapped = false, local = false;
  uint32_t error_offset = 16;
  std::string error_id = "com.acme.OutOfStock";
  bool has_error = true;
  bool listener_more = false, listener_noexcept = false;
  uint32_t listener_slot = 2;
  int64_t duration = 1000;
  ptrdiff_t adjust = 0;
};

const ark_contract_t* tables_of(Tables& t, const Header& h) {
  std::vector<Tables::Member> members = {{"item", 0, t.string()},
                                         {t.text(h.line_field), h.line_offset, h.line_wide ? t.i64() : t.i32()}};
  if (h.line_swapped) std::swap(members[0], members[1]);
  if (h.line_has_more) members.push_back({"price", 40, t.i64()});
  const auto* line = t.structure(h.line_id, h.line_size, h.line_flags, members);
  const auto* error = t.structure(h.error_id, 48, 0, {{"sku", h.error_offset, t.string()}});

  std::vector<Tables::Method> heard = {
      {"changed", h.listener_slot, t.nothing(), {}, h.listener_noexcept ? ARK_METHOD_NOEXCEPT : 0}};
  if (h.listener_more) heard.push_back({"closed", 3, t.nothing(), {}});
  const auto* listener = t.contract("com.acme.Listener", "1.0", h.listener_more ? 4 : h.listener_slot + 1, heard);

  std::vector<ark_param_t> params = {
      by_value(t.i32()),
      h.place_by_reference ? by_reference(h.place_list ? t.wrapped(ARK_KIND_LIST, line) : line) : by_value(line)};
  params.push_back(by_value(t.to_contract(ARK_KIND_CALLBACK, listener)));
  if (h.place_extra) params.push_back(by_value(t.i32()));
  uint32_t flags = (h.place_const ? ARK_METHOD_CONST : 0) | (h.place_noexcept ? ARK_METHOD_NOEXCEPT : 0);
  std::vector<Tables::Method> methods = {{"place", h.place_slot, t.i64(), params, flags}};
  if (h.inserted) methods.push_back({"peek", 3, t.i64(), {}});
  if (!h.cancel_gone) {
    methods.push_back({t.text(h.cancel_name),
                       h.cancel_slot,
                       t.wrapped(ARK_KIND_DURATION, t.i64(), nullptr, 0, 1, h.duration),
                       {by_value(t.i64())},
                       0,
                       h.adjust});
  }
  if (h.appended) methods.push_back({"count", 4, t.i32(), {}});
  if (h.listed_swapped) std::swap(methods[0], methods[1]);
  std::vector<const ark_type_t*> errors;
  if (h.has_error) errors.push_back(error);
  return t.contract("com.acme.Orders", h.version, h.slots, methods, errors, h.destructor_slots,
                    h.local ? ARK_CONTRACT_LOCAL : 0);
}

struct Change {
  const char* name;
  std::function<void(Header&)> apply;
  std::string_view refused;        ///< part of the message when the exporter has the change; empty: accepted
  std::string_view reverse;        ///< the same when the importer has it
  std::string_view unlisted = {};  ///< part of check_listed's message about the changed header; empty: it is fine
};

const std::vector<Change>& changes() {
  static const std::vector<Change> all = {
      {"nothing", [](Header&) {}, "", ""},
      {"version only", [](Header& h) { h.version = "1.1"; }, "", ""},
      {"method appended",
       [](Header& h) {
         h.appended = true;
         h.slots = 5;
         h.version = "1.1";
       },
       "",
       "com.acme.Orders.count: the importer may call it, the exporter does not have it (com.acme.Orders 1.1 was "
       "compiled into the importer, 1.0 into the exporter)"},
      {"method inserted in the middle",
       [](Header& h) {
         h.inserted = true;
         h.cancel_slot = 4;
         h.slots = 5;
       },
       "com.acme.Orders method 2: name is cancel for the importer, peek for the exporter",
       "com.acme.Orders method 2: name is peek for the importer, cancel for the exporter"},
      {"method removed",
       [](Header& h) {
         h.cancel_gone = true;
         h.slots = 3;
       },
       "com.acme.Orders.cancel: the importer may call it", ""},
      {"method renamed", [](Header& h) { h.cancel_name = "abort"; },
       "com.acme.Orders method 2: name is cancel for the importer, abort for the exporter",
       "name is abort for the importer, cancel for the exporter"},
      {"declarations reordered, list as before", [](Header& h) { std::swap(h.place_slot, h.cancel_slot); },
       "com.acme.Orders.place: vtable slot is 2 for the importer, 3 for the exporter",
       "com.acme.Orders.place: vtable slot is 3 for the importer, 2 for the exporter"},
      {"list reordered, declarations as before", [](Header& h) { h.listed_swapped = true; },
       "com.acme.Orders method 1: name is place for the importer, cancel for the exporter",
       "name is cancel for the importer, place for the exporter"},
      {"a virtual that is not listed",
       [](Header& h) {
         h.cancel_slot = 4;
         h.slots = 5;
       },
       "com.acme.Orders.cancel: vtable slot is 3 for the importer, 4 for the exporter",
       "com.acme.Orders.cancel: vtable slot is 4 for the importer, 3 for the exporter",
       "com.acme.Orders: 1 virtual function is not in its list"},
      {"an unlisted virtual at the end", [](Header& h) { h.slots = 6; }, "", "",
       "com.acme.Orders: 2 virtual functions are not in its list"},
      {"destructor no longer virtual",
       [](Header& h) {
         h.place_slot = 0;
         h.cancel_slot = 1;
         h.slots = 2;
         h.destructor_slots = 0;
       },
       "com.acme.Orders.place: vtable slot is 2 for the importer, 0 for the exporter",
       "vtable slot is 0 for the importer"},
      {"method moved to a second base",
       [](Header& h) {
         h.adjust = 8;
         h.slots = 3;
       },
       "com.acme.Orders.cancel: adjustment of this is 0 for the importer, 8 for the exporter",
       "adjustment of this is 8 for the importer"},
      {"const added", [](Header& h) { h.place_const = true; },
       "com.acme.Orders.place: const is 0 for the importer, 1 for the exporter", "const is 1 for the importer"},
      {"noexcept promised", [](Header& h) { h.place_noexcept = true; }, "",
       "com.acme.Orders.place: noexcept is 1 for the importer, 0 for the exporter"},
      {"reference became value", [](Header& h) { h.place_by_reference = false; },
       "com.acme.Orders.place parameter 2: by reference is 1 for the importer, 0 for the exporter",
       "com.acme.Orders.place parameter 2: by reference is 0 for the importer, 1 for the exporter"},
      {"parameter became a list", [](Header& h) { h.place_list = true; },
       "com.acme.Orders.place parameter 2: type is com.acme.Line for the importer, list<com.acme.Line> for the "
       "exporter",
       "type is list<com.acme.Line> for the importer, com.acme.Line for the exporter"},
      {"parameter added", [](Header& h) { h.place_extra = true; },
       "com.acme.Orders.place: number of parameters is 3 for the importer, 4 for the exporter",
       "number of parameters is 4"},
      {"result in other units", [](Header& h) { h.duration = 1'000'000; },
       "com.acme.Orders.cancel result: type is duration<i64,1/1000> for the importer, duration<i64,1/1000000> for the "
       "exporter",
       "type is duration<i64,1/1000000> for the importer"},
      {"struct gained a member",
       [](Header& h) {
         h.line_has_more = true;
         h.line_size = 48;
       },
       "com.acme.Line.price: only the exporter's struct has it",
       "com.acme.Line.price: only the importer's struct has it"},
      {"struct's member renamed", [](Header& h) { h.line_field = "amount"; },
       "com.acme.Line member 2: name is count for the importer, amount for the exporter",
       "name is amount for the importer"},
      {"struct's members reordered", [](Header& h) { h.line_swapped = true; },
       "com.acme.Line member 1: name is item for the importer, count for the exporter",
       "name is count for the importer"},
      {"struct's member widened", [](Header& h) { h.line_wide = true; },
       "com.acme.Line.count: type is i32 for the importer, i64 for the exporter", "com.acme.Line.count: type is i64"},
      {"struct's member moved", [](Header& h) { h.line_offset = 36; },
       "com.acme.Line.count: offset is 32 for the importer, 36 for the exporter", "com.acme.Line.count: offset is 36"},
      {"struct grew by something unlisted", [](Header& h) { h.line_size = 56; },
       "com.acme.Line: size is 40 for the importer, 56 for the exporter", "com.acme.Line: size is 56"},
      {"struct gained or lost a copy constructor", [](Header& h) { h.line_flags = ARK_TYPE_TRIVIAL; },
       "com.acme.Line: trivial (it can be passed in registers) is 0 for the importer, 1 for the exporter",
       "com.acme.Line: trivial (it can be passed in registers) is 1"},
      {"struct's id changed", [](Header& h) { h.line_id = "com.acme.Item"; },
       "com.acme.Orders.place parameter 2: type is com.acme.Line for the importer, com.acme.Item for the exporter",
       "type is com.acme.Item for the importer"},
      {"error's member moved", [](Header& h) { h.error_offset = 24; },
       "com.acme.OutOfStock.sku: offset is 16 for the importer, 24 for the exporter",
       "com.acme.OutOfStock.sku: offset is 24"},
      {"another error", [](Header& h) { h.error_id = "com.acme.Late"; }, "", ""},
      {"no error any more", [](Header& h) { h.has_error = false; }, "", ""},
      {"callback's contract gained a method", [](Header& h) { h.listener_more = true; },
       "com.acme.Listener.closed: the exporter may call it on the importer's callback, which does not have it",
       "com.acme.Listener.closed: the importer may call it, the exporter does not have it"},
      {"callback's method moved", [](Header& h) { h.listener_slot = 3; },
       "com.acme.Listener.changed: vtable slot is 2 for the importer, 3 for the exporter",
       "com.acme.Listener.changed: vtable slot is 3", "com.acme.Listener: 1 virtual function is not in its list"},
      {"callback's method became noexcept", [](Header& h) { h.listener_noexcept = true; },
       "com.acme.Listener.changed: noexcept is 0 for the importer, 1 for the exporter",
       "com.acme.Listener.changed: noexcept is 1 for the importer, 0 for the exporter"},
      {"contract became local", [](Header& h) { h.local = true; },
       "com.acme.Orders: local (ARK_LOCAL_CONTRACT) is 0 for the importer, 1 for the exporter",
       "local (ARK_LOCAL_CONTRACT) is 1"},
  };
  return all;
}

class LayoutChange : public ::testing::TestWithParam<size_t> {};

void expect_verdict(const Status& status, std::string_view message) {
  if (message.empty()) {
    EXPECT_TRUE(status.ok()) << status.text();
  } else {
    EXPECT_EQ(status.code(), Code::kIncompatible);
    EXPECT_THAT(status.text(), HasSubstr(std::string(message)));
    EXPECT_THAT(status.text(), HasSubstr("build both with one header of com.acme.Orders"));
  }
}

TEST_P(LayoutChange, IsAcceptedOrRefusedNamingIt) {
  const auto& change = changes()[GetParam()];
  Tables t;
  Header changed;
  change.apply(changed);
  const auto *before = tables_of(t, Header()), *after = tables_of(t, changed);
  // As the container does it: both sides from manifests.
  auto old_layout = through_json(layout_of(*before)), new_layout = through_json(layout_of(*after));
  expect_verdict(compare_layouts(old_layout, new_layout), change.refused);
  expect_verdict(compare_layouts(new_layout, old_layout), change.reverse);
  EXPECT_EQ(layout_digest(*after), layout_digest(new_layout));
  EXPECT_EQ(layout_digest(*before) == layout_digest(*after), GetParam() == 0) << "every change changes the digest";

  auto listed = check_listed(new_layout);
  if (change.unlisted.empty()) {
    EXPECT_TRUE(listed.ok()) << listed.text();
  } else {
    EXPECT_EQ(listed.code(), Code::kInvalidArgument);
    EXPECT_THAT(listed.text(), HasSubstr(std::string(change.unlisted)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, LayoutChange, ::testing::Range<size_t>(0, changes().size()), [](const auto& info) {
  std::string name = changes()[info.param].name;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

// ---- what cannot be offered at all ----

TEST(Layout, TwoStructsWithOneIdAreRefused) {
  Tables t;
  const auto *a = t.structure("com.acme.Line", 8, 0, {{"x", 0, t.i64()}}),
             *b = t.structure("com.acme.Line", 8, 0, {{"x", 0, t.i32()}});
  auto layout = layout_of(*t.contract("C", "1.0", 3, {{"m", 2, t.i32(), {by_value(a), by_value(b)}}}));
  EXPECT_THAT(check_listed(layout).text(), HasSubstr("C: two different structs have the id com.acme.Line"));
}

TEST(Layout, OneStructDescribedTwiceAlikeIsFine) {
  Tables t;
  const auto *a = t.structure("com.acme.Line", 8, 0, {{"x", 0, t.i64()}}),
             *b = t.structure("com.acme.Line", 8, 0, {{"x", 0, t.i64()}});
  auto layout = layout_of(*t.contract("C", "1.0", 3, {{"m", 2, t.i32(), {by_value(a), by_value(b)}}}));
  EXPECT_TRUE(check_listed(layout).ok()) << check_listed(layout).text();
}

TEST(Layout, AMethodThatIsNotVirtualIsRefused) {
  Tables t;
  auto layout = layout_of(*t.contract("C", "1.0", 3, {{"m", 2, t.i32(), {}, 0, 0, false}, {"n", 2, t.i32(), {}}}));
  EXPECT_THAT(check_listed(layout).text(), HasSubstr("C.m: it is not virtual"));
}

TEST(Layout, BadIdsVersionsAndDoubleNamesAreRefused) {
  Tables t;
  auto text_of = [&](const std::string& id, const std::string& version, std::vector<Tables::Method> methods) {
    auto slots = static_cast<uint32_t>(methods.size()) + 2;
    return check_listed(layout_of(*t.contract(id, version, slots, std::move(methods)))).text();
  };
  EXPECT_THAT(text_of("com acme", "1.0", {}), HasSubstr("a contract's id is letters"));
  EXPECT_THAT(text_of("list", "1.0", {}), HasSubstr("a contract's id is letters"));
  EXPECT_THAT(text_of("C", "one", {}), HasSubstr("C: \"one\" is not a version"));
  EXPECT_THAT(text_of("C", "1.0", {{"m", 2, t.i32(), {}}, {"m", 3, t.i32(), {}}}),
              HasSubstr("C.m: it is listed twice"));
  EXPECT_THAT(text_of("C", "1.0", {{"m", 2, t.structure("string", 8, 0, {}), {}}}),
              HasSubstr("a struct's id is letters"));
  EXPECT_THAT(text_of("C", "1.0", {{"m", 2, t.plain(99, 8), {}}}),
              HasSubstr("C.m: the result has the type \"unknown\""));
  EXPECT_THAT(text_of("C", "1.0", {{"m", 2, t.i32(), {by_value(t.plain(99, 8))}}}),
              HasSubstr("C.m: parameter 1 has the type \"unknown\""));
}

TEST(Layout, ContractsOfOtherIdsAreNotCompared) {
  Tables t;
  auto a = layout_of(*t.contract("A", "1.0", 2, {})), b = layout_of(*t.contract("B", "1.0", 2, {}));
  EXPECT_THAT(compare_layouts(a, b).text(), HasSubstr("contract A was compared with contract B"));
}

TEST(Layout, DigestsOfDifferentContentsDiffer) {
  // The same letters, cut differently; the same numbers in other places.
  Tables t;
  std::set<uint64_t> digests;
  digests.insert(layout_digest(*t.contract("AB", "1.0", 3, {{"m", 2, t.i32(), {}}})));
  digests.insert(layout_digest(*t.contract("A", "1.0", 3, {{"m", 2, t.i32(), {}}})));
  digests.insert(layout_digest(*t.contract("A", "1.0", 3, {{"m", 2, t.i32(), {}}}, {}, 0)));
  digests.insert(layout_digest(*t.contract("A", "1.0", 2, {{"m", 3, t.i32(), {}}})));
  digests.insert(layout_digest(*t.contract("A", "1.0", 4, {{"m", 2, t.i32(), {}}, {"n", 3, t.i32(), {}}})));
  digests.insert(layout_digest(*t.contract("A", "1.0", 4, {{"n", 2, t.i32(), {}}, {"m", 3, t.i32(), {}}})));
  EXPECT_EQ(digests.size(), 6u);
}

}  // namespace
}  // namespace ark::container::package
