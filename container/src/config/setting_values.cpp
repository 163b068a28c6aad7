#include "config/setting_values.hpp"

#include <charconv>
#include <utility>

namespace ark::container::config {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

/// A whole number followed by one of the units.
template <size_t N>
Result<uint64_t> parse_with_unit(std::string_view text, const Unit (&units)[N], const char* example) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  for (const auto& one : units) {
    uint64_t value;
    if (error != std::errc() || unit != one.name) continue;
    if (!__builtin_mul_overflow(number, one.factor, &value) && value <= uint64_t{1} << 62) return value;
  }
  return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is not " + example);
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  auto value = parse_with_unit(text, kUnits, "a duration; write it like 300ms, 30s, 5m or 1h");
  if (!value.ok()) return value.status();
  constexpr uint64_t kLongest = uint64_t{100'000} * 3'600'000;  // clocks count nanoseconds in 64 bits
  if (*value > kLongest) return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is too long; at most 100000h");
  return std::chrono::milliseconds(static_cast<int64_t>(*value));
}

Result<uint64_t> parse_size(std::string_view text) {
  static constexpr Unit kUnits[] = {{"", 1}, {"B", 1}, {"KiB", uint64_t{1} << 10}, {"MiB", uint64_t{1} << 20}, {"GiB", uint64_t{1} << 30}};
  return parse_with_unit(text, kUnits, "a size; write it like 512, 64KiB, 16MiB or 1GiB");
}

}  // namespace ark::container::config
