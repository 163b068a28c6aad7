/// What the movable handles of the SDK are made of.
#pragma once

#include <ark/abi/host.h>

#include <utility>

namespace ark::detail {

/// A handle of the container that is given back once, to the table it came from. Not thread-safe itself.
template <class H, class Table = ark_host_t>
class Held {
 public:
  Held() = default;
  Held(const Table* table, H* handle) : table_(table), handle_(handle) {}
  Held(Held&& other) noexcept : table_(other.table_), handle_(std::exchange(other.handle_, nullptr)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  template <class Give>
  void give_back(Give give) {
    if (handle_) give(table_, std::exchange(handle_, nullptr));
  }

 private:
  const Table* table_ = nullptr;
  H* handle_ = nullptr;
};

}  // namespace ark::detail
