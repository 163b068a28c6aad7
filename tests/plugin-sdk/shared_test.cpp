// Counted references and the graphs they form.
#include <ark/sdk/shared.hpp>

#include <ark/sdk/let_go.hpp>

#include <gtest/gtest.h>

#include "acme.hpp"
#include "fake/copy_value.hpp"

namespace {

using acme::Node;
using ark::Shared;
using ark::type_of;

/// Counts the objects alive.
struct Witness {
  static inline int alive = 0;
  Witness() { ++alive; }
  Witness(const Witness&) { ++alive; }
  ~Witness() { --alive; }
};

/// What a graph is made of here: every object of it is counted.
struct Knot {
  std::vector<Shared<Knot>> to;
  int32_t mark = 0;
  static inline int alive = 0;
  Knot() { ++alive; }
  Knot(const Knot& other) : to(other.to), mark(other.mark) { ++alive; }
  Knot& operator=(const Knot&) = default;
  ~Knot() { --alive; }
};

}  // namespace

ARK_STRUCT(Knot, "Knot", to, mark)

namespace {

class SharedGraph : public testing::Test {
 protected:
  void SetUp() override { before_ = Knot::alive; }
  /// Objects of this test.
  int alive() const { return Knot::alive - before_; }

 private:
  int before_ = 0;
};

TEST(Shared, TheLastReferenceDestroysTheObject) {
  const int before = Witness::alive;
  auto first = Shared<Witness>::make();
  EXPECT_EQ(Witness::alive, before + 1);
  {
    auto second = first;
    EXPECT_EQ(first.use_count(), 2u);
    EXPECT_EQ(second, first);
    second = Shared<Witness>();
    EXPECT_FALSE(second);
    EXPECT_EQ(first.use_count(), 1u);
  }
  auto moved = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(moved.use_count(), 1u);
  const auto& itself = moved;
  moved = itself;
  EXPECT_EQ(Witness::alive, before + 1);
  moved = {};
  EXPECT_EQ(Witness::alive, before);
}

TEST(Shared, MakesAnObjectFromArguments) {
  const auto line = Shared<acme::Line>::make("pen", 3);
  EXPECT_EQ(line->item, "pen");
  EXPECT_EQ((*line).count, 3);
}

TEST(Shared, AReferenceIsFoundFromTheObjectWhateverItsAlignment) {
  struct alignas(32) Wide {
    char bytes[32] = {};
  };
  const auto byte = Shared<char>::make('x');
  EXPECT_EQ(Shared<char>::of(byte.get()), byte);
  const auto wide = Shared<Wide>::make();
  EXPECT_EQ(Shared<Wide>::of(wide.get()), wide);
  EXPECT_EQ(wide.use_count(), 1u);
}

TEST(Shared, ItsDescriptorCountsSharesAndMoves) {
  const auto& type = type_of<Shared<int32_t>>();
  EXPECT_EQ(type.kind, ARK_KIND_SHARED);
  EXPECT_EQ(type.element, &type_of<int32_t>());
  Shared<int32_t> first, second;
  EXPECT_EQ(type.ops->get(&first), nullptr);
  EXPECT_EQ(type.ops->uses(&first), 0u);
  void* object = type.ops->add(&first, nullptr);
  *static_cast<int32_t*>(object) = 42;
  type.ops->share(&second, object);
  EXPECT_EQ(second.get(), first.get());
  EXPECT_EQ(type.ops->uses(&second), 2u);
  alignas(Shared<int32_t>) char room[sizeof(Shared<int32_t>)];
  type.ops->take(&first, room);
  EXPECT_FALSE(first);
  EXPECT_EQ(second.use_count(), 2u);
  type.destroy(room);
  EXPECT_EQ(second.use_count(), 1u);
}

TEST_F(SharedGraph, AChainIsFreedByItsCounts) {
  {
    Knot knot;
    knot.to = {Shared<Knot>::make()};
    knot.to[0]->to = {Shared<Knot>::make()};
    EXPECT_EQ(alive(), 3);
  }
  EXPECT_EQ(alive(), 0);
}

TEST_F(SharedGraph, ACycleIsFreedByLetGo) {
  {
    auto a = Shared<Knot>::make();
    auto b = Shared<Knot>::make();
    a->to = {b, a};
    b->to = {a, a};
    b = {};
    ark::let_go(a);
    EXPECT_EQ(alive(), 1);  // what only a led to
    EXPECT_TRUE(a->to.empty() || !a->to[0]);
  }
  EXPECT_EQ(alive(), 0);
}

TEST_F(SharedGraph, WhatSomebodyElseHoldsStaysWhole) {
  Shared<Knot> kept;
  {
    auto a = Shared<Knot>::make();
    auto b = Shared<Knot>::make();
    auto c = Shared<Knot>::make();
    a->to = {b};
    b->to = {a, c};
    c->mark = 9;
    kept = b;  // and through b everything
    b = c = {};
    ark::let_go(a);
  }
  EXPECT_EQ(alive(), 3);
  ASSERT_EQ(kept->to.size(), 2u);
  EXPECT_EQ(kept->to[1]->mark, 9);
  EXPECT_EQ(kept->to[0]->to[0], kept);
  ark::let_go(kept);
  kept = {};
  EXPECT_EQ(alive(), 0);
}

TEST_F(SharedGraph, OneGraphOfSeveralValuesIsFreedWhenAllAreAdded) {
  {
    std::vector<Shared<Knot>> argument{Shared<Knot>::make()};
    std::vector<Shared<Knot>> result{Shared<Knot>::make()};
    argument[0]->to = result;
    result[0]->to = argument;
    ark::LetGo graphs;
    graphs.add(type_of<std::vector<Shared<Knot>>>(), &argument);
    graphs.add(type_of<std::vector<Shared<Knot>>>(), &result);
  }
  EXPECT_EQ(alive(), 0);
}

TEST_F(SharedGraph, AVeryLongRingNeedsNoDeepStack) {
  constexpr int kLength = 200'000;
  {
    auto first = Shared<Knot>::make();
    auto last = first;
    for (int i = 1; i < kLength; ++i) {
      auto next = Shared<Knot>::make();
      last->to = {next};
      last = next;
    }
    last->to = {first};
    last = {};
    EXPECT_EQ(alive(), kLength);
    ark::let_go(first);
  }
  EXPECT_EQ(alive(), 0);
}

TEST_F(SharedGraph, LetGoLooksIntoEveryKindOfValue) {
  // Each member of the node in turn holds the node itself; if one were overlooked the sanitizer would find the leak,
  // and the count shows it in every build.
  using Reach = void (*)(Node& node, Shared<Node> self);
  const std::pair<const char*, Reach> ways[] = {
      {"a member", [](Node& node, Shared<Node> self) { node.next = self; }},
      {"a list",
       [](Node& node, Shared<Node> self) {
         node.more = {self, self};
       }},
      {"an optional", [](Node& node, Shared<Node> self) { node.perhaps = self; }},
      {"a variant", [](Node& node, Shared<Node> self) { node.either = self; }},
      {"a map", [](Node& node, Shared<Node> self) { node.named["self"] = self; }},
      {"a pair",
       [](Node& node, Shared<Node> self) {
         node.numbered = {1, self};
       }},
      {"an array", [](Node& node, Shared<Node> self) { node.both[1] = self; }},
      {"a struct in a list in a struct",
       [](Node& node, Shared<Node> self) { node.branch.nodes.emplace_back().next = self; }}};
  for (const auto& [name, reach] : ways) {
    auto node = Shared<Node>::make();
    reach(*node, node);
    EXPECT_GT(node.use_count(), 1u);
    ark::let_go(node);
    EXPECT_EQ(node.use_count(), 1u) << name;
  }
}

TEST_F(SharedGraph, ACopyThroughDescriptorsHasTheSameShape) {
  auto a = Shared<Node>::make();
  a->name = "a";
  a->next = Shared<Node>::make();
  a->next->name = "b";
  a->next->next = a;
  a->both = {a->next, a->next};
  Shared<Node> copy;
  const auto& type = type_of<Shared<Node>>();
  ark::test::ValueCopier().copy(type, &a, type, &copy);
  ASSERT_TRUE(copy);
  EXPECT_NE(copy, a);
  EXPECT_EQ(copy->next->name, "b");
  EXPECT_EQ(copy->next->next, copy);
  EXPECT_EQ(copy->both[0], copy->both[1]);
  EXPECT_EQ(copy->both[0], copy->next);
  ark::let_go(a);
  ark::let_go(copy);
}

}  // namespace
