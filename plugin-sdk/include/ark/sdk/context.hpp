/// ark::Context: what a module reaches of its container.
#pragma once

#include <ark/abi/host.h>
#include <ark/sdk/callback.hpp>
#include <ark/sdk/capture.hpp>
#include <ark/sdk/event.hpp>
#include <ark/sdk/log.hpp>
#include <ark/sdk/service.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ark {

namespace detail {

template <class T>
struct NoDeduceType {
  using type = T;
};
/// An argument that does not decide T: the caller names it.
template <class T>
using NoDeduce = typename NoDeduceType<T>::type;

}  // namespace detail

/// Given to the module's constructor; valid until its destructor has returned. Any thread may use it.
/// What is registered before the constructor has returned goes live in one step after that. Functions throw ark::Error
/// with the container's reason.
class Context {
 public:
  Context(const ark_host_t* host, ark_generation_t* generation) : host_(host), generation_(generation) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  std::string name() const { return host_->name(generation_); }        ///< "orders"
  std::string version() const { return host_->version(generation_); }  ///< "1.0.0"
  /// An absolute path for the module's own files, made on first use; all versions of the module share it.
  std::string data_dir() const {
    ark_status_t status{};
    const char* path = host_->data_dir(generation_, &status);
    return path ? path : detail::raise<std::string>(status);
  }
  Logger log() const { return Logger(host_, generation_); }

  /// Offers `service` to other modules from the moment this module's constructor returns until the result is destroyed.
  ///
  /// T:        a contract (ARK_CONTRACT), declared in the module's EXPORTS.
  /// options:  unique_id (at most 128 bytes), version, priority (smaller wins a look-up), properties, bindings.
  /// Owns:     the result is the caller's; `service` must outlive it. Its destructor waits for calls in flight.
  /// Errors:   kAlreadyExists if this module published the same contract and unique_id; kFailedPrecondition if it is
  /// not declared; kStopping. Threads:  any. Source:   SOFAArk RegistryService.publishService; priority as in
  /// PriorityOrdered.
  template <class T>
  [[nodiscard]] Published publish(detail::NoDeduce<T>& service, const ServiceOptions& options = {}) {
    return options.with_c([&](const ark_service_options_t& c_options) {
      ark_status_t status{};
      auto* publication =
          host_->publish(generation_, &contract_of<T>(), static_cast<T*>(&service), &c_options, &status);
      return publication ? Published(host_, publication) : detail::raise<Published>(status);
    });
  }

  /// A reference that follows the best provider: by version range, then priority, then order of publication. Lazy:
  /// there may be none yet.
  ///
  /// T:       a contract, declared in the module's IMPORTS.
  /// Owns:    the result is the caller's and must be gone when the module's destructor returns.
  /// Errors:  kFailedPrecondition if T is not declared; kInvalidArgument for a range that is none; kStopping.
  /// Source:  SOFAArk RegistryService.referenceService.
  template <class T>
  [[nodiscard]] Reference<T> reference(const Filter& filter = {}) {
    return filter.with_c(contract_of<T>().id, [&](const ark_filter_t& c_filter) {
      ark_status_t status{};
      auto* slot = host_->reference(generation_, &contract_of<T>(), &c_filter, &status);
      return slot ? Reference<T>(slot) : detail::raise<Reference<T>>(status);
    });
  }

  /// One reference for each matching provider of now, best first; each is fixed to its provider and becomes unavailable
  /// with it.
  template <class T>
  [[nodiscard]] std::vector<Reference<T>> references(const Filter& filter = {}) {
    return filter.with_c(contract_of<T>().id, [&](const ark_filter_t& c_filter) {
      std::vector<Reference<T>> found;
      ark_status_t status{};
      host_->references(
          generation_, &contract_of<T>(), &c_filter,
          [](void* context, const ark_service_info_t*, ark_slot_t* slot) {
            slot->host->slot_retain(slot);
            static_cast<std::vector<Reference<T>>*>(context)->emplace_back(slot);
          },
          &found, &status);
      if (status.code != ARK_STATUS_OK) detail::raise(status);
      return found;
    });
  }

  /// Tells of each matching provider once when it appears and once when it goes, in that order; of those already there
  /// first.
  ///
  /// on_added:    called with const Service<T>&; its reference() may be kept.
  /// on_removed:  called with const ServiceInfo&.
  /// Threads:     the handlers run on the lifecycle thread, one at a time, with nothing locked; what they throw is
  /// logged.
  template <class T, class OnAdded, class OnRemoved>
  [[nodiscard]] Watch watch(OnAdded on_added, OnRemoved on_removed, const Filter& filter = {}) {
    struct Handlers : std::enable_shared_from_this<Handlers> {
      OnAdded added;
      OnRemoved removed;
      Logger log;
      Handlers(OnAdded a, OnRemoved r, Logger l) : added(std::move(a)), removed(std::move(r)), log(l) {}
    };
    auto handlers = std::make_shared<Handlers>(std::move(on_added), std::move(on_removed), log());
    const ark_watcher_t watcher{sizeof watcher, 0, handlers.get(),
                                [](void* self, const ark_service_info_t* info, ark_slot_t* slot) {
                                  const auto keep =
                                      static_cast<Handlers*>(self)->shared_from_this();  // it may drop its own watch
                                  ark_status_t status{};
                                  detail::guarded(&status, [&] { keep->added(Service<T>(*info, slot)); });
                                  if (status.code != ARK_STATUS_OK)
                                    keep->log.error(std::string("a watch's handler failed: ") + status.text);
                                },
                                [](void* self, const ark_service_info_t* info) {
                                  const auto keep = static_cast<Handlers*>(self)->shared_from_this();
                                  ark_status_t status{};
                                  detail::guarded(&status, [&] { keep->removed(ServiceInfo(*info)); });
                                  if (status.code != ARK_STATUS_OK)
                                    keep->log.error(std::string("a watch's handler failed: ") + status.text);
                                }};
    return filter.with_c(contract_of<T>().id, [&](const ark_filter_t& c_filter) {
      ark_status_t status{};
      auto* watch = host_->watch(generation_, &contract_of<T>(), &c_filter, &watcher, &status);
      return watch ? Watch(host_, watch, handlers) : detail::raise<Watch>(status);
    });
  }

  /// Runs `handler`, called with const E&, when E happens; for a sticky event (ContainerStarted) also if it has
  /// happened before. E: ark/sdk/event.hpp. Threads: the lifecycle thread. What a handler throws is logged, and the
  /// others still run.
  template <class E, class Handler>
  [[nodiscard]] Subscription on(Handler handler, const OnOptions& options = {}) {
    struct State : std::enable_shared_from_this<State> {
      Handler handler;
      explicit State(Handler h) : handler(std::move(h)) {}
    };
    auto state = std::make_shared<State>(std::move(handler));
    const ark_handler_t c_handler{
        sizeof c_handler,
        options.priority(),
        E::kName,
        options.module_or_null(),
        state.get(),
        [](void* self, const ark_event_t* event, ark_status_t* status) {
          const auto keep = static_cast<State*>(self)->shared_from_this();  // it may drop its own subscription
          detail::guarded(status, [&] { keep->handler(E(*event)); });
        }};
    ark_status_t status{};
    auto* subscription = host_->subscribe(generation_, &c_handler, &status);
    return subscription ? Subscription(host_, subscription, state) : detail::raise<Subscription>(status);
  }

  /// Lends `listener`, whose contract is L, to whoever is given a callback of the result.
  /// Owns: the result is the caller's; `listener` must outlive it. Its destructor waits for calls in flight.
  template <class L>
  [[nodiscard]] Lent<L> lend(detail::NoDeduce<L>& listener) {
    ark_status_t status{};
    auto* slot = host_->callback(generation_, &contract_of<L>(), static_cast<L*>(&listener), nullptr, &status);
    return slot ? Lent<L>(slot) : detail::raise<Lent<L>>(status);
  }

  /// Offers carriers of one binding to importers (ark/abi/contract.h). The factory must live until the module's
  /// destructor.
  void add_carrier(const ark_carrier_factory_t& factory) {
    ark_status_t status{};
    if (host_->add_carrier(generation_, &factory, &status) != ARK_STATUS_OK) detail::raise(status);
  }

  /// A table of the container by name, "ark.x/1", or null if this container does not have it.
  const void* get_extension(const char* id) const { return host_->get_extension(generation_, id); }

  const ark_host_t* host() const { return host_; }
  ark_generation_t* generation() const { return generation_; }

 private:
  const ark_host_t* host_;
  ark_generation_t* generation_;
};

}  // namespace ark
