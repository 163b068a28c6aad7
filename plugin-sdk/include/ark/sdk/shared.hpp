/// ark::Shared: a counted reference that may cross modules and form graphs.
#pragma once

#include <ark/sdk/descriptor.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace ark {

/// One object with a count beside it. No vtable and no deleter of a module: whoever drops the last reference runs its
/// own T::~T, which is the same code for everybody since layouts are equal. A graph that holds itself is taken apart by
/// ark::let_go (let_go.hpp). Thread safety: as std::shared_ptr; the object has none of its own.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(const Shared& other) : box_(other.box_) {
    if (box_) box_->count.fetch_add(1, std::memory_order_relaxed);
  }
  Shared(Shared&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Shared() {
    if (box_ && box_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) delete box_;
  }

  /// A new object made from `arguments`.
  template <class... A>
  static Shared make(A&&... arguments) {
    return Shared(new Box{1, T{std::forward<A>(arguments)...}});
  }
  /// One more reference to an object that a Shared<T> holds.
  static Shared of(void* object) {
    auto* box = reinterpret_cast<Box*>(static_cast<char*>(object) - offset_of_value());
    box->count.fetch_add(1, std::memory_order_relaxed);
    return Shared(box);
  }

  T* get() const { return box_ ? &box_->value : nullptr; }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  explicit operator bool() const { return box_ != nullptr; }
  uint32_t use_count() const { return box_ ? box_->count.load(std::memory_order_relaxed) : 0; }
  friend bool operator==(const Shared& a, const Shared& b) { return a.box_ == b.box_; }
  friend bool operator!=(const Shared& a, const Shared& b) { return a.box_ != b.box_; }

 private:
  struct Box {
    std::atomic<uint32_t> count;
    T value;
  };
  explicit Shared(Box* box) : box_(box) {}
  static constexpr size_t offset_of_value() { return alignof(T) > sizeof(uint32_t) ? alignof(T) : sizeof(uint32_t); }
  Box* box_ = nullptr;
};

namespace detail {

template <class E>
struct Describe<Shared<E>> {
  using S = Shared<E>;
  static constexpr ark_ops_t make_ops() {
    ark_ops_t ops{};
    ops.get = [](const void* value) -> const void* { return static_cast<const S*>(value)->get(); };
    ops.add = [](void* value, void*) -> void* {
      auto& shared = *static_cast<S*>(value);
      shared = S::make();
      return shared.get();
    };
    ops.share = [](void* value, void* object) { *static_cast<S*>(value) = S::of(object); };
    ops.uses = [](const void* value) { return static_cast<const S*>(value)->use_count(); };
    ops.take = [](void* value, void* room) { ::new (room) S(std::move(*static_cast<S*>(value))); };
    return ops;
  }
  static constexpr ark_ops_t ops = make_ops();
  static constexpr ark_type_t make() {
    return with_ops<S>(ARK_KIND_SHARED, ops, &Type<typename Inside<E>::type>::value);
  }
};

}  // namespace detail

}  // namespace ark
