// A caller's side of the pin, as ark/abi/service.h tells it.
#pragma once

#include <ark/abi/service.h>

#include "thread/known_threads.hpp"

namespace ark::container::thread {

class TestPin {
 public:
  explicit TestPin(ark_entry_t** slot) : record_(here().record), cell_(record_->next) {
    if (reinterpret_cast<uintptr_t>(cell_) % ARK_RECORD_SIZE == 0) cell_ = more_pins(record_);
    for (entry_ = __atomic_load_n(slot, __ATOMIC_ACQUIRE);;) {
      __atomic_store_n(cell_, entry_, __ATOMIC_RELEASE);
      __atomic_signal_fence(__ATOMIC_SEQ_CST);
      auto* now = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
      if (now == entry_) break;
      entry_ = now;
    }
    record_->next = cell_ + 1;
  }
  ~TestPin() {
    record_->next = cell_;
    __atomic_store_n(cell_, nullptr, __ATOMIC_RELEASE);
  }
  ark_entry_t* entry() const { return entry_; }

 private:
  ark_record_t* record_;
  ark_entry_t** cell_;
  ark_entry_t* entry_;
};

}  // namespace ark::container::thread
