// Fires events, from calls and from a thread of its own.
#include <atomic>
#include <stock/stock.hpp>
#include <thread>

namespace {

class Shop final : public stock::Shop {
 public:
  explicit Shop(ark::Context& ctx) : ctx_(ctx), published_(ctx.publish<stock::Shop>(*this)) {
    ctx_.fire(stock::StockLow{"from the constructor", 0});
  }
  ~Shop() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
  }

  uint64_t sell(const std::string& sku, int32_t times) override {
    uint64_t told = 0;
    for (int32_t left = times - 1; left >= 0; --left) told += ctx_.fire(stock::StockLow{sku, left});
    return told;
  }
  void sell_for_ever() override {
    thread_ = std::thread([this] {
      while (!ending_) {
        try {
          ctx_.fire(stock::StockLow{"a name that does not fit into the string itself", 1});
        } catch (const ark::Error&) {  // too many wait, or it stops
          std::this_thread::yield();
        }
      }
    });
  }

 private:
  ark::Context& ctx_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Shop)
