#include "package/version.hpp"

#include <algorithm>
#include <charconv>

namespace ark::container::package {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

/// Takes the part of `text` before `separator`, and the separator.
std::string_view take_until(std::string_view& text, char separator) {
  auto part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

bool parse_number(std::string_view text, uint32_t& number) {
  if (!is_number(text) || (text.size() > 1 && text[0] == '0')) return false;
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

bool valid_identifiers(std::string_view text, bool zeros_may_lead) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    auto part = take_until(text, '.');
    bool characters =
        std::all_of(part.begin(), part.end(), [](char c) { return is_digit(c) || is_letter(c) || c == '-'; });
    if (part.empty() || !characters) return false;
    if (!zeros_may_lead && part.size() > 1 && part[0] == '0' && is_number(part)) return false;
  }
  return true;
}

/// Identifiers of digits only are compared as numbers of any length and come before others.
std::strong_ordering compare_identifier(std::string_view a, std::string_view b) {
  bool a_number = is_number(a), b_number = is_number(b);
  if (a_number != b_number) return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
  if (a_number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare_pre(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return b.size() <=> a.size();  // a release comes after its pre-releases
  while (!a.empty() && !b.empty()) {
    if (auto order = compare_identifier(take_until(a, '.'), take_until(b, '.')); order != 0) return order;
  }
  return a.size() <=> b.size();
}

Status no_range(std::string_view text, std::string_view why) {
  return {Code::kInvalidArgument, "\"" + std::string(text) + "\" is not a range of versions: " + std::string(why) +
                                      "; write \"[1.0,2.0)\", or \"1.2\" for [1.2,2.0)"};
}

}  // namespace

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (auto order = a.major <=> b.major; order != 0) return order;
  if (auto order = a.minor <=> b.minor; order != 0) return order;
  if (auto order = a.patch <=> b.patch; order != 0) return order;
  return compare_pre(a.pre, b.pre);
}

Result<Version> parse_version(std::string_view text) {
  auto fail = [&](std::string_view why) {
    return Status(Code::kInvalidArgument,
                  "\"" + std::string(text) + "\" is not a version: " + std::string(why) +
                      "; write three numbers and perhaps a pre-release, as in 1.2.3 or 1.2.3-rc.1");
  };
  auto rest = text;
  if (auto plus = rest.find('+'); plus != rest.npos) {
    if (!valid_identifiers(rest.substr(plus + 1), true))
      return fail("what follows + is not letters, digits, dots and hyphens");
    rest = rest.substr(0, plus);
  }
  Version version;
  if (auto hyphen = rest.find('-'); hyphen != rest.npos) {
    version.pre = rest.substr(hyphen + 1);
    if (!valid_identifiers(version.pre, false))
      return fail("its pre-release is not letters, digits, dots and hyphens, or a number in it begins with 0");
    rest = rest.substr(0, hyphen);
  }
  auto dots = std::count(rest.begin(), rest.end(), '.');
  if (dots != 1 && dots != 2) return fail("it has not two or three numbers");
  if (dots == 1 && !version.pre.empty()) return fail("a pre-release needs three numbers before it");
  bool good = parse_number(take_until(rest, '.'), version.major) && parse_number(take_until(rest, '.'), version.minor);
  if (good && dots == 2) good = parse_number(rest, version.patch);
  if (!good) return fail("a part of it is not a number below 2^32 without leading zeros");
  return version;
}

std::string to_string(const Version& version) {
  auto text = std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch);
  return version.pre.empty() ? text : text + "-" + version.pre;
}

Result<Range> Range::parse(std::string_view text) {
  Range range;
  range.text = text;
  if (text.empty()) return range;
  bool interval = text.front() == '[' || text.front() == '(';
  if (!interval) {
    auto low = parse_version(text);
    if (!low.ok()) return no_range(text, low.status().text());
    if (low->major == UINT32_MAX) return no_range(text, "its major version is too large");
    range.high_ = Version{low->major + 1, 0, 0, ""};
    range.low_ = std::move(*low);
    return range;
  }
  auto comma = text.find(',');
  bool closed = text.back() == ']' || text.back() == ')';
  if (!closed || comma == text.npos)
    return no_range(text, "an interval has two ends, with a comma between them and ] or ) at its end");
  auto low = text.substr(1, comma - 1), high = text.substr(comma + 1, text.size() - comma - 2);
  range.low_included_ = text.front() == '[';
  range.high_included_ = text.back() == ']';
  for (auto [end, bound] : {std::pair(low, &range.low_), std::pair(high, &range.high_)}) {
    if (end.empty()) continue;
    auto version = parse_version(end);
    if (!version.ok()) return no_range(text, version.status().text());
    *bound = std::move(*version);
  }
  if (range.low_ && range.high_) {
    bool one_point = *range.low_ == *range.high_ && range.low_included_ && range.high_included_;
    if (!one_point && *range.low_ >= *range.high_) return no_range(text, "no version lies in it");
  }
  return range;
}

bool Range::contains(const Version& version) const {
  if (low_ && (low_included_ ? version < *low_ : version <= *low_)) return false;
  if (!high_) return true;
  if (high_included_) return version <= *high_;
  bool before_high = high_->pre.empty() && version.major == high_->major && version.minor == high_->minor &&
                     version.patch == high_->patch;
  return version < *high_ && !before_high;
}

}  // namespace ark::container::package
