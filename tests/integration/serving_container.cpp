#include "serving_container.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "support/started.hpp"

namespace ark::test {

using std::chrono::milliseconds;

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(FIXTURES) / (name + "-1.0.0.ark");
}

std::string test_name(std::string module) {
  std::replace(module.begin(), module.end(), '-', '_');
  return module;
}

std::string text_of(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

ServingContainer::ServingContainer() {
  container::Options options;
  options.home = temp_.path() / "home";
  options.limits = {milliseconds(400), milliseconds(400), milliseconds(400), milliseconds(400)};
  options.log = [this](int, std::string_view source, std::string_view text) {
    std::lock_guard lock(mutex_);
    log_.push_back(std::string(source) + ": " + std::string(text));
  };
  options.on_exit_request = [this](int status, std::string_view who) {
    std::lock_guard lock(mutex_);
    exit_request_.emplace(status, who);
  };
  container_ = start_container(std::move(options));
  host_ = std::make_unique<HostContext>(*container_, "test");
  const auto installed = install(fixture("echo"));
  if (!installed.status.ok()) throw std::runtime_error(installed.status.text());
}

ServingContainer::~ServingContainer() {
  host_.reset();
  (void)container_->stop();
}

void ServingContainer::expect_still_serves() {
  EXPECT_EQ(context().reference<fixture::Echo>()->echo("still here"), "still here");
  const auto installed = install(test::fixture("plain"));
  ASSERT_TRUE(installed.status.ok()) << installed.status.text();
  EXPECT_GT(mappings("plain"), 0u);
  const auto gone = container_->uninstall("plain", false);
  EXPECT_TRUE(gone.status.ok()) << gone.status.text();
  EXPECT_EQ(mappings("plain"), 0u);
}

void ServingContainer::expect_unmapped_soon(const std::string& name) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (info(name) && std::chrono::steady_clock::now() < deadline) expect_still_serves();
  EXPECT_FALSE(info(name));
  EXPECT_EQ(mappings(name), 0u);
  EXPECT_TRUE(logged(name + " 1.0.0: is UNLOADED now: what held it has gone"));
}

void ServingContainer::expect_nobody_waits() {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) expect_still_serves();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4)) << "twenty operations of a few ms each";
}

std::optional<container::ModuleInfo> ServingContainer::info(const std::string& name) const {
  std::optional<container::ModuleInfo> found;
  for (auto& module : container_->modules()) {
    if (module.name == name) found = module;
  }
  return found;
}

size_t ServingContainer::mappings(const std::string& name) const {
  const auto stage = (home() / "run/stage").string();  // other containers of this process have their own
  size_t count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    count += line.find(stage) != std::string::npos && line.find("/" + name + "-1.0.0/g") != std::string::npos;
  }
  return count;
}

bool ServingContainer::logged(const std::string& text) const {
  std::lock_guard lock(mutex_);
  for (const auto& line : log_) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

std::optional<std::pair<int, std::string>> ServingContainer::exit_request() const {
  std::lock_guard lock(mutex_);
  return exit_request_;
}

}  // namespace ark::test
