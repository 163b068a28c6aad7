/// Room for the arguments and the result of one call, of types this plugin has never seen.
#pragma once

#include <ark/sdk/errors.hpp>
#include <ark/sdk/shared.hpp>

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace json_carrier {

/// Frees what it holds, graphs that hold themselves included. One thread at a time.
class Values {
 public:
  Values() = default;
  Values(const Values&) = delete;
  ~Values() {
    {
      ark::LetGo graphs;
      for (auto [type, room] : all_) graphs.add(*type, room);
    }
    for (auto [type, room] : all_) {
      type->destroy(room);
      drop(room);
    }
  }

  /// A new argument, value-initialised.
  void* add(const ark_type_t& type) {
    void* room = make(type);
    try {
      type.construct(room);
    } catch (...) {
      drop(room);
      throw;
    }
    all_.emplace_back(&type, room);
    arguments_.push_back(room);
    return room;
  }

  /// Calls `target` with the arguments added before. Returns the result, which it keeps, or null if there is none.
  void* call(const ark_contract_t& contract, void* target, uint32_t method, ark_error_t* error) {
    const auto& type = *contract.methods[method].result;
    all_.reserve(all_.size() + 1);
    Room result(type);
    contract.invoke(target, method, arguments_.data(), result.get(), error);
    if (error->kind != ARK_CALL_OK || !type.destroy) return nullptr;
    all_.emplace_back(&type, result.get());
    return result.release();
  }

 private:
  static void* make(const ark_type_t& type) { return ::operator new(type.size + 1, kAlign); }
  static void drop(void* room) { ::operator delete(room, kAlign); }
  static constexpr std::align_val_t kAlign{alignof(std::max_align_t)};

  /// Raw; given back if the thread ends in the middle of the call.
  class Room {
   public:
    explicit Room(const ark_type_t& type) : room_(make(type)) {}
    ~Room() { drop(room_); }
    Room(const Room&) = delete;
    void* get() const { return room_; }
    void* release() { return std::exchange(room_, nullptr); }

   private:
    void* room_;
  };

  std::vector<std::pair<const ark_type_t*, void*>> all_;
  std::vector<void*> arguments_;
};

}  // namespace json_carrier
