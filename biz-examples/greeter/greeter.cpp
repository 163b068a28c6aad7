#include <acme/greeter.hpp>

#include <atomic>

namespace {

class PoliteGreeter final : public acme::Greeter {
 public:
  std::string greet(const std::string& name) override {
    ++count_;
    return "Hello, " + name + "!";
  }
  int64_t count() const override { return count_; }

 private:
  std::atomic<int64_t> count_{0};
};

class GreeterPlugin {
 public:
  explicit GreeterPlugin(ark::Context& ctx) : published_(ctx.publish<acme::Greeter>(greeter_)) {}

 private:
  PoliteGreeter greeter_;
  ark::Published published_;  // after what it publishes, so that it goes first
};

}  // namespace

ARK_PLUGIN(GreeterPlugin)
