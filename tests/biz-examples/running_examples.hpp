/// A container with some of the example packages, as a test sees it: their log, and their services.
#pragma once

#include <ark/container/container.hpp>
#include <ark/sdk.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/host_client.hpp"

namespace ark::test {

class RunningExamples {
 public:
  /// Starts with these packages; throws if that fails.
  explicit RunningExamples(std::vector<std::filesystem::path> packages);
  ~RunningExamples();

  container::Container* operator->() { return container_.get(); }
  ark::Context& context() { return **host_; }

  void install(const std::filesystem::path& package);
  void replace(const std::filesystem::path& package);
  /// Stops the container, as the destructor does too; expects that all goes well.
  void stop();
  /// What the modules have logged, in order: "hello 1.0.0: hello".
  std::vector<std::string> log() const;
  /// Mappings of files of this version of a module: mappings("orders-1.0.0").
  static size_t mappings(const std::string& name_and_version);

 private:
  TempDir home_;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;  // guarded by mutex_
  std::unique_ptr<container::Container> container_;
  std::unique_ptr<HostContext> host_;  // until it is stopped
};

/// Asks until it is so; false if it is not within a minute.
bool eventually(const std::function<bool()>& condition);

}  // namespace ark::test
