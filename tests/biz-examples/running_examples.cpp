#include "running_examples.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include "support/started.hpp"

namespace ark::test {

RunningExamples::RunningExamples(std::vector<std::filesystem::path> packages) {
  container::Options options;
  options.home = home_.path() / "home";
  options.modules = std::move(packages);
  options.log = [this](int, std::string_view source, std::string_view text) {
    if (source == "container") return;
    std::lock_guard lock(mutex_);
    log_.push_back(std::string(source) + ": " + std::string(text));
  };
  container_ = start_container(std::move(options));
  host_ = std::make_unique<HostContext>(*container_, "test");
}

RunningExamples::~RunningExamples() {
  if (host_) stop();
}

void RunningExamples::stop() {
  host_.reset();
  const auto stopped = container_->stop();
  EXPECT_TRUE(stopped.status.ok()) << stopped.status.text();
}

void RunningExamples::install(const std::filesystem::path& package) {
  const auto done = container_->install(package, {false, true});
  ASSERT_TRUE(done.status.ok()) << done.status.text();
}

void RunningExamples::replace(const std::filesystem::path& package) {
  const auto done = container_->replace(package, {false, true});
  ASSERT_TRUE(done.status.ok()) << done.status.text();
}

std::vector<std::string> RunningExamples::log() const {
  std::lock_guard lock(mutex_);
  return log_;
}

size_t RunningExamples::mappings(const std::string& name_and_version) {
  size_t count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    count += line.find("/" + name_and_version + "/g") != std::string::npos;
  return count;
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace ark::test
