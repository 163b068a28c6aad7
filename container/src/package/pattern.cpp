#include "package/pattern.hpp"

#include <algorithm>

#include "package/entry_path.hpp"
#include "package/layout_type.hpp"

namespace ark::container::package {
namespace {

bool is_prefix(std::string_view pattern) { return pattern.ends_with('*'); }
std::string_view prefix_of(std::string_view pattern) { return pattern.substr(0, pattern.size() - 1); }

Status bad_pattern(std::string_view what, std::string_view pattern, std::string_view why) {
  return {Code::kInvalidArgument, "\"" + std::string(pattern.substr(0, 80)) + "\" does not name " + std::string(what) +
                                      ": " + std::string(why)};
}

constexpr std::string_view kStarWithin = "a '*' may only be its last character";

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  return is_prefix(pattern) ? name.starts_with(prefix_of(pattern)) : name == pattern;
}

bool covers(std::string_view pattern, std::string_view other) {
  if (!is_prefix(other)) return matches(pattern, other);
  return is_prefix(pattern) && prefix_of(other).starts_with(prefix_of(pattern));
}

std::string_view matching(const std::vector<std::string>& patterns, std::string_view name) {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const std::string& pattern) { return matches(pattern, name); });
  return found == patterns.end() ? std::string_view() : *found;
}

Status check_service_pattern(std::string_view pattern) {
  constexpr std::string_view kWhat = "services";
  const auto stem = is_prefix(pattern) ? prefix_of(pattern) : pattern;
  if (stem.find('*') != stem.npos) return bad_pattern(kWhat, pattern, kStarWithin);
  if (is_id(stem) || (stem.empty() && !pattern.empty())) return {};
  return bad_pattern(
      kWhat, pattern,
      "write an id as com.acme.Greeter, without a version, or the beginning of ids and a '*', as com.acme.*");
}

Status check_resource_pattern(std::string_view pattern) {
  constexpr std::string_view kWhat = "resources";
  const auto stem = is_prefix(pattern) ? prefix_of(pattern) : pattern;
  if (stem.find('*') != stem.npos) return bad_pattern(kWhat, pattern, kStarWithin);
  // Whatever follows the prefix, the path has to be a good one.
  const auto fault = path_fault(is_prefix(pattern) ? std::string(stem) + "x" : std::string(stem));
  return fault.empty() ? Status() : bad_pattern(kWhat, pattern, "as a path below resources/ it " + std::string(fault));
}

}  // namespace ark::container::package
