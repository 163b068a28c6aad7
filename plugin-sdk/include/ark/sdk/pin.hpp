/// While a pin lives, the generation behind the slot's entry is neither destroyed nor unmapped (ark/abi/service.h).
#pragma once

#include <ark/abi/host.h>

namespace ark {

#define ARK_ALWAYS_INLINE __attribute__((always_inline)) inline
#define ARK_LIKELY(x) __builtin_expect(!!(x), 1)

namespace detail {

ARK_ALWAYS_INLINE char* thread_pointer() {
#if defined(__clang__) && defined(__x86_64__)
  char* pointer;
  __asm__("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
#else
  return static_cast<char*>(__builtin_thread_pointer());
#endif
}

}  // namespace detail

/// Plain stores and loads: the container pays for the fence when it closes something. Inlined everywhere, cold paths
/// too: else the pin lives in memory, which costs as much as the rest. Of the thread that made it; pins end in reverse
/// order.
class Pin {
 public:
  ARK_ALWAYS_INLINE explicit Pin(const ark_slot_t* slot)
      : record_(reinterpret_cast<ark_record_t*>(detail::thread_pointer() + slot->record_offset)), cell_(record_->next) {
    if (!ARK_LIKELY(reinterpret_cast<uintptr_t>(cell_) % ARK_RECORD_SIZE)) cell_ = slot->host->more_pins(record_);
    entry_ = __atomic_load_n(&slot->entry, __ATOMIC_ACQUIRE);
    for (;;) {
      __atomic_store_n(cell_, entry_, __ATOMIC_RELEASE);
      __atomic_signal_fence(
          __ATOMIC_SEQ_CST);  // not before the store has been issued; the closer's barrier does the rest
      ark_entry_t* now = __atomic_load_n(&slot->entry, __ATOMIC_ACQUIRE);
      if (ARK_LIKELY(now == entry_)) break;  // what the cell names was not taken away before it was named
      entry_ = now;
    }
    record_->next = cell_ + 1;
  }
  ARK_ALWAYS_INLINE ~Pin() {
    record_->next = cell_;
    __atomic_store_n(cell_, nullptr, __ATOMIC_RELEASE);
  }
  Pin(const Pin&) = delete;

  /// Null: nobody provides it.
  ARK_ALWAYS_INLINE const ark_entry_t* entry() const { return entry_; }
  /// The same, from where the container sees it.
  ARK_ALWAYS_INLINE const ark_entry_t* entry_in_cell() const { return __atomic_load_n(cell_, __ATOMIC_RELAXED); }

 private:
  ark_record_t* record_;
  ark_entry_t** cell_;
  ark_entry_t* entry_;
};

}  // namespace ark
