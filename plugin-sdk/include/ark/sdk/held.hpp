/// What the movable handles of the SDK are made of.
#pragma once

#include <ark/abi/host.h>

#include <memory>
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

/// The same with the callback that the container calls while the handle is held; its destructor gives the handle back,
/// which waits for a call on another thread. kGiveBack: the member of Table that does.
template <class H, class Table, auto kGiveBack>
class HeldCallback {
 public:
  HeldCallback() = default;
  /// callback: lives at least as long as a call of it runs.
  HeldCallback(const Table* table, H* handle, std::shared_ptr<void> callback)
      : callback_(std::move(callback)), held_(table, handle) {}
  HeldCallback(HeldCallback&&) noexcept = default;
  HeldCallback& operator=(HeldCallback&& other) noexcept {
    HeldCallback old(std::move(*this));
    callback_ = std::move(other.callback_);
    held_ = std::move(other.held_);
    return *this;
  }
  ~HeldCallback() { give_back(); }
  void give_back() {
    held_.give_back([](const Table* table, H* handle) { (table->*kGiveBack)(handle); });
  }

 private:
  std::shared_ptr<void> callback_;
  Held<H, Table> held_;
};

}  // namespace ark::detail
