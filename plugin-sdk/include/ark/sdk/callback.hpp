/// ark::Callback: a value that lets whoever gets it call back, until its owner takes it away.
#pragma once

#include <ark/sdk/contract.hpp>

#include <utility>

namespace ark {

namespace detail {

/// What `callback->method(...)` goes through: lives for the expression.
template <class T>
struct Arrow {
  Caller<T, SlotCaller> caller;
  const Caller<T, SlotCaller>* operator->() const { return &caller; }
};

}  // namespace detail

/// A counted handle on somebody's listener; T is a contract. Calling it pins the owner; after the owner has cancelled
/// it, or has gone, calls throw ServiceUnavailable. Copies are cheap and may be kept, sent on, and called from any
/// thread. One made by default is empty.
template <class T>
class Callback {
 public:
  Callback() = default;
  /// One more handle on `slot`, which is a slot of the container for contract T. For carriers.
  explicit Callback(ark_slot_t* slot) : slot_(slot) {
    if (slot_) slot_->host->slot_retain(slot_);
  }
  Callback(const Callback& other) : Callback(other.slot_) {}
  Callback(Callback&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Callback& operator=(Callback other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~Callback() {
    if (slot_) slot_->host->slot_release(slot_);
  }

  /// Throws as a reference does. An empty callback may not be called.
  detail::Arrow<T> operator->() const { return {detail::Caller<T, detail::SlotCaller>({slot_})}; }
  explicit operator bool() const { return slot_ != nullptr; }
  ark_slot_t* slot() const { return slot_; }

 private:
  ark_slot_t* slot_ = nullptr;
};

/// The owner's side: while it lives the callbacks got from it reach `listener`. Movable; not thread-safe itself.
template <class T>
class [[nodiscard]] Lent {
 public:
  explicit Lent(ark_slot_t* slot) : slot_(slot) {}
  Lent(Lent&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Lent& operator=(Lent&& other) noexcept {
    if (this != &other) {
      drop();
      slot_ = std::exchange(other.slot_, nullptr);
    }
    return *this;
  }
  ~Lent() { drop(); }

  Callback<T> get() const { return Callback<T>(slot_); }
  /// Takes it away: returns once no other thread is inside, and nobody will be. False: this thread is inside; the call
  /// goes on, no other will come.
  bool cancel() { return !slot_ || slot_->host->revoke(slot_) == ARK_STATUS_OK; }

 private:
  void drop() {
    if (!slot_) return;
    cancel();
    slot_->host->slot_release(std::exchange(slot_, nullptr));
  }
  ark_slot_t* slot_;
};

namespace detail {

template <class T>
struct Describe<Callback<T>> {
  using C = Callback<T>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.get = [](const void* value) -> const void* { return static_cast<const C*>(value)->slot(); };
    ops.share = [](void* value, void* slot) { *static_cast<C*>(value) = C(static_cast<ark_slot_t*>(slot)); };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() {
    ark_type_t type = with_ops<C>(ARK_KIND_CALLBACK, ops);
    type.contract = &ContractTable<T>::value;
    return type;
  }
};

}  // namespace detail
}  // namespace ark
