#include "linked/orders.hpp"

#include <ark/sdk.hpp>

#include "acme.hpp"

namespace acme {

/// Publishes and stops as the test says. Keeps using its context to the end.
class Orders {
 public:
  explicit Orders(ark::Context& context) : context_(context), published_(context.publish<Greeter>(polite_)) {
    if (on_orders_start) on_orders_start();
    ++orders_alive;
  }
  ~Orders() noexcept(false) {
    --orders_alive;
    context_.log().info("stopping " + context_.name());
    if (on_orders_stop) on_orders_stop();
  }

 private:
  ark::Context& context_;
  Polite polite_;
  ark::Published published_;
};

ARK_BIZ(Orders)

}  // namespace acme
