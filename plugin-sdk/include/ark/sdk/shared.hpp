/// ark::Shared: a counted reference that may cross modules and form graphs.
#pragma once

#include <ark/sdk/types.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace ark {

/// One object with a count beside it. No vtable and no deleter of a module: whoever drops the last reference runs its own T::~T, which is the
/// same code for everybody since layouts are equal. A graph that holds itself is taken apart by ark::let_go.
/// Thread safety: as std::shared_ptr; the object has none of its own.
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
  static constexpr ark_type_t make() { return with_ops<S>(ARK_KIND_SHARED, ops, &Type<typename Inside<E>::type>::value); }
};

}  // namespace detail

/// Takes apart what nothing but the added values refers to: trial deletion. Counts alone never free a graph that holds itself, and a server that
/// decodes such graphs would lose memory with each request. It works on descriptors, so a carrier does it for types it has never seen.
/// Add the values, then let it go out of scope, then drop the values. One thread at a time; nobody else may touch the graph meanwhile.
class LetGo {
 public:
  LetGo() = default;
  LetGo(const LetGo&) = delete;
  void add(const ark_type_t& type, void* value) { visit(type, value, nullptr); }
  ~LetGo() {
    for (auto& [address, object] : objects_) {
      if (object.uses > object.seen) keep(object);  // somebody outside refers to it
    }
    std::vector<std::pair<const ark_type_t*, std::unique_ptr<char[]>>> taken;
    for (auto& [address, object] : objects_) {
      if (object.kept) continue;
      for (auto& [type, handle] : object.handles) {
        taken.emplace_back(type, new char[type->size]);
        type->ops->take(handle, taken.back().second.get());
      }
    }
    for (auto& [type, handle] : taken) type->destroy(handle.get());
  }

 private:
  struct Object {
    uint32_t uses = 0, seen = 0;
    bool kept = false;
    std::vector<std::pair<const ark_type_t*, void*>> handles;  // references that lie in it
  };
  struct Each {
    LetGo* self;
    const ark_type_t* type;
    Object* in;
  };

  /// Marks the object and all it refers to, without recursion: graphs may be long.
  void keep(Object& first) {
    std::vector<Object*> todo{&first};
    while (!todo.empty()) {
      auto& object = *todo.back();
      todo.pop_back();
      if (std::exchange(object.kept, true)) continue;
      for (auto& [type, handle] : object.handles) todo.push_back(&objects_.at(const_cast<void*>(type->ops->get(handle))));
    }
  }

  static bool may_hold(const ark_type_t& type) { return type.kind >= ARK_KIND_LIST && type.kind != ARK_KIND_CALLBACK; }

  void visit(const ark_type_t& type, void* value, Object* in) {
    Each each{this, type.element, in};
    switch (type.kind) {
      case ARK_KIND_STRUCT:
        for (uint32_t i = 0; i < type.count; ++i) visit(*type.fields[i].type, static_cast<char*>(value) + type.fields[i].offset, in);
        break;
      case ARK_KIND_LIST:
      case ARK_KIND_MAP:
        if (!may_hold(*type.element)) break;
        type.ops->each(
            value,
            [](void* context, const void*, const void* element) {
              auto& each = *static_cast<Each*>(context);
              each.self->visit(*each.type, const_cast<void*>(element), each.in);
            },
            &each);
        break;
      case ARK_KIND_ARRAY:
        for (uint32_t i = 0; i < type.count; ++i) visit(*type.element, static_cast<char*>(value) + i * size_t{type.element->size}, in);
        break;
      case ARK_KIND_OPTIONAL:
        if (const void* element = type.ops->get(value)) visit(*type.element, const_cast<void*>(element), in);
        break;
      case ARK_KIND_VARIANT: {
        const size_t index = type.ops->count(value);
        if (index < type.count) visit(*type.fields[index].type, const_cast<void*>(type.ops->get(value)), in);
        break;
      }
      case ARK_KIND_TUPLE:
        for (uint32_t i = 0; i < type.count; ++i) visit(*type.fields[i].type, type.ops->at(value, i), in);
        break;
      case ARK_KIND_SHARED:
        visit_shared(type, value, in);
        break;
      default:
        break;
    }
  }

  void visit_shared(const ark_type_t& type, void* value, Object* in) {
    void* target = const_cast<void*>(type.ops->get(value));
    if (!target) return;
    if (in) in->handles.emplace_back(&type, value);
    auto [found, first] = objects_.try_emplace(target);
    ++found->second.seen;
    found->second.uses = type.ops->uses(value);
    if (first) visit(*type.element, target, &found->second);
  }

  std::map<void*, Object> objects_;
};

/// Takes apart the graphs that only `value` refers to; afterwards dropping it frees all of them.
template <class T>
void let_go(T& value) {
  LetGo().add(type_of<T>(), &value);
}

}  // namespace ark
