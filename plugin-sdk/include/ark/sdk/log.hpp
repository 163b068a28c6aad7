#pragma once

#include <ark/abi/host.h>

#include <string_view>

namespace ark {

/// The module's log; the container adds time and name and writes it. A value; any thread.
class Logger {
 public:
  Logger(const ark_host_t* host, ark_generation_t* generation) : host_(host), generation_(generation) {}

  void trace(std::string_view text) const { write(ARK_LOG_TRACE, text); }
  void debug(std::string_view text) const { write(ARK_LOG_DEBUG, text); }
  void info(std::string_view text) const { write(ARK_LOG_INFO, text); }
  void warn(std::string_view text) const { write(ARK_LOG_WARN, text); }
  void error(std::string_view text) const { write(ARK_LOG_ERROR, text); }
  /// Ask before building a text that is expensive.
  bool enabled(ark_log_level_t level) const { return level >= host_->log_level(generation_); }

 private:
  void write(ark_log_level_t level, std::string_view text) const {
    host_->log(generation_, level, text.data(), text.size());
  }
  const ark_host_t* host_;
  ark_generation_t* generation_;
};

}  // namespace ark
