// The smallest C++ module, of which a thousand are started.
#include <ark/sdk.hpp>

namespace {

class Tiny {
 public:
  explicit Tiny(ark::Context&) {}
};

}  // namespace

ARK_BIZ(Tiny)
