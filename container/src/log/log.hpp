/// Where the container's messages go: standard error, and files that are renewed by size.
#pragma once

#include <ark/container/status.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace ark::container::log {

struct LogOptions {
  std::filesystem::path file;  ///< "…/logs/container.log"; older ones get a number before the suffix
  uint64_t file_size = 16 << 20;  ///< bytes at which a new file is begun
  int file_count = 5;  ///< at least 1: the one that is written to
  bool console = true;
};

/// Thread safety: any thread. A message that cannot be written, on a full disk for instance, is dropped and counted; nothing blocks or throws.
class Log {
 public:
  static Result<std::unique_ptr<Log>> open(const LogOptions& options);
  virtual ~Log() = default;

  /// level: 0 trace to 4 error. source: "container" or a module's "name version".
  virtual void write(int level, std::string_view source, std::string_view text) = 0;
  virtual void flush() = 0;
  /// Messages that no file took.
  virtual uint64_t dropped() const = 0;
};

}  // namespace ark::container::log
