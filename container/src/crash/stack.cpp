#include "crash/stack.hpp"

#include <ucontext.h>
#include <unwind.h>

namespace ark::container::crash {
namespace {

/// Frames of the handler itself, before the place that was interrupted.
constexpr int kMostOwnFrames = 32;

struct Walk {
  uintptr_t from;
  int left, own_left;
  bool is_above;  // past the frames of the handler
  void (*visit)(void*, uintptr_t);
  void* argument;
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  int is_exact = 0;
  const uintptr_t ip = _Unwind_GetIPInfo(context, &is_exact);
  if (!walk.is_above) {
    walk.is_above = ip == walk.from;
    return walk.is_above || --walk.own_left > 0 ? _URC_NO_REASON : _URC_END_OF_STACK;
  }
  if (ip == 0 || walk.left-- == 0) return _URC_END_OF_STACK;
  walk.visit(walk.argument, is_exact ? ip : ip - 1);
  return _URC_NO_REASON;
}

}  // namespace

Place place_of(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return {static_cast<uintptr_t>(machine.gregs[REG_RIP]), static_cast<uintptr_t>(machine.gregs[REG_RSP]), 0};
#elif defined(__aarch64__)
  return {machine.pc, machine.sp, machine.regs[30]};
#else
#error "say where program counter and stack pointer are"
#endif
}

void walk_stack(const Place& from, int most, void (*visit)(void*, uintptr_t), void* argument) {
  Walk walk{from.pc, most, kMostOwnFrames, false, visit, argument};
  _Unwind_Backtrace(step, &walk);
}

void warm_up_unwinder() { walk_stack({}, 1, [](void*, uintptr_t) {}, nullptr); }

}  // namespace ark::container::crash
