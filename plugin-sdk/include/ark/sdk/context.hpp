/// ark::Context: what a module reaches of its container.
#pragma once

#include <ark/abi/host.h>
#include <ark/sdk/callback.hpp>
#include <ark/sdk/capture.hpp>
#include <ark/sdk/event.hpp>
#include <ark/sdk/health.hpp>
#include <ark/sdk/log.hpp>
#include <ark/sdk/operations.hpp>
#include <ark/sdk/resource.hpp>
#include <ark/sdk/service.hpp>

#include <chrono>
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

/// Given to the module's constructor; valid until its destructor has returned. Any thread may use it, several at once.
///
/// What is registered before the constructor has returned goes live in one step after that. Handlers and notices run on
/// the lifecycle thread: one that the container lends to all modules, one piece of work at a time, so that they should
/// be short; no lock of the container is held meanwhile.
///
/// Errors:  functions that fail throw ark::Error: code() as listed with each, what() with module, cause and remedy;
///          kResourceExhausted when memory is short, from any of them. Nothing has been registered then.
class Context {
 public:
  Context(const ark_host_t* host, ark_generation_t* generation) : host_(host), generation_(generation) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  std::string name() const { return host_->name(generation_); }        ///< "orders"
  std::string version() const { return host_->version(generation_); }  ///< "1.0.0"
  /// An absolute path for the module's own files: data/<name> in the container's home. Made on first use, for the
  /// container's user alone; all versions and generations of the module share it, and nobody removes what is in it.
  ///
  /// Errors:   the folder cannot be made: kFailedPrecondition (not permitted, read-only), kResourceExhausted (the disk
  ///           is full), kInvalidArgument (a file is in the way), kInternal for the rest; each with path and cause.
  /// Threads:  any.
  std::string data_dir() const {
    ark_status_t status{};
    const char* path = host_->data_dir(generation_, &status);
    return path ? path : detail::raise<std::string>(status);
  }
  /// The module's log: a value to be kept and copied, valid as long as this context. Throws nothing; any thread.
  Logger log() const { return Logger(host_, generation_); }

  /// The file resources/NAME: of the module's own package, else of the best active module that exports it, if this
  /// module imports it (IMPORT_RESOURCES) and does not deny it.
  ///
  /// name:    "templates/mail.html".
  /// Owns:    the result is the caller's; it outlives the module that the file is of.
  /// Errors:  kNotFound lists what there is; kFailedPrecondition names what keeps it from this module; kInvalidArgument
  /// for a name that leads out of resources/.
  Resource resource(const std::string& name) const { return std::move(find_resources(name, 1, true).front()); }
  /// All of that name, in that order; none is no error.
  std::vector<Resource> resources(const std::string& name) const { return find_resources(name, UINT32_MAX, false); }

  /// Offers `service` to other modules from the moment this module's constructor returns until the result is destroyed.
  ///
  /// T:        a contract (ARK_CONTRACT), declared in the module's EXPORTS.
  /// options:  unique_id (UTF-8, at most 128 bytes), version, priority (smaller wins a look-up; 100), properties,
  ///           bindings. Copied.
  /// Owns:     the result is the caller's; `service` stays the module's and must outlive it. Its destructor waits for
  ///           calls in flight; from inside such a call, for the others only.
  /// Errors:   kAlreadyExists if this module publishes the same contract and unique_id; kFailedPrecondition if the
  ///           contract is not declared; kInvalidArgument for a unique_id that is too long or a version that is none;
  ///           kStopping once the module's stop has begun.
  /// Threads:  any; `service` is called on its callers' threads, several at once.
  /// Source:   SOFAArk RegistryService.publishService; priority as in PriorityOrdered.
  template <class T>
  [[nodiscard]] Published publish(detail::NoDeduce<T>& service, const ServiceOptions& options = {}) {
    return options.with_c([&](const ark_service_options_t& c_options) {
      ark_status_t status{};
      auto* publication =
          host_->publish(generation_, &contract_of<T>(), static_cast<T*>(&service), &c_options, &status);
      return publication ? Published(host_, publication) : detail::raise<Published>(status);
    });
  }

  /// A reference that follows the best provider: by version range, then priority, then its module's priority, name and
  /// newest version, then order of publication. Lazy: there may be none yet.
  ///
  /// T:        a contract, declared in the module's IMPORTS.
  /// filter:   unique_id, versions (else those of the import), properties, binding; all that is given must match.
  /// Owns:     the result is the caller's and must be gone when the module's destructor returns. It keeps no provider
  ///           from stopping but while a call is inside.
  /// Errors:   kFailedPrecondition if T is not declared; kInvalidArgument for a range that is none; kStopping once the
  ///           module's stop has begun. That nobody provides T is no error here: calls throw ServiceUnavailable.
  /// Threads:  any. With a binding, its carrier is asked for a connection on this thread, before this returns.
  /// Source:   SOFAArk RegistryService.referenceService.
  template <class T>
  [[nodiscard]] Reference<T> reference(const Filter& filter = {}) {
    return filter.with_c(contract_of<T>().id, [&](const ark_filter_t& c_filter) {
      ark_status_t status{};
      auto* slot = host_->reference(generation_, &contract_of<T>(), &c_filter, &status);
      return slot ? Reference<T>(slot) : detail::raise<Reference<T>>(status);
    });
  }

  /// One reference for each matching provider of now, best first; each is fixed to its provider and becomes unavailable
  /// with it. Empty if there is none.
  ///
  /// Owns:     as reference().
  /// Errors:   as reference(). A provider whose layout does not fit is left out.
  /// Threads:  any.
  /// Source:   SOFAArk RegistryService.referenceServices.
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
  /// on_added:    called with const Service<T>&, valid during the call; its reference() may be kept.
  /// on_removed:  called with const ServiceInfo&, when the provider takes no new calls any more.
  /// Owns:        the result is the caller's; it owns the handlers. Its destructor waits for a handler that runs on
  ///              another thread, and none runs afterwards; a handler may destroy its own watch.
  /// Errors:      as reference(). What a handler throws is logged, and the next notices still come.
  /// Threads:     any; the handlers run on the lifecycle thread, one at a time.
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

  /// Runs `handler` when E happens, also if E is sticky (ContainerStarted) and has happened before: once then.
  ///
  /// E:        an event of the container (ark/sdk/event.hpp) or of modules (ARK_EVENT); the handler is called with
  ///           const E&, valid during the call.
  /// options:  priority (smaller runs first; 100), module: only events about that one, or that it fires.
  /// Owns:     the result is the caller's; it owns the handler. Its destructor waits for the handler if that runs on
  ///           another thread, and it does not run afterwards; a handler may destroy its own subscription.
  /// Errors:   kNotFound for an event that this container never fires; kIncompatible if a module that uses E was
  ///           compiled with another layout of it; kStopping once the module's stop has begun. What a handler throws is
  ///           logged, and the others still run.
  /// Threads:  any; the handler runs on the lifecycle thread.
  /// Source:   SOFAArk EventAdminService.register; the order as in PriorityOrdered.
  template <class E, class Handler>
  [[nodiscard]] Subscription on(Handler handler, const OnOptions& options = {}) {
    struct State : std::enable_shared_from_this<State> {
      Handler handler;
      explicit State(Handler h) : handler(std::move(h)) {}
    };
    auto state = std::make_shared<State>(std::move(handler));
    ark_handler_t c_handler{};
    c_handler.size = sizeof c_handler;
    c_handler.priority = options.priority();
    c_handler.module = options.module_or_null();
    c_handler.self = state.get();
    if constexpr (detail::IsUserEvent<E>::value) {
      c_handler.type = &detail::Type<E>::value;
      c_handler.event = c_handler.type->id;
    } else {
      c_handler.event = E::kName;
    }
    c_handler.handle = [](void* self, const ark_event_t* event, ark_status_t* status) {
      const auto keep = static_cast<State*>(self)->shared_from_this();  // it may drop its own subscription
      detail::guarded(status, [&] {
        if constexpr (detail::IsUserEvent<E>::value) {
          keep->handler(*static_cast<const E*>(event->value));
        } else {
          keep->handler(E(*event));
        }
      });
    };
    ark_status_t status{};
    auto* subscription = host_->subscribe(generation_, &c_handler, &status);
    return subscription ? Subscription(host_, subscription, state) : detail::raise<Subscription>(status);
  }

  /// Tells whoever listens to E now. The handlers run on the lifecycle thread, after what was fired before; this
  /// returns at once, also in a handler and in a constructor.
  ///
  /// E:        an event of modules (ARK_EVENT); `event` is moved from only if somebody listens.
  /// Returns:  how many handlers are told.
  /// Errors:   kIncompatible if a module that uses E was compiled with another layout of it; kResourceExhausted if 4,096
  ///           events of this module wait for their handlers; kStopping once the module's stop has begun; kUnsupported.
  /// Threads:  any.
  template <class E>
  uint64_t fire(E event) {
    static_assert(detail::IsUserEvent<E>::value,
                  "ark: a module fires events of its own: list its members in ARK_EVENT");
    ark_status_t status{};
    const int64_t handlers = extension<ark_events_t>(ARK_EVENTS_EXTENSION).fire(
        generation_, &detail::Type<E>::value, &event,
        [](void* value) -> void* {
          try {
            return new E(std::move(*static_cast<E*>(value)));
          } catch (const std::exception&) {
            return nullptr;
          }
        },
        [](void* taken) { delete static_cast<E*>(taken); }, &status);
    return handlers < 0 ? detail::raise<uint64_t>(status) : static_cast<uint64_t>(handlers);
  }

  /// Waits until the container has started: ContainerStarted has been fired. With 0 ms it only asks, which works anywhere.
  ///
  /// Returns:  whether it has.
  /// Errors:   kWouldDeadlock in constructors, handlers and notices, while it has not: listen to ContainerStarted there;
  ///           kStopping when the module's stop begins meanwhile; kUnsupported.
  /// Threads:  any, where the errors do not say otherwise.
  bool wait_started(std::chrono::milliseconds timeout) const {
    const auto& events = extension<ark_events_t>(ARK_EVENTS_EXTENSION);
    if (events.size < sizeof events)
      throw Error(Error::kUnsupported, "this container has no wait_started; use a newer one, or listen to ContainerStarted");
    ark_status_t status{};
    const int32_t started = events.wait_started(generation_, timeout.count(), &status);
    return started < 0 ? detail::raise<bool>(status) : started != 0;
  }

  /// Answers whether the module is fit for work, for operators and for a replacement that waits until it is.
  ///
  /// check:    called without arguments, returns a Health. What it throws counts as down, and so does that it takes
  ///           longer than limits.health (1 s). A module without any is up; of several the worst counts.
  /// Owns:     the result is the caller's; it owns the callback. Its destructor waits for a question that runs on
  ///           another thread, and none runs afterwards; a callback may destroy its own check.
  /// Errors:   kStopping once the module's stop has begun; kUnsupported if the container is too old.
  /// Threads:  any; the callback runs on a thread that the container lends, one question at a time.
  template <class Check>
  [[nodiscard]] HealthCheck health(Check check) {
    struct State : std::enable_shared_from_this<State> {
      Check check;
      explicit State(Check c) : check(std::move(c)) {}
    };
    auto state = std::make_shared<State>(std::move(check));
    const ark_checker_t checker{
        sizeof checker, 0, state.get(), [](void* self, ark_status_t* said) -> int32_t {
          const auto keep = static_cast<State*>(self)->shared_from_this();  // it may drop its own check
          int32_t level = ARK_HEALTH_DOWN;
          detail::guarded(said, [&] {
            const Health health = keep->check();
            detail::set_status(said, ARK_STATUS_OK, health.why().c_str());
            level = health.level();
          });
          return level;
        }};
    const auto& table = extension<ark_health_t>(ARK_HEALTH_EXTENSION);
    ark_status_t status{};
    auto* added = table.add(generation_, &checker, &status);
    return added ? HealthCheck(&table, added, state) : detail::raise<HealthCheck>(status);
  }

  /// What arkctl can do with modules: install, replace, switch, start, stop, uninstall, list. For modules that drive the
  /// container.
  ///
  /// Owns:     a value, as valid as this context.
  /// Errors:   kUnsupported if the container is too old.
  /// Threads:  any.
  Operations operations() const {
    return {extension<ark_operations_t>(ARK_OPERATIONS_EXTENSION), generation_, log()};
  }

  /// Lends `listener` to whoever is given a callback of the result: lend<L>(listener).get() is a value for arguments.
  ///
  /// L:        a contract; it need not be declared.
  /// Owns:     the result is the caller's; `listener` stays the module's and must outlive it. Its destructor waits for
  ///           calls in flight; callbacks that others have kept throw ServiceUnavailable from then on.
  /// Errors:   kStopping once the module's stop has begun.
  /// Threads:  any; `listener` is called on its callers' threads, several at once.
  template <class L>
  [[nodiscard]] Lent<L> lend(detail::NoDeduce<L>& listener) {
    ark_status_t status{};
    auto* slot = host_->callback(generation_, &contract_of<L>(), static_cast<L*>(&listener), nullptr, &status);
    return slot ? Lent<L>(slot) : detail::raise<Lent<L>>(status);
  }

  /// Offers carriers of one binding to importers, until the module stops (ark/abi/contract.h). References that ask for
  /// that binding are connected through the newest one.
  ///
  /// Owns:     the factory stays the module's and must live, unchanged, until the module's destructor.
  /// Errors:   kAlreadyExists if this module offers the binding already; kStopping once the module's stop has begun.
  /// Threads:  any; the factory is asked on threads that make references, and on threads that the container lends.
  void add_carrier(const ark_carrier_factory_t& factory) {
    ark_status_t status{};
    if (host_->add_carrier(generation_, &factory, &status) != ARK_STATUS_OK) detail::raise(status);
  }

  /// A table of the container by name, "ark.x/1", or null if this container does not have it. The container's; it lives
  /// as long as the container. Throws nothing; any thread.
  const void* get_extension(const char* id) const { return host_->get_extension(generation_, id); }

  /// What this class wraps, for carriers and bindings of other languages. The container's, as long as the module lives.
  const ark_host_t* host() const { return host_; }
  ark_generation_t* generation() const { return generation_; }

 private:
  template <class Table>
  const Table& extension(const char* id) const {
    const auto* table = static_cast<const Table*>(get_extension(id));
    if (!table) throw Error(Error::kUnsupported, std::string("this container has no ") + id + "; use a newer one");
    return *table;
  }

  std::vector<Resource> find_resources(const std::string& name, uint32_t most, bool required) const {
    struct Visit {
      const std::string& name;
      std::vector<Resource> found;
      ark_status_t failure;
    } visit{name, {}, {}};
    ark_status_t status{};
    extension<ark_resources_t>(ARK_RESOURCES_EXTENSION).find(
        generation_, name.c_str(), most,
        [](void* context, const ark_resource_t* resource) {
          auto* to = static_cast<Visit*>(context);
          detail::guarded(&to->failure, [&] { to->found.emplace_back(to->name, *resource); });
        },
        &visit, &status);
    if (visit.failure.code != ARK_STATUS_OK) detail::raise(visit.failure);
    if (status.code != ARK_STATUS_OK && (required || status.code != ARK_STATUS_NOT_FOUND)) detail::raise(status);
    return std::move(visit.found);
  }

  const ark_host_t* host_;
  ark_generation_t* generation_;
};

}  // namespace ark
