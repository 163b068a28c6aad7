/// What modules hold of each other's services: references, publications, watches.
#pragma once

#include <ark/sdk/contract.hpp>
#include <ark/sdk/held.hpp>
#include <ark/sdk/service_options.hpp>

#include <memory>
#include <utility>

namespace ark {

/// Keeps one provider for several calls: `if (auto orders = ref.try_lock()) orders->place(...)`. A local variable of
/// one thread, for as short as possible: the provider cannot be stopped meanwhile. Ends before what was locked earlier
/// on the same thread.
template <class T>
class Locked {
 public:
  explicit Locked(const ark_slot_t* slot) : pin_(slot), caller_({slot, pin_.entry()}) {}
  explicit operator bool() const { return pin_.entry() != nullptr; }
  const detail::Caller<T, detail::PinnedCaller>* operator->() const { return &caller_; }

 private:
  Pin pin_;
  detail::Caller<T, detail::PinnedCaller> caller_;
};

/// A reference to the best provider of contract T, whoever that is at the moment of the call: it follows replacements.
/// Calls may be made from any thread; they throw the contract's own errors, ServiceError for what else the provider
/// threw, ServiceUnavailable when nobody provides it.
template <class T>
class [[nodiscard]] Reference {
 public:
  /// Takes over one count of `slot`.
  explicit Reference(ark_slot_t* slot) : caller_({slot}) {}
  Reference(Reference&& other) noexcept : caller_({std::exchange(other.caller_.ark_caller.slot, nullptr)}) {}
  Reference& operator=(Reference&& other) noexcept {
    if (this != &other) {
      drop();
      caller_.ark_caller.slot = std::exchange(other.caller_.ark_caller.slot, nullptr);
    }
    return *this;
  }
  ~Reference() { drop(); }

  ARK_ALWAYS_INLINE const detail::Caller<T, detail::SlotCaller>* operator->() const { return &caller_; }
  Locked<T> try_lock() const { return Locked<T>(slot()); }
  /// Somebody provides it now. By the time of a call that may have changed.
  bool available() const { return __atomic_load_n(&slot()->entry, __ATOMIC_ACQUIRE) != nullptr; }
  ark_slot_t* slot() const { return caller_.ark_caller.slot; }

 private:
  void drop() {
    if (slot()) slot()->host->slot_release(slot());
  }
  detail::Caller<T, detail::SlotCaller> caller_;
};

/// A service as a watch shows it: its description, and a way to call it.
template <class T>
class Service {
 public:
  Service(const ark_service_info_t& info, ark_slot_t* slot) : info_(info), slot_(slot) {}
  const ServiceInfo& info() const { return info_; }
  /// A reference to this very publication: it does not go over to another.
  Reference<T> reference() const {
    slot_->host->slot_retain(slot_);
    return Reference<T>(slot_);
  }

 private:
  ServiceInfo info_;
  ark_slot_t* slot_;  // lives as long as the notice
};

/// While it lives the service is offered. Movable; its destructor waits for calls in flight.
class [[nodiscard]] Published {
 public:
  Published() = default;
  Published(const ark_host_t* host, ark_publication_t* publication) : held_(host, publication) {}
  Published(Published&&) noexcept = default;
  Published& operator=(Published&& other) noexcept {
    Published old(std::move(*this));
    held_ = std::move(other.held_);
    return *this;
  }
  ~Published() { withdraw(); }
  void withdraw() {
    held_.give_back([](const ark_host_t* host, ark_publication_t* publication) { host->withdraw(publication); });
  }

 private:
  detail::Held<ark_publication_t> held_;
};

/// While it lives its handlers are told. Movable; its destructor waits for a handler that runs on another thread.
class [[nodiscard]] Watch {
 public:
  Watch() = default;
  /// callback: what the container calls; it lives at least as long as it runs.
  Watch(const ark_host_t* table, ark_watch_t* watch, std::shared_ptr<void> callback)
      : held_(table, watch, std::move(callback)) {}
  void cancel() { held_.give_back(); }

 private:
  detail::HeldCallback<ark_watch_t, ark_host_t, &ark_host_t::unwatch> held_;
};

}  // namespace ark
