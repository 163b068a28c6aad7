/// Containers for benchmarks. What fails ends the program: nothing that is measured may fail.
#pragma once

#include <ark/container/container.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "support/started.hpp"

namespace ark::bench {

inline void must(const container::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "ark-bench: %s\n", status.text().c_str());
  std::_Exit(1);
}

inline std::unique_ptr<container::Container> started_container(const std::filesystem::path& home) {
  container::Options options;
  options.home = home;
  options.log_level = 3;
  options.log = test::log_to_stderr;
  auto created = container::Container::create(std::move(options));
  must(created.status());
  must((*created)->start().status);
  return std::move(*created);
}

inline void install(container::Container& container, const char* package) { must(container.install(package, {false, true}).status); }
inline void stop(container::Container& container) { must(container.stop().status); }

}  // namespace ark::bench
