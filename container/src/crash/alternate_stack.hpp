#pragma once

#include <cstddef>

namespace ark::container::crash {

/// Gives the calling thread a stack for signal handlers while it lives, so that an overflow of its own can be reported. Does nothing if it has one,
/// if memory is short, or if no handlers are installed. Made and destroyed by the thread.
class AlternateStack {
 public:
  AlternateStack();
  ~AlternateStack();
  AlternateStack(const AlternateStack&) = delete;

  /// The thread keeps it until it ends; its memory until the process does.
  void leave() { memory_ = nullptr; }

 private:
  void* memory_ = nullptr;
  size_t size_bytes_ = 0;
};

}  // namespace ark::container::crash
