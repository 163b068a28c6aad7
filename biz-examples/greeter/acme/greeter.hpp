/// What the plugin greeter offers.
#pragma once

#include <ark/sdk.hpp>

#include <cstdint>
#include <string>

namespace acme {

struct Greeter {
  virtual ~Greeter() = default;
  /// "Hello, Ada!" Any thread.
  virtual std::string greet(const std::string& name) = 0;
  /// How often it has greeted since it was started.
  virtual int64_t count() const = 0;
};

}  // namespace acme

ARK_CONTRACT(acme::Greeter, "com.acme.Greeter", "1.0", greet, count)
