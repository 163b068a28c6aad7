// A carrier plugin with JSON as its wire. It has never seen any contract's header: what it knows of a call comes from
// descriptors.
#include <memory>
#include <stdexcept>
#include <string>

#include <ark/sdk.hpp>

#include "connection.hpp"

namespace {

using json_carrier::Callbacks;
using json_carrier::Connection;
using json_carrier::Courier;

/// Offers "acme.json", on the caller's thread, and "acme.json-thread", by a thread of this plugin.
class JsonCarrier {
 public:
  explicit JsonCarrier(ark::Context& ctx)
      : callbacks_(ctx.host(), ctx.generation()),
        courier_(callbacks_),
        here_(*this, "acme.json", nullptr),
        there_(*this, "acme.json-thread", &courier_) {
    ctx.add_carrier(here_.table);
    ctx.add_carrier(there_.table);
  }

 private:
  struct Factory {
    JsonCarrier& plugin;
    Courier* courier;
    ark_carrier_factory_t table;

    Factory(JsonCarrier& p, const char* binding, Courier* c)
        : plugin(p),
          courier(c),
          table{sizeof table, 0, binding, this,
                [](void* self, const ark_contract_t* importer, const ark_binding_t*, ark_status_t* status) {
                  return static_cast<Factory*>(self)->connect(*importer, status);
                }} {}

    /// The provider is asked for by name and version; its layout may differ, since values are built anew from its own
    /// descriptors.
    ark_carrier_t* connect(const ark_contract_t& importer, ark_status_t* status) noexcept {
      auto& callbacks = plugin.callbacks_;
      ark_filter_t filter{};
      filter.size = sizeof filter;
      filter.id = importer.id;
      filter.versions = importer.version;
      auto* slot = callbacks.host()->reference(callbacks.generation(), nullptr, &filter, status);
      return slot ? new Connection(callbacks, slot, courier) : nullptr;
    }
  };

  Callbacks callbacks_;
  Courier courier_;
  Factory here_, there_;
};

}  // namespace

ARK_PLUGIN(JsonCarrier)
