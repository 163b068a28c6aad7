// The least that is a module in C++.
#include <ark/sdk.hpp>

namespace {

class Nothing {
 public:
  explicit Nothing(ark::Context&) {}
};

}  // namespace

ARK_BIZ(Nothing)
