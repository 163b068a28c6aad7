/// Starting a container in the test's own process.
#pragma once

#include <ark/container/container.hpp>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ark::test {

/// Created and started; throws std::runtime_error with the container's reason if that fails.
inline std::unique_ptr<container::Container> start_container(container::Options options) {
  auto created = container::Container::create(std::move(options));
  if (!created.ok()) throw std::runtime_error(created.status().text());
  const auto started = (*created)->start();
  if (!started.status.ok()) throw std::runtime_error(started.status.text());
  return std::move(*created);
}

/// Options::log that prints.
inline void log_to_stderr(int, std::string_view source, std::string_view text) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(source.size()), source.data(), static_cast<int>(text.size()),
               text.data());
}

}  // namespace ark::test
