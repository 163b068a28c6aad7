#include "service/filter.hpp"

#include <algorithm>

#include "service/publication.hpp"

namespace ark::container::service {
namespace {

bool given(const char* text) { return text && *text; }

}  // namespace

Properties copy_properties(uint32_t count, const ark_property_t* properties) {
  Properties copy;
  copy.reserve(count);
  for (uint32_t i = 0; i < count; ++i) copy.emplace_back(properties[i].key, properties[i].value ? properties[i].value : "");
  return copy;
}

Binding::Binding(const ark_binding_t& binding)
    : type_(binding.type ? binding.type : ""), properties_(copy_properties(binding.property_count, binding.properties)) {}

ark_binding_t Binding::as_c(std::vector<ark_property_t>& room) const {
  room.clear();
  for (const auto& [key, value] : properties_) room.push_back({key.c_str(), value.c_str()});
  return {type_.c_str(), static_cast<uint32_t>(room.size()), 0, room.data()};
}

bool Filter::is_plain(const ark_filter_t& f) {
  return f.property_count == 0 && !given(f.unique_id) && !given(f.versions) && !f.binding;
}

Result<Filter> Filter::parse(const ark_filter_t& f, const std::string& declared_range) {
  Filter filter;
  if (given(f.id)) filter.id = f.id;
  if (given(f.unique_id)) filter.unique_id = f.unique_id;
  const std::string versions = given(f.versions) ? f.versions : declared_range;
  if (!versions.empty()) {
    auto range = package::Range::parse(versions);
    if (!range.ok()) return range.status().within("versions of a request for " + filter.id);
    filter.range = *range;
    filter.any_version = false;
  }
  filter.properties = copy_properties(f.property_count, f.properties);
  if (f.binding) filter.binding.emplace(*f.binding);
  return filter;
}

bool Filter::matches(const Publication& p) const {
  if (!id.empty() && id != p.info.id) return false;
  if (!unique_id.empty() && unique_id != p.info.unique_id) return false;
  if (!any_version && !range.contains(p.version)) return false;
  return std::all_of(properties.begin(), properties.end(), [&](const auto& wanted) {
    return std::find(p.info.properties.begin(), p.info.properties.end(), wanted) != p.info.properties.end();
  });
}

}  // namespace ark::container::service
