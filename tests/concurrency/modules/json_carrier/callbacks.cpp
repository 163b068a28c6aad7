#include "callbacks.hpp"

#include <memory>
#include <new>

#include "connection.hpp"
#include "wire_error.hpp"

namespace json_carrier {

Callbacks::~Callbacks() {
  for (auto& [number, slot] : lent_) host_->slot_release(slot);
}

uint64_t Callbacks::lend(ark_slot_t* slot) {
  host_->slot_retain(slot);
  std::lock_guard lock(mutex_);
  lent_[next_] = slot;
  return next_++;
}

ark_slot_t* Callbacks::take(uint64_t number) {
  std::lock_guard lock(mutex_);
  auto found = lent_.find(number);
  if (found == lent_.end()) return nullptr;
  auto* slot = found->second;
  lent_.erase(found);
  return slot;
}

ark_slot_t* Callbacks::adopt(const ark_contract_t& contract, uint64_t number) {
  auto* slot = take(number);
  if (!slot) throw WireError("callback " + std::to_string(number) + " is not lent");
  auto connection = std::make_unique<Connection>(*this, slot, nullptr);
  void* proxy = contract.make_proxy(connection.get());
  if (!proxy) throw std::bad_alloc();
  connection.release();  // the proxy's now
  ark_status_t status{};
  auto* callback = host_->callback(generation_, &contract, proxy, contract.destroy_proxy, &status);
  if (callback) return callback;
  contract.destroy_proxy(proxy);
  throw WireError(status.text);
}

void Callbacks::drop(const std::vector<uint64_t>& numbers) {
  for (uint64_t number : numbers) {
    if (auto* slot = take(number)) host_->slot_release(slot);
  }
}

}  // namespace json_carrier
