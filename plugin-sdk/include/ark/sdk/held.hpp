/// What the movable handles of the SDK are made of.
#pragma once

#include <ark/abi/host.h>

#include <utility>

namespace ark::detail {

/// A handle of the container that is given back once. Not thread-safe itself.
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

}  // namespace ark::detail
