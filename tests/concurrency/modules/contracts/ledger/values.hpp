/// What the ledger's contract passes: at least one value of every kind that a contract can pass.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <ark/sdk.hpp>

namespace ledger {

enum class Color : int16_t { kRed = -1, kGreen = 7 };

struct Line {
  std::string sku;
  int32_t count;
  double price;
  std::optional<std::string> note;
};
inline bool operator==(const Line& a, const Line& b) {
  return std::tie(a.sku, a.count, a.price, a.note) == std::tie(b.sku, b.count, b.price, b.note);
}

/// A graph that may hold itself.
struct Node {
  std::string name;
  ark::Shared<Node> next;
  std::vector<ark::Shared<Node>> peers;
};

struct Numbers {
  bool yes;
  char letter;
  int8_t i8;
  uint8_t u8;
  int16_t i16;
  uint16_t u16;
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64;
  float single;
  double precise;
  Color color;
};
inline bool operator==(const Numbers& a, const Numbers& b) {
  auto all = [](const Numbers& n) {
    return std::tie(n.yes, n.letter, n.i8, n.u8, n.i16, n.u16, n.i32, n.u32, n.i64, n.u64, n.single, n.precise,
                    n.color);
  };
  return all(a) == all(b);
}

struct Everything {
  Numbers numbers;
  std::string text;
  std::vector<uint8_t> bytes;
  std::vector<std::byte> raw;
  std::vector<Line> lines;
  std::array<int32_t, 3> fixed;
  std::set<std::string> names;
  std::map<int32_t, std::vector<double>> table;
  std::map<std::string, Line> by_name;
  std::optional<Line> gift;
  std::variant<int32_t, std::string, Line> choice;
  std::pair<int32_t, std::string> both;
  std::tuple<bool, double, std::string> three;
  std::chrono::milliseconds wait;
  std::chrono::duration<double> seconds;
  std::chrono::system_clock::time_point when;
  ark::Shared<Node> graph;
};
/// All but the graph.
inline bool same_values(const Everything& a, const Everything& b) {
  auto all = [](const Everything& e) {
    return std::tie(e.numbers, e.text, e.bytes, e.raw, e.lines, e.fixed, e.names, e.table, e.by_name, e.gift, e.choice,
                    e.both, e.three, e.wait, e.seconds, e.when);
  };
  return all(a) == all(b);
}

struct OutOfStock : std::exception {
  std::string sku;
  int32_t left = 0;
  const char* what() const noexcept override { return "out of stock"; }
};

}  // namespace ledger

ARK_STRUCT(ledger::Line, "com.acme.ledger.Line", sku, count, price, note)
ARK_STRUCT(ledger::Node, "com.acme.ledger.Node", name, next, peers)
ARK_STRUCT(ledger::Numbers, "com.acme.ledger.Numbers", yes, letter, i8, u8, i16, u16, i32, u32, i64, u64, single,
           precise, color)
ARK_STRUCT(ledger::Everything, "com.acme.ledger.Everything", numbers, text, bytes, raw, lines, fixed, names, table,
           by_name, gift, choice, both, three, wait, seconds, when, graph)
ARK_ERROR(ledger::OutOfStock, "com.acme.ledger.OutOfStock", sku, left)
