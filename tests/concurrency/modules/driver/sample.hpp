/// A value of every kind, with the numbers and texts that are easily carried wrongly.
#pragma once

#include <limits>

#include "ledger/values.hpp"

namespace driver {

inline ledger::Numbers extreme_numbers() {
  ledger::Numbers numbers{};
  numbers.letter = 'z';
  numbers.i8 = std::numeric_limits<int8_t>::min();
  numbers.u8 = std::numeric_limits<uint8_t>::max();
  numbers.i16 = std::numeric_limits<int16_t>::min();
  numbers.u16 = std::numeric_limits<uint16_t>::max();
  numbers.i32 = std::numeric_limits<int32_t>::min();
  numbers.u32 = std::numeric_limits<uint32_t>::max();
  numbers.i64 = std::numeric_limits<int64_t>::min();
  numbers.u64 = std::numeric_limits<uint64_t>::max();
  numbers.single = 0.1f;
  numbers.precise = -2.5e-300;
  numbers.color = ledger::Color::kRed;
  return numbers;
}

/// Its graph holds itself twice over: let it go with ark::let_go.
inline ledger::Everything make_sample() {
  ledger::Everything e{};
  e.numbers = extreme_numbers();
  e.text = "J\xc3\xb6rg \"quoted\"\n\\ \x01";
  e.bytes = {0, 1, 0x7f, 0x80, 0xff};
  e.raw = {std::byte{0xab}, std::byte{0}};
  e.lines = {{"bolt", -3, 0.1, "note"}, {"nut", 7, 1.0 / 3, {}}};
  e.fixed = {1, -2, 3};
  e.names = {"", "one", "two"};
  e.table = {{-1, {}}, {2, {0.5, std::numeric_limits<double>::infinity()}}};
  e.by_name = {{"a", {"a", 1, 2, "x"}}};
  e.gift = ledger::Line{"gift", 1, 1e308, ""};
  e.choice = ledger::Line{"chosen", 2, -0.0, {}};
  e.both = {-5, "five"};
  e.three = {true, 2.5, "three"};
  e.wait = std::chrono::milliseconds(-1500);
  e.seconds = std::chrono::duration<double>(0.125);
  e.when = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
  auto a = ark::Shared<ledger::Node>::make(), b = ark::Shared<ledger::Node>::make();
  a->name = "a";
  b->name = "b";
  a->next = b;
  b->next = a;
  a->peers = {a, b, {}};
  e.graph = a;
  return e;
}

}  // namespace driver
