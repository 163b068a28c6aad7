#include <acme/greeter.hpp>
#include <ark/sdk.hpp>

namespace {

class Polite final : public acme::Greeter {
 public:
  std::string greet(const std::string& name) const override { return "Good day, " + name; }
};

class GreeterPlugin {
 public:
  explicit GreeterPlugin(ark::Context& ctx) : published_(ctx.publish<acme::Greeter>(polite_)) {}

 private:
  Polite polite_;
  ark::Published published_;
};

}  // namespace

ARK_PLUGIN(GreeterPlugin)
