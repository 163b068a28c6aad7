#pragma once

#include <ark/sdk.hpp>
#include <string>

namespace acme {

struct Greeter {
  virtual ~Greeter() = default;
  virtual std::string greet(const std::string& name) const = 0;
};

}  // namespace acme

ARK_CONTRACT(acme::Greeter, "com.acme.Greeter", "1.0", greet)
