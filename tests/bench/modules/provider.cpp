#include <bench/contracts.hpp>

namespace {

class Provider final : public bench::Ping {
 public:
  explicit Provider(ark::Context& ctx) : published_(ctx.publish<bench::Ping>(*this)) {}
  int64_t add(int64_t n) const override { return n + 1; }

 private:
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Provider)
