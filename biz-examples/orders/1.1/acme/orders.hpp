/// What the biz orders offers, version 1.1. Everything of 1.0 is as it was; one method is new, at the end.
#pragma once

#include <ark/sdk.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace acme {

struct OrderLine {
  std::string sku;
  int32_t count = 0;
};

struct Order {
  std::string customer;
  std::vector<OrderLine> lines;
};

struct Receipt {
  int64_t number = 0;
  int64_t total_cents = 0;
  std::string message;
};

/// There is not enough of something.
struct OutOfStock : std::exception {
  std::string sku;
  int32_t left = 0;
  OutOfStock() = default;
  OutOfStock(std::string s, int32_t l) : sku(std::move(s)), left(l) {}
  const char* what() const noexcept override { return "out of stock"; }
};

struct OrderService {
  using errors = ark::Errors<OutOfStock>;
  virtual ~OrderService() = default;
  /// Throws OutOfStock. Any thread.
  virtual Receipt place(const Order& order) = 0;
  /// Which version answers: "1.1.0".
  virtual std::string version() const = 0;
  /// How many orders it has taken since it was started.
  virtual int64_t placed() const = 0;
  /// What shipping an order costs, in cents. Since 1.1.
  virtual int64_t shipping_cents(const Order& order) const = 0;
};

}  // namespace acme

ARK_STRUCT(acme::OrderLine, "com.acme.OrderLine", sku, count)
ARK_STRUCT(acme::Order, "com.acme.Order", customer, lines)
ARK_STRUCT(acme::Receipt, "com.acme.Receipt", number, total_cents, message)
ARK_ERROR(acme::OutOfStock, "com.acme.OutOfStock", sku, left)
ARK_CONTRACT(acme::OrderService, "com.acme.OrderService", "1.1", place, version, placed, shipping_cents)
