/// A container with short limits, in which the fixture echo answers: what bad input must not change.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <fixture/echo.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/host_client.hpp"

namespace ark::test {

/// The package of a fixture: FIXTURES/NAME-1.0.0.ark.
std::filesystem::path fixture(const std::string& name);
/// As part of a test's name.
std::string test_name(std::string module);
/// Contents of a small file, "" if there is none.
std::string text_of(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

class ServingContainer {
 public:
  ServingContainer();
  ~ServingContainer();

  container::Container& operator*() { return *container_; }
  container::Container* operator->() { return container_.get(); }
  ark::Context& context() { return **host_; }
  const std::filesystem::path& home() const { return container_->home(); }
  std::filesystem::path temp() const { return temp_.path(); }

  container::Operation install(const std::filesystem::path& package) {
    return container_->install(package, {false, true});
  }
  /// Calls get through, and another module can be installed, called and unmapped.
  void expect_still_serves();
  /// The module, whose code had to stay, is unmapped soon, whatever else is done meanwhile.
  void expect_unmapped_soon(const std::string& name);
  /// Operations do not wait, each anew, for what is left of a module.
  void expect_nobody_waits();
  /// The listed module, or its code that stayed, or nothing.
  std::optional<container::ModuleInfo> info(const std::string& name) const;
  /// Mappings of files of this module.
  size_t mappings(const std::string& name) const;
  bool logged(const std::string& text) const;
  /// Status and who of a module that called exit on a thread of its own.
  std::optional<std::pair<int, std::string>> exit_request() const;

 private:
  TempDir temp_;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;                             // guarded by mutex_
  std::optional<std::pair<int, std::string>> exit_request_;  // guarded by mutex_
  std::unique_ptr<container::Container> container_;
  std::unique_ptr<HostContext> host_;
};

}  // namespace ark::test
