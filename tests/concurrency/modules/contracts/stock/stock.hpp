/// An event that modules fire and hear, and what makes them do it.
#pragma once

#include <cstdint>
#include <string>

#include <ark/sdk.hpp>

namespace stock {

struct StockLow {
  std::string sku;
#if defined(STOCK_OF_TOMORROW)
  int64_t left = 0;
#else
  int32_t left = 0;
#endif
};

class Shop {
 public:
  virtual ~Shop() = default;
  /// Fires StockLow once for each; returns how many handlers were told in all.
  virtual uint64_t sell(const std::string& sku, int32_t times) = 0;
  /// A thread of its own fires as fast as it can until the module stops.
  virtual void sell_for_ever() = 0;
};

class Audit {
 public:
  virtual ~Audit() = default;
  virtual int64_t heard() const = 0;
  virtual std::string last() const = 0;
};

}  // namespace stock

ARK_EVENT(stock::StockLow, "com.acme.StockLow", sku, left)
ARK_CONTRACT(stock::Shop, "com.acme.stock.Shop", "1.0", sell, sell_for_ever)
ARK_CONTRACT(stock::Audit, "com.acme.stock.Audit", "1.0", heard, last)
