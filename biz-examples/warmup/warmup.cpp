#include <acme/orders.hpp>

namespace {

class Warmup {
 public:
  /// Takes what it needs and starts nothing: other modules may not be there yet.
  explicit Warmup(ark::Context& ctx)
      : log_(ctx.log()),
        orders_(ctx.reference<acme::OrderService>()),
        fill_cache_(
            ctx.on<ark::ContainerStarted>([this](const auto&) { fill_cache(); }, ark::OnOptions().priority(10))),
        open_door_(ctx.on<ark::ContainerStarted>([this](const auto&) { open_door(); }, ark::OnOptions().priority(20))) {
    log_.info("constructed; nothing is warm yet");
  }

 private:
  /// Every plugin and biz of the start is up. What it throws would be logged, and the next handler would still run.
  void fill_cache() {
    if (const auto orders = orders_.try_lock()) orders_version_ = orders->version();
    log_.info("ContainerStarted, first: the cache is warm; the version of orders is " + orders_version_);
  }

  void open_door() { log_.info("ContainerStarted, second: the door is open, with orders " + orders_version_); }

  ark::Logger log_;
  std::string orders_version_ = "none";
  ark::Reference<acme::OrderService> orders_;
  ark::Subscription fill_cache_, open_door_;
};

}  // namespace

ARK_BIZ(Warmup)
