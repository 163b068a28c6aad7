/// How a call is made: through a slot, by whoever holds a reference; through a carrier, by an object that implements
/// the contract.
#pragma once

#include <ark/abi/contract.h>
#include <ark/sdk/capture.hpp>
#include <ark/sdk/method.hpp>
#include <ark/sdk/pin.hpp>

#include <pthread.h>

#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

namespace ark::detail {

/// Raw room for a result, until it is taken.
template <class R>
class ResultRoom {
 public:
  void* room() { return room_; }
  R take() {
    full_ = true;
    return std::move(*value());
  }
  ~ResultRoom() {
    if (full_) value()->~R();
  }

 private:
  R* value() { return std::launder(reinterpret_cast<R*>(room_)); }
  alignas(R) char room_[sizeof(R)];
  bool full_ = false;
};
template <>
class ResultRoom<void> {
 public:
  void* room() { return nullptr; }
  void take() {}
};

/// The error of a noexcept method of a proxy, which cannot throw it: until the caller's function looks
/// (SlotCaller::call).
inline ark_error_t& kept_error() {
  static thread_local ark_error_t error{};  // no destructor: it would pin the module's code to the thread
  return error;
}
inline void keep_error(ark_error_t& error) { kept_error() = std::exchange(error, {}); }
/// True if there was one; it is `error`'s then.
inline bool take_kept_error(ark_error_t& error) {
  ark_error_t& kept = kept_error();
  if (kept.kind == ARK_CALL_OK) return false;
  error = std::exchange(kept, {});
  return true;
}

class Completion : public ark_completion_t {
 public:
  Completion() : ark_completion_t{[](ark_completion_t* self) { static_cast<Completion*>(self)->complete(); }} {}
  void wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return complete_; });
  }

 private:
  void complete() {
    std::lock_guard<std::mutex> lock(mutex_);
    complete_ = true;
    done_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable done_;
  bool complete_ = false;
};

template <class... A>
struct ArgumentList {
  void* pointers[sizeof...(A) + 1];
  explicit ArgumentList(A&... arguments)
      : pointers{const_cast<void*>(static_cast<const void*>(std::addressof(arguments)))..., nullptr} {}
};

// ---- a reference's side ----

template <class T>
[[noreturn]] __attribute__((noinline, cold)) void throw_unavailable() {
  throw ServiceUnavailable(std::string("nobody provides ") + ContractOf<T>::kId);
}

/// While pinned. What comes out of a proxy has been named by its carrier, if anybody knows.
inline void name_provider(ark_error_t& error, const ark_slot_t* slot, const ark_entry_t* entry) {
  if (error.kind != ARK_CALL_FAILED || error.provider || (entry->flags & ARK_ENTRY_PROXY)) return;
  const char* name = slot->host->name(entry->generation);
  const char* version = slot->host->version(entry->generation);
  const size_t size = std::strlen(name) + std::strlen(version) + 2;
  error.provider = static_cast<char*>(std::malloc(size));
  if (error.provider) std::snprintf(error.provider, size, "%s %s", name, version);
}

/// What is called. `again` finds it a second time, for the handler: keeping it in registers during the call would
/// make every call slower.
struct Reached {
  const ark_slot_t* slot;
  const ark_entry_t* entry;
};

/// Inside a handler: what the provider threw becomes the caller's. The provider's object is destroyed on leaving the
/// handler, still pinned. What a proxy throws is the caller's already.
template <class T>
[[noreturn]] __attribute__((noinline, cold)) void rethrow_as_callers(Reached reached) {
  if (reached.entry->flags & ARK_ENTRY_PROXY) throw;
  CallError error;
  capture(&error, Listed<T>());
  name_provider(error, reached.slot, reached.entry);
  raise(error, Listed<T>());
}

template <class T>
__attribute__((noinline, cold)) void throw_kept() {
  CallError error;
  if (take_kept_error(error)) raise(error, Listed<T>());
}

/// How an argument goes to a function that is not inlined: a small trivial one as itself. If its address were taken,
/// every call would store it and load it again.
template <class A>
using Passed =
    std::conditional_t<std::is_trivially_copyable_v<std::decay_t<A>> && sizeof(std::decay_t<A>) <= 2 * sizeof(void*),
                       std::decay_t<A>, A&&>;

template <class T, int I, class R, class... A>
__attribute__((noinline, cold)) R call_tapped(ark_tap_t* tap, const ark_slot_t* slot, const ark_entry_t* entry,
                                              A... arguments) {
  ArgumentList<std::remove_reference_t<A>...> args(arguments...);
  ResultRoom<R> result;
  CallError error(ContractTable<T>::value);
  ark_call_t call{sizeof(ark_call_t), I, &ContractTable<T>::value, args.pointers, result.room(), &error, 0};
  tap->around(tap, &call, entry->target);
  name_provider(error, slot, entry);
  if (error.kind != ARK_CALL_OK) raise(error, Listed<T>());
  return result.take();
}

/// The call itself, once pinned.
template <class T, int I, class R, class Again, class... A>
ARK_ALWAYS_INLINE R call_entry(const ark_slot_t* slot, const ark_entry_t* entry, Again again, A&&... arguments) {
  if (__builtin_expect(!entry, 0)) throw_unavailable<T>();
  ark_tap_t* tap = __atomic_load_n(&slot->tap, __ATOMIC_ACQUIRE);
  if (__builtin_expect(tap != nullptr, 0)) {
    return call_tapped<T, I, R, Passed<A>...>(tap, slot, entry, std::forward<A>(arguments)...);
  }
  constexpr bool may_keep_error = MethodOf<T, I>::S::is_noexcept;
  try {
    auto* target = static_cast<T*>(entry->target);
    if constexpr (!may_keep_error) {
      return (target->*MethodOf<T, I>::pointer)(std::forward<A>(arguments)...);
    } else if constexpr (std::is_void_v<R>) {
      (target->*MethodOf<T, I>::pointer)(std::forward<A>(arguments)...);
      if (entry->flags & ARK_ENTRY_PROXY) throw_kept<T>();
    } else {
      R result = (target->*MethodOf<T, I>::pointer)(std::forward<A>(arguments)...);
      if (entry->flags & ARK_ENTRY_PROXY) throw_kept<T>();
      return result;
    }
  } catch (...) {
    rethrow_as_callers<T>(again());  // forced unwinding goes on from there: here its check would be the caller's
  }
}

/// Pins for each call.
struct SlotCaller {
  ark_slot_t* slot;
  template <class T, int I, class R, class... A>
  ARK_ALWAYS_INLINE R call(A&&... arguments) const {
    ark_slot_t* const reached = slot;  // read once: the pin's fence would have it read again
    Pin pin(reached);
    const auto again = [&] { return Reached{slot, pin.entry_in_cell()}; };
    return call_entry<T, I, R>(reached, pin.entry(), again, std::forward<A>(arguments)...);
  }
};

/// Somebody else holds the pin.
struct PinnedCaller {
  const ark_slot_t* slot;
  const ark_entry_t* entry;
  template <class T, int I, class R, class... A>
  ARK_ALWAYS_INLINE R call(A&&... arguments) const {
    return call_entry<T, I, R>(
        slot, entry,
        [this] {
          return Reached{slot, entry};
        },
        std::forward<A>(arguments)...);
  }
};

/// An object with a function for each method. They are no overrides: even those for noexcept methods may throw, since
/// reaching a provider can fail.
template <class T, class C, int I>
struct CallChain : Method<T, I - 1>::template ArkCall<CallChain<T, C, I - 1>, typename MethodOf<T, I - 1>::S::Plain> {};
template <class T, class C>
struct CallChain<T, C, 0> {
  C ark_caller;
};
template <class T, class C>
struct Caller final : CallChain<T, C, method_count<T>()> {
  explicit Caller(C caller) { this->ark_caller = caller; }
};

// ---- a carrier's side ----

struct CarrierCaller {
  ark_carrier_t* carrier = nullptr;

  template <class T, int I, class R, class... A>
  ARK_NO_NULL_CHECK R call(A&&... arguments) const {
    CallError error(ContractTable<T>::value);
    if constexpr (!MethodOf<T, I>::S::is_noexcept) {
      ResultRoom<R> result;
      send<T, I>(error, result.room(), arguments...);
      if (error.kind != ARK_CALL_OK) raise(error, Listed<T>());
      return result.take();
    } else {
      try {
        if (CallError forgotten; take_kept_error(forgotten)) forgotten.clear();  // of a call that nobody looked after
        ResultRoom<R> result;
        send<T, I>(error, result.room(), arguments...);
        if (error.kind == ARK_CALL_OK) return result.take();
        keep_error(error);
        return R();  // of nobody's concern: the caller's function throws
      } catch (abi::__forced_unwind&) {
        throw;
      } catch (...) {
        error.clear();
        capture(&error, Listed<T>());
        keep_error(error);
        return R();
      }
    }
  }

 private:
  /// The carrier writes to what lies on this stack: the thread cannot be cancelled before it is done.
  class Uncancelled {
   public:
    Uncancelled() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    ~Uncancelled() { pthread_setcancelstate(before_, nullptr); }
    Uncancelled(const Uncancelled&) = delete;

   private:
    int before_;
  };

  template <class T, int I, class... A>
  void send(CallError& error, void* result, A&... arguments) const {
    ArgumentList<A...> args(arguments...);
    Completion completion;
    ark_call_t call{sizeof(ark_call_t), I, &ContractTable<T>::value, args.pointers, result, &error, 0};
    const Uncancelled uncancelled;
    carrier->begin(carrier, &call, &completion);
    completion.wait();
  }
};

/// Implements the contract by overriding each method.
template <class T, int I>
struct ProxyChain : Method<T, I - 1>::template ArkOverride<ProxyChain<T, I - 1>, typename MethodOf<T, I - 1>::S::Full> {
};
template <class T>
struct ProxyChain<T, 0> : T {
  CarrierCaller ark_caller;
};
template <class T>
struct Proxy final : ProxyChain<T, method_count<T>()> {
  explicit Proxy(ark_carrier_t* carrier) { this->ark_caller.carrier = carrier; }
};

}  // namespace ark::detail
