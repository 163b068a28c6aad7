/// The JSON forms of what the container tells. Field names are promised in docs/api.md.
#pragma once

#include <ark/container/container.hpp>

#include <nlohmann/json_fwd.hpp>

namespace ark::container::ops {

nlohmann::ordered_json to_json(const Status& status);
nlohmann::ordered_json to_json(const Step& step);
nlohmann::ordered_json to_json(const StateChange& change);
nlohmann::ordered_json to_json(const ModuleInfo& module);
nlohmann::ordered_json to_json(const ServiceInfo& service);
nlohmann::ordered_json to_json(const EventInfo& event);
nlohmann::ordered_json to_json(const EventPage& page);
nlohmann::ordered_json to_json(const WhyInfo& why);
nlohmann::ordered_json to_json(const Operation& operation);
nlohmann::ordered_json to_json(const Diagnosis& diagnosis);
nlohmann::ordered_json to_json(const HealthInfo& health);

template <class T>
nlohmann::ordered_json list_to_json(const std::vector<T>& all);

/// One line without line breaks; bytes that are no UTF-8 become U+FFFD.
std::string dump(const nlohmann::ordered_json& json);

}  // namespace ark::container::ops
