/// Writes the report of a crash: docs/crashes.md. All of it is async-signal-safe.
#pragma once

#include <signal.h>

#include <atomic>

#include "crash/text.hpp"

namespace ark::container::crash {

/// One at a time in a process. Used by the thread that crashed, within its handler.
class Report {
 public:
  /// folder: "" or an absolute path with '/' at its end. termination: what note_termination said, or "".
  void begin(const char* folder, int signal, const siginfo_t& info, const void* context, const char* termination);
  /// From the innermost frame outwards. A stack that is damaged may cause another crash in here: then call end.
  void walk(const void* context);
  /// why: "complete", or what kept it from being so.
  void end(const char* why);

 private:
  void open(const char* folder);
  void put(Line& line);
  void put_reason(int signal, const siginfo_t& info, uintptr_t stack);
  void put_frame(uintptr_t address);
  void blame(const struct Code& code, uintptr_t address);

  int file_ = -1;
  char path_[4096 + 64] = {};
  int64_t seconds_ = 0;
  uint64_t frames_ = 0;
  bool is_blamed_ = false;
};

}  // namespace ark::container::crash
