#include <acme/shop.hpp>
#include <ark/sdk.hpp>
#include <fstream>

namespace {

/// Buys one thing when it starts, and keeps the receipt.
class Customer {
 public:
  explicit Customer(ark::Context& ctx) {
    auto shop = ctx.reference<acme::Shop>();
    std::ofstream(ctx.data_dir() + "/receipt") << shop->sell("Ada") << "\n";
  }
};

}  // namespace

ARK_BIZ(Customer)
