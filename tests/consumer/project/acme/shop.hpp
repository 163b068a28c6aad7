#pragma once

#include <acme/greeter.hpp>
#include <ark/sdk.hpp>
#include <string>

namespace acme {

struct Shop {
  virtual ~Shop() = default;
  virtual std::string sell(const std::string& customer) = 0;
};

}  // namespace acme

ARK_CONTRACT(acme::Shop, "com.acme.Shop", "1.0", sell)
