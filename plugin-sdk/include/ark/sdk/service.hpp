/// What modules hold of each other's services: references, publications, watches; and the options of these.
#pragma once

#include <ark/sdk/contract.hpp>

#include <cstdint>
#include <functional>
#include <memory>
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
  ServiceOptions& property(std::string key, std::string value) { return properties_.emplace_back(std::move(key), std::move(value)), *this; }
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
  Filter& property(std::string key, std::string value) { return properties_.emplace_back(std::move(key), std::move(value)), *this; }
  /// References: calls go through the carrier of this type. Watches: services that carry such a binding.
  Filter& binding(std::string type, Properties properties = {}) { return binding_ = Binding{std::move(type), std::move(properties)}, *this; }

  template <class Use>
  auto with_c(const char* id, Use use) const {
    ark_filter_t filter{};
    filter.size = sizeof filter;
    filter.id = id;
    if (is_plain()) return use(filter);  // the usual one costs nothing
    const detail::CProperties properties(properties_);
    const detail::CProperties binding_properties(binding_ ? binding_->properties : Properties());
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
      : number(info.number), id(info.id), version(info.version), unique_id(info.unique_id), module(info.module), priority(info.priority) {
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

/// Keeps one provider for several calls: `if (auto orders = ref.try_lock()) orders->place(...)`. A local variable of one thread, for as short as
/// possible: the provider cannot be stopped meanwhile. Ends before what was locked earlier on the same thread.
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

/// A reference to the best provider of contract T, whoever that is at the moment of the call: it follows replacements. Calls may be made from any
/// thread; they throw the contract's own errors, ServiceError for what else the provider threw, ServiceUnavailable when nobody provides it.
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

namespace detail {

/// A handle of the container that is given back once.
template <class H>
class Held {
 public:
  Held() = default;
  Held(const ark_host_t* host, H* handle) : host_(host), handle_(handle) {}
  Held(Held&& other) noexcept : host_(other.host_), handle_(std::exchange(other.handle_, nullptr)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  template <class Give>
  void give_back(Give give) {
    if (handle_) give(host_, std::exchange(handle_, nullptr));
  }

 private:
  const ark_host_t* host_ = nullptr;
  H* handle_ = nullptr;
};

}  // namespace detail

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
  /// `handlers` is what the container calls; it lives at least as long as a notice runs.
  Watch() = default;
  Watch(const ark_host_t* host, ark_watch_t* watch, std::shared_ptr<void> handlers)
      : handlers_(std::move(handlers)), held_(host, watch) {}
  Watch(Watch&&) noexcept = default;
  Watch& operator=(Watch&& other) noexcept {
    Watch old(std::move(*this));
    handlers_ = std::move(other.handlers_);
    held_ = std::move(other.held_);
    return *this;
  }
  ~Watch() { cancel(); }
  void cancel() {
    held_.give_back([](const ark_host_t* host, ark_watch_t* watch) { host->unwatch(watch); });
  }

 private:
  std::shared_ptr<void> handlers_;
  detail::Held<ark_watch_t> held_;
};

}  // namespace ark
