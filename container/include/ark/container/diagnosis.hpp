/// What an operator should look at: crashes, runs that did not end cleanly, modules that are stuck. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ark::container {

/// A file that a crash has left in logs/ (docs/crashes.md). What it does not say is empty or 0.
struct CrashReport {
  std::filesystem::path file;
  std::string time;                 ///< UTC, "2026-11-21T06:53:54Z"
  int process = 0, thread = 0;      ///< kernel ids
  std::string thread_name;
  std::string signal;               ///< "SIGSEGV"
  std::string reason;               ///< "nothing is mapped at address 0x10"
  std::string terminated_by;        ///< "std::runtime_error: disk is full": what ended in std::terminate
  std::string place;                ///< where the signal came: "libc.so.6+0x8a12 strlen+0x12", demangled
  std::string module, version;      ///< whose code was innermost on the stack
  uint32_t generation = 0;
  std::filesystem::path code_file;  ///< its code, as it was staged
  std::string offset;               ///< in code_file, "0x12ab": what addr2line takes
  std::string build_id;
  std::string function;             ///< "Orders::place(int)+0x1b", demangled
  std::vector<std::string> frames;  ///< innermost first, "orders.so+0x12ab Orders::place(int)+0x1b of orders 1.0.0"
  std::string end;                  ///< "complete", or why the report is not
  bool reported = false;            ///< a later start has told of it

  /// One sentence: who, how, where, on which thread.
  std::string text() const;
};

/// Something else that is not as it should be.
struct Finding {
  std::string kind;     ///< "module", "run", "state", "logs"
  std::string subject;  ///< "orders 1.0.0", the run's id, the file
  std::string text;     ///< a sentence: what, why, what to do
};

struct Diagnosis {
  std::vector<CrashReport> crashes;  ///< newest first
  std::vector<Finding> findings;

  bool healthy() const { return crashes.empty() && findings.empty(); }
};

}  // namespace ark::container
