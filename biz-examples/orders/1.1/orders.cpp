#include <acme/greeter.hpp>
#include <acme/orders.hpp>

#include <atomic>

namespace {

constexpr int32_t kInStock = 1000;
constexpr int64_t kPriceCents = 250, kShippingCents = 490, kFreeFromCents = 5000;

class Orders final : public acme::OrderService {
 public:
  explicit Orders(ark::Context& ctx)
      : version_(ctx.version()),
        greeter_(ctx.reference<acme::Greeter>()),
        published_(ctx.publish<acme::OrderService>(*this)) {}

  acme::Receipt place(const acme::Order& order) override {
    acme::Receipt receipt;
    for (const auto& line : order.lines) {
      if (line.count > kInStock) throw acme::OutOfStock(line.sku, kInStock);
      receipt.total_cents += line.count * kPriceCents;
    }
    receipt.total_cents += shipping(receipt.total_cents);
    receipt.number = ++last_number_;
    receipt.message = greeter_->greet(order.customer);
    return receipt;
  }
  std::string version() const override { return version_; }
  int64_t placed() const override { return last_number_; }
  int64_t shipping_cents(const acme::Order& order) const override {
    int64_t goods = 0;
    for (const auto& line : order.lines) goods += line.count * kPriceCents;
    return shipping(goods);
  }

 private:
  static int64_t shipping(int64_t goods_cents) { return goods_cents >= kFreeFromCents ? 0 : kShippingCents; }

  const std::string version_;
  std::atomic<int64_t> last_number_{0};
  ark::Reference<acme::Greeter> greeter_;  // follows whoever provides it
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Orders)
