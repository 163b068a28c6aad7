#include "log/log.hpp"

#include <algorithm>
#include <atomic>

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace ark::container::log {
namespace {

constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%e%z %-5l %v";

class SpdLog final : public Log {
 public:
  explicit SpdLog(std::vector<spdlog::sink_ptr> sinks) : logger_("ark", sinks.begin(), sinks.end()) {
    logger_.set_level(spdlog::level::trace);  // who writes has asked already
    logger_.set_pattern(kPattern);
    logger_.flush_on(spdlog::level::info);
    logger_.set_error_handler([this](const std::string&) { ++dropped_; });
  }

  void write(int level, std::string_view source, std::string_view text) override {
    const auto to = static_cast<spdlog::level::level_enum>(std::clamp(level, 0, 4));
    logger_.log(to, "{}: {}", source, text);
  }
  void flush() override { logger_.flush(); }
  uint64_t dropped() const override { return dropped_; }

 private:
  std::atomic<uint64_t> dropped_{0};
  spdlog::logger logger_;
};

}  // namespace

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options) {
  std::vector<spdlog::sink_ptr> sinks;
  const auto older = static_cast<size_t>(std::max(options.file_count, 1) - 1);  // spdlog does not count the current one
  try {
    sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file.string(), options.file_size,
                                                                           older));
  } catch (const spdlog::spdlog_ex& e) {
    return Status(Code::kFailedPrecondition, "cannot open the log " + options.file.string() + ": " + e.what());
  }
  if (options.console) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return std::unique_ptr<Log>(std::make_unique<SpdLog>(std::move(sinks)));
}

}  // namespace ark::container::log
