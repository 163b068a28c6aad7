// Callers that were built for version 1.1 of the contract. A program of its own: it knows another acme::OrderService.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <acme/orders.hpp>

#include "running_examples.hpp"

namespace {

using ark::test::RunningExamples;

TEST(OrdersOfTheNextContract, QuoteShipping) {
  RunningExamples examples({GREETER, ORDERS_1_1});
  auto orders = examples.context().reference<acme::OrderService>();
  EXPECT_EQ(orders->shipping_cents({"Ada", {{"bolt", 19}}}), 490);
  EXPECT_EQ(orders->shipping_cents({"Ada", {{"bolt", 20}}}), 0) << "from 50.00 it is free";
}

TEST(OrdersOfTheNextContract, AreNotFoundInTheFirstVersion) {
  RunningExamples examples({GREETER, ORDERS_1_0});
  auto orders = examples.context().reference<acme::OrderService>(ark::Filter().versions("1.1"));
  EXPECT_THROW(orders->shipping_cents({"Ada", {}}), ark::ServiceUnavailable);
  examples.replace(ORDERS_1_1);
  EXPECT_EQ(orders->shipping_cents({"Ada", {}}), 490);
}

}  // namespace
