#include <ark/sdk.hpp>

namespace {

class Hello {
 public:
  explicit Hello(ark::Context& ctx) : log_(ctx.log()) { log_.info("hello"); }
  ~Hello() { log_.info("goodbye"); }

 private:
  ark::Logger log_;
};

}  // namespace

ARK_BIZ(Hello)
