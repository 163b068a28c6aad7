/// Versions and ranges of versions, of modules and of contracts. Values; any thread may use its own.
///
/// Source: Semantic Versioning 2.0.0; intervals as in OSGi and Maven.
#pragma once

#include <ark/container/status.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ark::container::package {

/// A semantic version without its build metadata, which takes no part in the order.
struct Version {
  uint32_t major = 0, minor = 0, patch = 0;
  std::string pre;  ///< "rc.1"; empty: a release

  friend std::strong_ordering operator<=>(const Version& a,
                                          const Version& b);  ///< precedence, section 11 of the standard
  friend bool operator==(const Version& a, const Version& b) = default;
};

/// "1.2.3", "1.2.3-rc.1", "1.2.3+build", and "1.2" as of contracts, whose patch is 0. kInvalidArgument says what is
/// wrong.
Result<Version> parse_version(std::string_view text);
std::string to_string(const Version& version);

/// Which versions an importer takes.
class Range {
 public:
  Range() = default;  ///< any version

  /// "[1.0,2.0)", "(1.0,2.0]", "[1.2,)", "(,2.0)"; "1.2" means [1.2,2.0); "" means any. kInvalidArgument if it is none
  /// of these or if no version can lie in it.
  static Result<Range> parse(std::string_view text);

  /// An excluded upper end keeps out its own pre-releases too: [1.0,2.0) does not contain 2.0.0-rc.1.
  bool contains(const Version& version) const;

  std::string text;  ///< as it was written

 private:
  std::optional<Version> low_, high_;
  bool low_included_ = true, high_included_ = false;
};

}  // namespace ark::container::package
