#include <acme/greeter.hpp>
#include <acme/shop.hpp>
#include <ark/sdk.hpp>

namespace acme {

int next_price();

}  // namespace acme

namespace {

class CornerShop final : public acme::Shop {
 public:
  explicit CornerShop(ark::Context& ctx) : greeter_(ctx.reference<acme::Greeter>()) {}

  std::string sell(const std::string& customer) override {
    return greeter_->greet(customer) + ", that is " + std::to_string(acme::next_price());
  }

 private:
  ark::Reference<acme::Greeter> greeter_;
};

class ShopBiz {
 public:
  explicit ShopBiz(ark::Context& ctx) : shop_(ctx), published_(ctx.publish<acme::Shop>(shop_)) {}

 private:
  CornerShop shop_;
  ark::Published published_;
};

}  // namespace

ARK_BIZ(ShopBiz)
