#include "service/publication.hpp"

#include <tuple>

#include "service/client.hpp"

namespace ark::container::service {
namespace {

constexpr size_t kLongestUniqueId = 128;

/// What the caller's version of the options does not have keeps its default.
ark_service_options_t complete(const ark_service_options_t* given) {
  ark_service_options_t options{};
  options.priority = 100;
  if (!given) return options;
  std::copy_n(reinterpret_cast<const char*>(given), std::min<size_t>(given->size, sizeof options), reinterpret_cast<char*>(&options));
  return options;
}

}  // namespace

bool BetterThan::operator()(const Publication* a, const Publication* b) const {
  const auto &one = a->client->rank, &other = b->client->rank;
  return std::tie(a->info.priority, one.priority, one.name, other.version, a->info.number) <
         std::tie(b->info.priority, other.priority, other.name, one.version, b->info.number);
}

void Info::with_c(const std::function<void(const ark_service_info_t&)>& use) const {
  std::vector<ark_property_t> room;
  for (const auto& [key, value] : properties) room.push_back({key.c_str(), value.c_str()});
  std::vector<std::vector<ark_property_t>> rooms(bindings.size());
  std::vector<ark_binding_t> c_bindings;
  for (size_t i = 0; i < bindings.size(); ++i) c_bindings.push_back(bindings[i].as_c(rooms[i]));
  ark_service_info_t c{};
  c.size = sizeof c;
  c.priority = priority;
  c.number = number;
  c.id = id.c_str();
  c.version = version.c_str();
  c.unique_id = unique_id.c_str();
  c.module = module.c_str();
  c.property_count = static_cast<uint32_t>(room.size());
  c.properties = room.data();
  c.binding_count = static_cast<uint32_t>(c_bindings.size());
  c.bindings = c_bindings.data();
  use(c);
}

Result<std::shared_ptr<const Info>> make_info(uint64_t number, const Client& client, const ark_contract_t& contract,
                                              const ark_service_options_t* given) {
  const auto options = complete(given);
  auto info = std::make_shared<Info>();
  info->number = number;
  info->id = contract.id;
  info->module = client.label;
  info->version = options.version ? options.version : contract.version;
  info->priority = options.priority;
  if (options.unique_id) info->unique_id = options.unique_id;
  if (info->unique_id.size() > kLongestUniqueId) {
    return Status(Code::kInvalidArgument, client.label + ": the unique id of " + info->id + " has " +
                                              std::to_string(info->unique_id.size()) + " bytes; at most 128 are allowed");
  }
  info->properties = copy_properties(options.property_count, options.properties);
  for (uint32_t i = 0; i < options.binding_count; ++i) info->bindings.emplace_back(options.bindings[i]);
  return std::shared_ptr<const Info>(std::move(info));
}

}  // namespace ark::container::service
