/// Events of the container, under SOFAArk's names where it has them, and what subscribes to them.
#pragma once

#include <ark/abi/host.h>
#include <ark/sdk/held.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace ark {

namespace detail {

struct Event {
  explicit Event(const ark_event_t& event)
      : time(std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(event.time_ns))) {
  }
  std::chrono::system_clock::time_point time;
};

struct ModuleEvent : Event {
  explicit ModuleEvent(const ark_event_t& event) : Event(event), module(event.module), version(event.version) {}
  std::string module, version;
};

}  // namespace detail

/// All plugins and biz of the start are up. Sticky: a handler that is registered later gets it too, once. (SOFAArk:
/// AfterFinishStartupEvent.)
struct ContainerStarted : detail::Event {
  static constexpr const char* kName = "ContainerStarted";
  using Event::Event;
};
/// A plugin has been started, and its services are there.
struct AfterPluginStartup : detail::ModuleEvent {
  static constexpr const char* kName = "AfterPluginStartup";
  using ModuleEvent::ModuleEvent;
};
/// A plugin has been stopped; its code is unmapped, or listed with what holds it.
struct AfterPluginStop : detail::ModuleEvent {
  static constexpr const char* kName = "AfterPluginStop";
  using ModuleEvent::ModuleEvent;
};
/// As AfterPluginStartup, of a biz.
struct AfterBizStartup : detail::ModuleEvent {
  static constexpr const char* kName = "AfterBizStartup";
  using ModuleEvent::ModuleEvent;
};
/// As AfterPluginStop, of a biz.
struct AfterBizStop : detail::ModuleEvent {
  static constexpr const char* kName = "AfterBizStop";
  using ModuleEvent::ModuleEvent;
};

/// OnOptions().priority(10).module("orders")
class OnOptions {
 public:
  /// Smaller runs first; 100 by default. Equal ones run in order of registration.
  OnOptions& priority(int32_t priority) { return priority_ = priority, *this; }
  /// Only events about this module.
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
  /// handler: what the container calls; it lives at least as long as it runs.
  Subscription(const ark_host_t* host, ark_subscription_t* subscription, std::shared_ptr<void> handler)
      : handler_(std::move(handler)), held_(host, subscription) {}
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept {
    Subscription old(std::move(*this));
    handler_ = std::move(other.handler_);
    held_ = std::move(other.held_);
    return *this;
  }
  ~Subscription() { cancel(); }
  void cancel() {
    held_.give_back([](const ark_host_t* host, ark_subscription_t* subscription) { host->unsubscribe(subscription); });
  }

 private:
  std::shared_ptr<void> handler_;
  detail::Held<ark_subscription_t> held_;
};

}  // namespace ark
