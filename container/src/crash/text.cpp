#include "crash/text.hpp"

namespace ark::container::crash {
namespace {

struct Time {
  uint64_t year, month, day, hour, minute, second;
};

/// gmtime_r is not on the list of what a handler may call. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
Time split(int64_t seconds) {
  const auto total = static_cast<uint64_t>(seconds < 0 ? 0 : seconds);
  const uint64_t days = total / 86400 + 719468, rest = total % 86400;
  const uint64_t era = days / 146097, day_of_era = days % 146097;
  const uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t shifted = (5 * day_of_year + 2) / 153;  // 0 is March
  const uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * shifted + 2) / 5 + 1, rest / 3600, rest / 60 % 60, rest % 60};
}

}  // namespace

void Line::add(char c) {
  if (size_ + 2 < sizeof text_) text_[size_++] = c;
}

void Line::end() {
  text_[size_++] = '\n';
  text_[size_] = 0;
}

Line& Line::operator<<(const char* text) {
  for (; *text; ++text) add(static_cast<unsigned char>(*text) < ' ' || *text == 0x7f ? '?' : *text);
  return *this;
}

Line& Line::operator<<(uint64_t decimal) { return padded(decimal, 1); }

Line& Line::operator<<(int64_t decimal) {
  if (decimal < 0) add('-');
  return *this << (decimal < 0 ? 0 - static_cast<uint64_t>(decimal) : static_cast<uint64_t>(decimal));
}

Line& Line::hex(uint64_t number) {
  *this << "0x";
  int shift = 60;
  while (shift > 0 && (number >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) add("0123456789abcdef"[number >> shift & 15]);
  return *this;
}

Line& Line::padded(uint64_t decimal, int digits) {
  char reversed[20];
  int count = 0;
  for (; decimal > 0 || count < digits; decimal /= 10) reversed[count++] = static_cast<char>('0' + decimal % 10);
  while (count > 0) add(reversed[--count]);
  return *this;
}

void add_time(Line& line, int64_t seconds) {
  const auto t = split(seconds);
  line.padded(t.year, 4) << "-";
  line.padded(t.month, 2) << "-";
  line.padded(t.day, 2) << "T";
  line.padded(t.hour, 2) << ":";
  line.padded(t.minute, 2) << ":";
  line.padded(t.second, 2) << "Z";
}

void add_time_for_file(Line& line, int64_t seconds) {
  const auto t = split(seconds);
  line.padded(t.year, 4).padded(t.month, 2).padded(t.day, 2) << "-";
  line.padded(t.hour, 2).padded(t.minute, 2).padded(t.second, 2);
}

}  // namespace ark::container::crash
