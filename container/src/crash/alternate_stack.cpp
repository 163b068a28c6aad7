#include "crash/alternate_stack.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "crash/handler.hpp"

namespace ark::container::crash {
namespace {

/// Takes memory only where it is written to: two or three pages.
constexpr size_t kStackBytes = 64 << 10;

size_t page_size() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

size_t stack_bytes() {
  const long least = sysconf(_SC_MINSIGSTKSZ);  // what the processor's registers need
  return kStackBytes + (static_cast<size_t>(std::max(least, 0L)) + page_size() - 1) / page_size() * page_size();
}

}  // namespace

AlternateStack::AlternateStack() {
  stack_t now;
  if (!is_installed() || sigaltstack(nullptr, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
  const size_t guard = page_size(), size = guard + stack_bytes();
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t own{};
  own.ss_sp = static_cast<char*>(memory) + guard;
  own.ss_size = size - guard;
  if (mprotect(memory, guard, PROT_NONE) != 0 || sigaltstack(&own, nullptr) != 0) {
    munmap(memory, size);
    return;
  }
  memory_ = memory;
  size_bytes_ = size;
}

AlternateStack::~AlternateStack() {
  if (!memory_) return;
  stack_t none{}, now{};
  none.ss_flags = SS_DISABLE;
  const bool is_ours = sigaltstack(nullptr, &now) == 0 && now.ss_sp == static_cast<char*>(memory_) + page_size();
  if (is_ours && sigaltstack(&none, nullptr) != 0) return;  // in use: a handler ends the thread
  munmap(memory_, size_bytes_);
}

}  // namespace ark::container::crash
