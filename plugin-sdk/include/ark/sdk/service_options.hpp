/// How services are offered, looked for and described.
#pragma once

#include <ark/abi/service.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ark {

using Properties = std::vector<std::pair<std::string, std::string>>;

namespace detail {

/// The C form of options; points into the options it was made from.
struct CProperties {
  explicit CProperties(const Properties& properties) {
    for (const auto& [key, value] : properties) list.push_back({key.c_str(), value.c_str()});
  }
  uint32_t count() const { return static_cast<uint32_t>(list.size()); }
  std::vector<ark_property_t> list;
};

}  // namespace detail

/// How a service can be reached besides the call in process; the plugin that knows `type` interprets the properties.
struct Binding {
  std::string type;
  Properties properties;
};

/// Options of a publication: ServiceOptions().priority(10).property("region", "eu").
class ServiceOptions {
 public:
  /// At most 128 bytes; tells several services of one contract and module apart.
  ServiceOptions& unique_id(std::string id) { return unique_id_ = std::move(id), *this; }
  /// Instead of the contract's version.
  ServiceOptions& version(std::string version) { return version_ = std::move(version), *this; }
  /// Smaller wins a look-up; 100 by default.
  ServiceOptions& priority(int32_t priority) { return priority_ = priority, *this; }
  ServiceOptions& property(std::string key, std::string value) {
    return properties_.emplace_back(std::move(key), std::move(value)), *this;
  }
  ServiceOptions& binding(std::string type, Properties properties = {}) {
    return bindings_.push_back({std::move(type), std::move(properties)}), *this;
  }

  /// Calls use with the C form, valid during the call.
  template <class Use>
  auto with_c(Use use) const {
    const detail::CProperties properties(properties_);
    std::vector<detail::CProperties> rooms;
    rooms.reserve(bindings_.size());
    std::vector<ark_binding_t> bindings;
    for (const auto& binding : bindings_) {
      rooms.emplace_back(binding.properties);
      bindings.push_back({binding.type.c_str(), rooms.back().count(), 0, rooms.back().list.data()});
    }
    const ark_service_options_t options{sizeof options,
                                        priority_,
                                        unique_id_.empty() ? nullptr : unique_id_.c_str(),
                                        version_.empty() ? nullptr : version_.c_str(),
                                        properties.count(),
                                        static_cast<uint32_t>(bindings.size()),
                                        properties.list.data(),
                                        bindings.data()};
    return use(options);
  }

 private:
  std::string unique_id_, version_;
  int32_t priority_ = 100;
  Properties properties_;
  std::vector<Binding> bindings_;
};

/// Which providers are taken: Filter().versions("[1.2,2.0)").property("region", "eu"). Everything given must match.
class Filter {
 public:
  Filter& unique_id(std::string id) { return unique_id_ = std::move(id), *this; }
  /// "[1.0,2.0)"; "1.2" means [1.2,2.0). By default the range that the module's IMPORTS name.
  Filter& versions(std::string range) { return versions_ = std::move(range), *this; }
  Filter& property(std::string key, std::string value) {
    return properties_.emplace_back(std::move(key), std::move(value)), *this;
  }
  /// References: calls go through the carrier of this type. Watches: services that carry such a binding.
  Filter& binding(std::string type, Properties properties = {}) {
    return binding_ = Binding{std::move(type), std::move(properties)}, *this;
  }

  template <class Use>
  auto with_c(const char* id, Use use) const {
    ark_filter_t filter{};
    filter.size = sizeof filter;
    filter.id = id;
    if (is_plain()) return use(filter);  // the usual one costs nothing
    const detail::CProperties properties(properties_);
    const Binding none;
    const detail::CProperties binding_properties((binding_ ? *binding_ : none).properties);  // points into it
    ark_binding_t binding{};
    if (binding_) binding = {binding_->type.c_str(), binding_properties.count(), 0, binding_properties.list.data()};
    filter.unique_id = unique_id_.empty() ? nullptr : unique_id_.c_str();
    filter.versions = versions_.empty() ? nullptr : versions_.c_str();
    filter.property_count = properties.count();
    filter.properties = properties.list.data();
    filter.binding = binding_ ? &binding : nullptr;
    return use(filter);
  }

 private:
  bool is_plain() const { return unique_id_.empty() && versions_.empty() && properties_.empty() && !binding_; }
  std::string unique_id_, versions_;
  Properties properties_;
  std::optional<Binding> binding_;
};

/// A copy of what is known of a publication.
struct ServiceInfo {
  explicit ServiceInfo(const ark_service_info_t& info)
      : number(info.number),
        id(info.id),
        version(info.version),
        unique_id(info.unique_id),
        module(info.module),
        priority(info.priority) {
    copy(info.property_count, info.properties, properties);
    for (uint32_t i = 0; i < info.binding_count; ++i) {
      bindings.push_back({info.bindings[i].type, {}});
      copy(info.bindings[i].property_count, info.bindings[i].properties, bindings.back().properties);
    }
  }
  uint64_t number;  ///< of the publication, never used again in this process
  std::string id, version, unique_id, module;
  int32_t priority;
  Properties properties;
  std::vector<Binding> bindings;

 private:
  static void copy(uint32_t count, const ark_property_t* from, Properties& to) {
    for (uint32_t i = 0; i < count; ++i) to.emplace_back(from[i].key, from[i].value);
  }
};

}  // namespace ark
