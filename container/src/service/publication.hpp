/// One service that one generation of a module offers.
#pragma once

#include <ark/abi/service.h>
#include <ark/container/status.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "package/version.hpp"
#include "service/filter.hpp"

namespace ark::container::service {

struct Client;

/// A publication as it is told to others; keeps what the C form points at.
struct Info {
  uint64_t number = 0;
  int priority = 100;
  std::string id, version, unique_id, module;
  Properties properties;
  std::vector<Binding> bindings;

  /// Calls use with the C form, valid during the call.
  void with_c(const std::function<void(const ark_service_info_t&)>& use) const;
};

struct Publication {
  std::shared_ptr<const Info> shared_info;
  const Info& info;
  package::Version version;
  Client* client;
  const ark_contract_t* contract;
  ark_entry_t* entry;  ///< null once withdrawn
  ark_entry_t* withdrawn = nullptr;  ///< what `entry` was if somebody may be inside; an address to wait for, perhaps freed
  bool live = false;     ///< in the index, visible to others
  bool reached = false;  ///< some slot has held its entry: somebody may be inside

  Publication(std::shared_ptr<const Info> i, package::Version v, Client* c, const ark_contract_t* k, ark_entry_t* e)
      : shared_info(std::move(i)), info(*shared_info), version(std::move(v)), client(c), contract(k), entry(e) {}
};

/// Best first: priority of the service, rank of its module (priority, name, newest version), order of publication.
struct BetterThan {
  bool operator()(const Publication* a, const Publication* b) const;
};

/// Options of a publication, checked and copied.
Result<std::shared_ptr<const Info>> make_info(uint64_t number, const Client& client, const ark_contract_t& contract,
                                              const ark_service_options_t* options);

}  // namespace ark::container::service

/// What a module holds: the C name of a publication.
struct ark_publication_t : ark::container::service::Publication {
  using Publication::Publication;
};
