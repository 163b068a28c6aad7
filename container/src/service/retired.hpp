/// Entries that are in no slot any more, until nobody is inside them and they can be freed.
#pragma once

#include <ark/abi/service.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "thread/closer.hpp"

namespace ark::container::service {

/// Thread safety: any thread may use it. Calls destroy functions, which are module code, with nothing locked.
class Retired {
 public:
  /// Takes over the entry; destroy (may be null) is called with its target before it is freed. `other`: a generation besides the entry's
  /// whose code destroy needs; null if none.
  void add(ark_entry_t* entry, void (*destroy)(void*), const ark_generation_t* other = nullptr);
  /// Waits until nobody is inside `entry`, then frees it; at once if it has been freed. Not kYes: it stays here, and sweep or finish_all tries again.
  thread::Drained finish(ark_entry_t* entry, thread::Deadline deadline);
  /// Where destroy functions are called.
  using Run = std::function<void(const std::function<void()>&)>;
  /// The same for all entries that are a generation's or need its code.
  thread::Drained finish_all(const ark_generation_t* generation, thread::Deadline deadline, const Run& run);
  /// Frees what nobody is inside of now of what is `generation`'s or has its destroy function in the code that `is_code` knows. False: something of
  /// that is left, with a thread inside it or in its destroy function.
  bool finish_code(const ark_generation_t* generation, const std::function<bool(const void*)>& is_code);
  /// Frees what nobody is inside of now; without `run` on this thread.
  void sweep(const Run& run = {});

  std::vector<const ark_entry_t*> entries_of(const ark_generation_t* generation) const;

 private:
  struct Record {
    ark_entry_t* entry;
    const ark_generation_t* generation;
    const ark_generation_t* other;
    void (*destroy)(void*);
    bool taken;  // somebody is destroying it

    bool concerns(const ark_generation_t* g) const { return generation == g || other == g; }
  };
  std::vector<ark_entry_t*> untaken(const std::function<bool(const Record&)>& wanted) const;
  void sweep(const std::function<bool(const Record&)>& wanted, const Run& run);
  void destroy(ark_entry_t* entry, const Run& run = {});

  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Record> records_;  // guarded by mutex_
};

}  // namespace ark::container::service
