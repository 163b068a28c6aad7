#include "support/host_client.hpp"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "support/process_facts.hpp"
#include "support/started.hpp"

namespace ark::test {

HostedContainer::HostedContainer() {
  container::Options options;
  options.home = home_.path() / "home";
  options.log_level = ARK_LOG_WARN;
  options.log = log_to_stderr;
  container_ = start_container(std::move(options));
  host_ = std::make_unique<HostContext>(*container_, "test");
}

HostedContainer::~HostedContainer() {
  host_.reset();
  const auto stopped = container_->stop();
  EXPECT_TRUE(stopped.status.ok()) << stopped.status.text();
  EXPECT_EQ(mapped_generations(), std::vector<std::string>()) << "code is still mapped after the container has stopped";
}

void HostedContainer::install(const std::filesystem::path& package, bool switch_to) {
  const auto done = container_->install(package, {switch_to, true});
  ASSERT_TRUE(done.status.ok()) << done.status.text();
}

void HostedContainer::uninstall(const std::string& selector) {
  const auto done = container_->uninstall(selector, false);
  ASSERT_TRUE(done.status.ok()) << done.status.text();
}

std::vector<std::string> HostedContainer::mapped_generations() const {
  const auto stage = container_->home() / "run" / "stage";
  std::set<std::string> found;
  for (const auto& file : mapped_files(stage)) {
    const auto inside = file.lexically_relative(stage);  // start id / module / generation / ...
    auto part = inside.begin();
    if (std::distance(part, inside.end()) < 3) continue;
    ++part;
    found.insert(part->string() + "/" + std::next(part)->string());
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> HostedContainer::expected_generations() const {
  std::set<std::string> expected;
  for (const auto& module : container_->modules()) {
    if (module.state != container::State::kActivated && module.state != container::State::kDeactivated) continue;
    char folder[16];
    std::snprintf(folder, sizeof folder, "g%08u", module.generation);
    expected.insert(module.name + "-" + module.version + "/" + folder);
  }
  return {expected.begin(), expected.end()};
}

}  // namespace ark::test
