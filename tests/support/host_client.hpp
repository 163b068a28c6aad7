/// A started container in a home of its own, and the test as a client of it: the test publishes, refers and watches as
/// a module does.
#pragma once

#include <gtest/gtest.h>
#include <ark/container/container.hpp>
#include <ark/sdk.hpp>

#include <filesystem>
#include <memory>
#include <string>

#include "lifecycle/host_client.hpp"
#include "support/temp_dir.hpp"

namespace ark::test {

/// A client of `container` under a name of its own; several may be one test's.
class HostContext {
 public:
  HostContext(container::Container& container, std::string name)
      : client_(container, std::move(name), "1.0.0"), context_(client_.host(), client_.generation()) {}
  ark::Context& operator*() { return context_; }
  ark::Context* operator->() { return &context_; }

 private:
  container::lifecycle::HostClient client_;
  ark::Context context_;
};

/// Started without modules. Messages of level warn and above go to the test's output.
class HostedContainer {
 public:
  HostedContainer();
  /// Expects that every module stops and is unmapped.
  ~HostedContainer();

  container::Container& operator*() { return *container_; }
  container::Container* operator->() { return container_.get(); }
  ark::Context& context() { return **host_; }

  /// Transient; fails the test if it does not succeed.
  void install(const std::filesystem::path& package, bool switch_to = false);
  void uninstall(const std::string& selector);
  /// Names of module folders "orders-1.0.0/g00000003" of which a file is mapped, sorted: what stands for a module's
  /// code.
  std::vector<std::string> mapped_generations() const;
  /// The same of the modules that are up, as the container says.
  std::vector<std::string> expected_generations() const;

 private:
  TempDir home_;
  std::unique_ptr<container::Container> container_;
  std::unique_ptr<HostContext> host_;
};

}  // namespace ark::test
