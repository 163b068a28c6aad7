#include <acme/greeter.hpp>
#include <acme/orders.hpp>

#include <atomic>

namespace {

constexpr int32_t kInStock = 1000;
constexpr int64_t kPriceCents = 250;

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
    receipt.number = ++last_number_;
    receipt.message = greeter_->greet(order.customer);
    return receipt;
  }
  std::string version() const override { return version_; }
  int64_t placed() const override { return last_number_; }

 private:
  const std::string version_;
  std::atomic<int64_t> last_number_{0};
  ark::Reference<acme::Greeter> greeter_;  // follows whoever provides it
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Orders)
