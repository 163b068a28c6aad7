/// ark::let_go: frees graphs of ark::Shared that hold themselves.
#pragma once

#include <ark/sdk/shared.hpp>

#include <map>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace ark {

/// Takes apart what nothing but the added values refers to: trial deletion. Counts alone never free a graph that holds
/// itself, and a server that decodes such graphs would lose memory with each request. It works on descriptors, so a
/// carrier does it for types it has never seen. Add the values, then let it go out of scope, then drop the values. One
/// thread at a time; nobody else may touch the graph meanwhile.
class LetGo {
 public:
  LetGo() = default;
  LetGo(const LetGo&) = delete;
  void add(const ark_type_t& type, void* value) {
    visit(type, value, nullptr);
    while (!met_.empty()) {  // a list and not recursion: graphs may be long
      const auto [element, target, object] = met_.back();
      met_.pop_back();
      visit(*element, target, object);
    }
  }
  /// What it has no memory to take apart stays.
  ~LetGo() {
    try {
      take_apart();
    } catch (const std::bad_alloc&) {
    }
  }

 private:
  struct Object {
    uint32_t uses = 0, seen = 0;
    bool kept = false;
    std::vector<std::pair<const ark_type_t*, void*>> handles;  // references that lie in it
  };
  struct Met {
    const ark_type_t* type;
    void* target;
    Object* object;
  };
  struct Each {
    LetGo* self;
    const ark_type_t* type;
    Object* in;
  };

  void take_apart() {
    for (auto& [address, object] : objects_) {
      if (object.uses > object.seen) keep(object);  // somebody outside refers to it
    }
    std::vector<std::pair<const ark_type_t*, std::unique_ptr<char[]>>> taken;
    for (auto& [address, object] : objects_) {
      if (object.kept) continue;
      for (auto& [type, handle] : object.handles) {
        taken.emplace_back(type, std::make_unique<char[]>(type->size));
        type->ops->take(handle, taken.back().second.get());
      }
    }
    for (auto& [type, handle] : taken) type->destroy(handle.get());
  }

  /// Marks the object and all it refers to.
  void keep(Object& first) {
    std::vector<Object*> todo{&first};
    while (!todo.empty()) {
      auto& object = *todo.back();
      todo.pop_back();
      if (std::exchange(object.kept, true)) continue;
      for (auto& [type, handle] : object.handles)
        todo.push_back(&objects_.at(const_cast<void*>(type->ops->get(handle))));
    }
  }

  static bool may_hold(const ark_type_t& type) { return type.kind >= ARK_KIND_LIST && type.kind != ARK_KIND_CALLBACK; }

  void visit(const ark_type_t& type, void* value, Object* in) {
    Each each{this, type.element, in};
    switch (type.kind) {
      case ARK_KIND_STRUCT:
        for (uint32_t i = 0; i < type.count; ++i)
          visit(*type.fields[i].type, static_cast<char*>(value) + type.fields[i].offset, in);
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
        for (uint32_t i = 0; i < type.count; ++i)
          visit(*type.element, static_cast<char*>(value) + i * size_t{type.element->size}, in);
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
    if (first && may_hold(*type.element)) met_.push_back({type.element, target, &found->second});
  }

  std::map<void*, Object> objects_;
  std::vector<Met> met_;
};

/// Takes apart the graphs that only `value` refers to; afterwards dropping it frees all of them.
template <class T>
void let_go(T& value) {
  LetGo().add(type_of<T>(), &value);
}

}  // namespace ark
