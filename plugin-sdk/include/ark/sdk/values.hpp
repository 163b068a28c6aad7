/// ark::Values: room for values whose C++ types the code has never seen.
#pragma once

#include <ark/abi/type.h>
#include <ark/sdk/let_go.hpp>

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace ark {

/// Values by descriptor, value-initialised, at addresses that stay. Frees them in the end, graphs that hold themselves
/// included. Alignment: that of max_align_t. One thread at a time; who described the types stays pinned meanwhile.
class Values {
 public:
  Values() = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  ~Values() {
    {
      LetGo graphs;  // a graph may be that of several values
      for (auto [type, value] : all_) graphs.add(*type, value);
    }
    for (auto [type, value] : all_) {
      type->destroy(value);
      drop(value);
    }
  }

  /// A new value, in the order in which `data` lists them.
  void* add(const ark_type_t& type) {
    Room room(type);
    type.construct(room.get());
    return keep(type, room);
  }
  /// The same, constructed by make(room) and kept if that returns true. Null for void, and if it was not made.
  template <class Make>
  void* add_made(const ark_type_t& type, Make make) {
    all_.reserve(all_.size() + 1);  // no failure once it is there
    pointers_.reserve(pointers_.size() + 1);
    Room room(type);
    return make(room.get()) && type.destroy ? keep(type, room) : nullptr;
  }
  /// As invoke and ark_call_t take them.
  void** data() { return pointers_.data(); }

 private:
  static constexpr std::align_val_t kAlign{alignof(std::max_align_t)};
  static void drop(void* room) { ::operator delete(room, kAlign); }

  class Room {
   public:
    explicit Room(const ark_type_t& type) : room_(::operator new(type.size ? type.size : 1, kAlign)) {}
    ~Room() { drop(room_); }
    Room(const Room&) = delete;
    void* get() const { return room_; }
    void* release() { return std::exchange(room_, nullptr); }

   private:
    void* room_;
  };

  void* keep(const ark_type_t& type, Room& room) {
    all_.emplace_back(&type, room.get());
    pointers_.push_back(room.get());
    return room.release();
  }

  std::vector<std::pair<const ark_type_t*, void*>> all_;
  std::vector<void*> pointers_;
};

}  // namespace ark
