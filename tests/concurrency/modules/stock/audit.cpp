// Hears what the shop fires.
#include <mutex>
#include <stock/stock.hpp>

namespace {

class Audit final : public stock::Audit {
 public:
  explicit Audit(ark::Context& ctx)
      : low_(ctx.on<stock::StockLow>([this](const stock::StockLow& event) { hear(event); },
                                     ark::OnOptions().module("stock-shop"))),
        published_(ctx.publish<stock::Audit>(*this)) {}

  int64_t heard() const override {
    std::lock_guard lock(mutex_);
    return heard_;
  }
  std::string last() const override {
    std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  void hear(const stock::StockLow& event) {
    std::lock_guard lock(mutex_);
    ++heard_;
    last_ = event.sku + " " + std::to_string(event.left);
  }

  mutable std::mutex mutex_;
  int64_t heard_ = 0;  // guarded by mutex_
  std::string last_;   // guarded by mutex_
  ark::Subscription low_;
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Audit)
