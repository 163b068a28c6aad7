/// Events of the container, under SOFAArk's names where it has them; events of modules (ARK_EVENT); and what subscribes
/// to them. When each comes, and in which order: docs/events.md.
#pragma once

#include <ark/abi/events.h>
#include <ark/sdk/errors.hpp>
#include <ark/sdk/held.hpp>
#include <ark/sdk/list.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ark {

namespace detail {

/// What event carries under `key`; "" if it does not.
inline std::string property_of(const ark_event_t& event, const char* key) {
  if (event.size < offsetof(ark_event_t, properties) + sizeof event.properties) return {};
  for (uint32_t i = 0; i < event.property_count; ++i) {
    if (std::strcmp(event.properties[i].key, key) == 0) return event.properties[i].value;
  }
  return {};
}

struct Event {
  explicit Event(const ark_event_t& event)
      : time(std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(event.time_ns))) {
  }
  std::chrono::system_clock::time_point time;
};

struct ModuleEvent : Event {
  explicit ModuleEvent(const ark_event_t& event) : Event(event), module(event.module), version(event.version) {}
  std::string module, version;  ///< "orders", "1.0.0"
};

struct FailureEvent : ModuleEvent {
  explicit FailureEvent(const ark_event_t& event) : ModuleEvent(event), error(property_of(event, "error")) {}
  std::string error;  ///< a sentence
};

struct SwitchEvent : ModuleEvent {
  explicit SwitchEvent(const ark_event_t& event) : ModuleEvent(event), deactivated(property_of(event, "deactivated")) {}
  std::string deactivated;  ///< version that was active; "" if none was
};

struct ServiceEvent : ModuleEvent {
  explicit ServiceEvent(const ark_event_t& event)
      : ModuleEvent(event),
        service(property_of(event, "service")),
        service_version(property_of(event, "service_version")),
        unique_id(property_of(event, "unique_id")) {}
  std::string service, service_version, unique_id;  ///< "com.acme.Greeter", "1.0", "" if it has none
};

/// What it announces can be kept from happening. Lives for the handler's call only, and is therefore not copied.
template <class Base>
struct Vetoable : Base {
  explicit Vetoable(const ark_event_t& event) : Base(event), event_(&event) {}
  Vetoable(const Vetoable&) = delete;
  Vetoable& operator=(const Vetoable&) = delete;

  /// Keeps it from happening, for this reason, which the operator is told with the module's name. The other handlers
  /// still run. False: it happens all the same (a stop of the whole container, or one that was forced).
  bool veto(const std::string& why) const {
    const bool possible = event_->size >= offsetof(ark_event_t, veto) + sizeof event_->veto && event_->veto;
    if (possible) event_->veto(event_, why.c_str());
    return possible;
  }

 private:
  const ark_event_t* event_;
};

template <class T>
struct IsUserEvent : std::false_type {};  ///< true by ARK_EVENT

}  // namespace detail

/// A plugin is about to be started; no code of it has run.
struct BeforePluginStartup : detail::Vetoable<detail::ModuleEvent> {
  static constexpr const char* kName = "BeforePluginStartup";
  using Vetoable::Vetoable;
};
/// A plugin has been started, and its services are there.
struct AfterPluginStartup : detail::ModuleEvent {
  static constexpr const char* kName = "AfterPluginStartup";
  using ModuleEvent::ModuleEvent;
};
/// A plugin could not be started; nothing of it is left. No stop event follows.
struct PluginStartFailed : detail::FailureEvent {
  static constexpr const char* kName = "PluginStartFailed";
  using FailureEvent::FailureEvent;
};
/// A plugin that had been started is about to be stopped: its services and handlers are still there.
struct BeforePluginStop : detail::ModuleEvent {
  static constexpr const char* kName = "BeforePluginStop";
  using ModuleEvent::ModuleEvent;
};
/// A plugin has been stopped; its code is unmapped, or listed with what holds it. Not for the plugin itself.
struct AfterPluginStop : detail::ModuleEvent {
  static constexpr const char* kName = "AfterPluginStop";
  using ModuleEvent::ModuleEvent;
};
/// As BeforePluginStartup, of a biz.
struct BeforeBizStartup : detail::Vetoable<detail::ModuleEvent> {
  static constexpr const char* kName = "BeforeBizStartup";
  using Vetoable::Vetoable;
};
/// A biz has been started. Its services are there, unless another version of it is active.
struct AfterBizStartup : detail::ModuleEvent {
  static constexpr const char* kName = "AfterBizStartup";
  using ModuleEvent::ModuleEvent;
};
/// As PluginStartFailed, of a biz.
struct AfterBizStartupFailed : detail::FailureEvent {
  static constexpr const char* kName = "AfterBizStartupFailed";
  using FailureEvent::FailureEvent;
};
/// Every biz of the container's start is up, also if there is none.
struct AfterAllBizStartup : detail::Event {
  static constexpr const char* kName = "AfterAllBizStartup";
  using Event::Event;
};
/// `version` of a biz is about to become the active one, in place of `deactivated`.
struct BeforeBizSwitch : detail::Vetoable<detail::SwitchEvent> {
  static constexpr const char* kName = "BeforeBizSwitch";
  using Vetoable::Vetoable;
};
/// It has; calls go to it.
struct AfterBizSwitch : detail::SwitchEvent {
  static constexpr const char* kName = "AfterBizSwitch";
  using SwitchEvent::SwitchEvent;
};
/// As BeforePluginStop, of a biz. A veto counts when an operator asked for the stop.
struct BeforeBizStop : detail::Vetoable<detail::ModuleEvent> {
  static constexpr const char* kName = "BeforeBizStop";
  using Vetoable::Vetoable;
};
/// A biz did not stop as it should: its destructor threw, or something holds its code.
struct AfterBizStopFailed : detail::FailureEvent {
  static constexpr const char* kName = "AfterBizStopFailed";
  using FailureEvent::FailureEvent;
};
/// The object of a biz has gone; its code goes next. For whoever keeps something about it.
struct BeforeBizRecycle : detail::ModuleEvent {
  static constexpr const char* kName = "BeforeBizRecycle";
  using ModuleEvent::ModuleEvent;
};
/// As AfterPluginStop, of a biz.
struct AfterBizStop : detail::ModuleEvent {
  static constexpr const char* kName = "AfterBizStop";
  using ModuleEvent::ModuleEvent;
};
/// All plugins and biz of the start are up; ContainerStarted comes next.
struct AfterFinishDeploy : detail::Event {
  static constexpr const char* kName = "AfterFinishDeploy";
  using Event::Event;
};
/// All plugins and biz of the start are up. Sticky: a handler that is registered later gets it too, once. (SOFAArk:
/// AfterFinishStartupEvent.)
struct ContainerStarted : detail::Event {
  static constexpr const char* kName = "ContainerStarted";
  using Event::Event;
};
/// What a module publishes is there for others from now on.
struct Activated : detail::ModuleEvent {
  static constexpr const char* kName = "Activated";
  using ModuleEvent::ModuleEvent;
};
/// What a module publishes is there no more, though it runs: another version is active.
struct Deactivated : detail::ModuleEvent {
  static constexpr const char* kName = "Deactivated";
  using ModuleEvent::ModuleEvent;
};
/// A service can be called by others.
struct ServicePublished : detail::ServiceEvent {
  static constexpr const char* kName = "ServicePublished";
  using ServiceEvent::ServiceEvent;
};
/// A service is offered no more; calls in flight may still be inside.
struct ServiceWithdrawn : detail::ServiceEvent {
  static constexpr const char* kName = "ServiceWithdrawn";
  using ServiceEvent::ServiceEvent;
};
/// A module has come into another state. Names of states: docs/api.md.
struct StateChanged : detail::ModuleEvent {
  static constexpr const char* kName = "StateChanged";
  explicit StateChanged(const ark_event_t& event)
      : ModuleEvent(event),
        from(detail::property_of(event, "from")),
        to(detail::property_of(event, "to")),
        cause(detail::property_of(event, "cause")),
        error(detail::property_of(event, "error")) {}
  std::string from, to;      ///< "STARTING", "ACTIVATED"
  std::string cause, error;  ///< the operation that brought it about; what failed, else ""
};
/// The container is about to stop everything; all is still up.
struct ContainerStopping : detail::Event {
  static constexpr const char* kName = "ContainerStopping";
  using Event::Event;
};
/// Everything has been stopped. For a program that embeds the container: no module is left to hear it.
struct ContainerStopped : detail::Event {
  static constexpr const char* kName = "ContainerStopped";
  using Event::Event;
};

#define ARK_CHECK_EVENT(NAME, FLAGS)                     \
  static_assert(std::string_view(NAME::kName) == #NAME); \
  static_assert(!std::is_copy_constructible_v<NAME> == (((FLAGS)&ARK_EVENT_VETOABLE) != 0), "ark: ark/abi/events.h");
ARK_CONTAINER_EVENTS(ARK_CHECK_EVENT)
#undef ARK_CHECK_EVENT

/// OnOptions().priority(10).module("orders")
class OnOptions {
 public:
  /// Smaller runs first; 100 by default. Equal ones run in the order in which their modules were activated, those of
  /// one module in order of registration.
  OnOptions& priority(int32_t priority) { return priority_ = priority, *this; }
  /// Only events about this module; of a module's events, only those it fires.
  OnOptions& module(std::string name) { return module_ = std::move(name), *this; }
  int32_t priority() const { return priority_; }
  const char* module_or_null() const { return module_.empty() ? nullptr : module_.c_str(); }

 private:
  int32_t priority_ = 100;
  std::string module_;
};

/// While it lives its handler is called. Movable; its destructor waits for a handler that runs on another thread.
class [[nodiscard]] Subscription {
 public:
  Subscription() = default;
  /// callback: what the container calls; it lives at least as long as it runs.
  Subscription(const ark_host_t* table, ark_subscription_t* subscription, std::shared_ptr<void> callback)
      : held_(table, subscription, std::move(callback)) {}
  void cancel() { held_.give_back(); }

 private:
  detail::HeldCallback<ark_subscription_t, ark_host_t, &ark_host_t::unsubscribe> held_;
};

}  // namespace ark

/// An event of modules' own: a struct with its members listed as by ARK_STRUCT, in a header that they share. Write it
/// outside any namespace. The name is that of nobody else; the members are values as contracts pass them.
///
///   struct StockLow { std::string sku; int32_t left = 0; };
///   ARK_EVENT(acme::StockLow, "com.acme.StockLow", sku, left)
///
/// One module fires it, ctx.fire(acme::StockLow{"4711", 3}), others hear it, ctx.on<acme::StockLow>(handler).
#define ARK_EVENT(T, ...)    \
  ARK_STRUCT(T, __VA_ARGS__) \
  template <>                \
  struct ark::detail::IsUserEvent<T> : std::true_type {};
