/// What a reference or a watch asks for, parsed once.
#pragma once

#include <ark/abi/service.h>
#include <ark/container/status.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "package/version.hpp"

namespace ark::container::service {

using Properties = std::vector<std::pair<std::string, std::string>>;

Properties copy_properties(uint32_t count, const ark_property_t* properties);

/// A copy of an ark_binding_t, and the C form of it.
class Binding {
 public:
  explicit Binding(const ark_binding_t& binding);
  const std::string& type() const { return type_; }
  const Properties& properties() const { return properties_; }
  /// `room` holds what the result points at.
  ark_binding_t as_c(std::vector<ark_property_t>& room) const;

 private:
  std::string type_;
  Properties properties_;
};

struct Publication;

struct Filter {
  std::string id;  ///< empty: every service
  std::string unique_id;
  package::Range range;
  bool any_version = true;
  Properties properties;
  std::optional<Binding> binding;

  /// declared_range: used if the filter names no versions; may be empty.
  static Result<Filter> parse(const ark_filter_t& filter, const std::string& declared_range);
  /// Nothing but the id is asked for.
  static bool is_plain(const ark_filter_t& filter);

  bool matches(const Publication& publication) const;
};

}  // namespace ark::container::service
