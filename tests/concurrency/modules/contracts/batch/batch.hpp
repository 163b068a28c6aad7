/// A module that registers much at once, and a gate of the test's that it passes while it is being constructed.
#pragma once

#include <cstdint>

#include <ark/sdk.hpp>

namespace batch {

inline constexpr int32_t kItems = 8;

class Item {
 public:
  virtual ~Item() = default;
  virtual int32_t number() const = 0;
};

/// Provided by the test: called in the middle of the module's constructor and of its event handler.
class Gate {
 public:
  virtual ~Gate() = default;
  virtual void in_constructor() = 0;
  virtual void in_handler() = 0;
};

}  // namespace batch

ARK_CONTRACT(batch::Item, "com.acme.batch.Item", "1.0", number)
ARK_CONTRACT(batch::Gate, "com.acme.batch.Gate", "1.0", in_constructor, in_handler)
