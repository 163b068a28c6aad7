#include <ark/sdk.hpp>

namespace {

struct Greeter {
  explicit Greeter(ark::Context&) {}
};

}  // namespace

ARK_PLUGIN(Greeter)
