// The biz that calls: natively, and through the JSON carrier.
#include <map>
#include <memory>
#include <stdexcept>

#include "checks.hpp"
#include "flood.hpp"

namespace {

class Caller final : public ledger::Driver {
 public:
  explicit Caller(ark::Context& ctx) : ctx_(ctx) {
    ledgers_.emplace("native", ctx.reference<ledger::Ledger>());
    for (const char* type : {"acme.json", "acme.json-thread"}) {
      ledgers_.emplace(type, ctx.reference<ledger::Ledger>(ark::Filter().binding(type)));
    }
  }
  std::vector<std::string> check(std::string way) override {
    return driver::check_all({ctx_, ledger(way), way == "native", way != "acme.json-thread"});
  }
  void flood(int32_t threads, std::string way) override {
    if (flood_) throw std::logic_error("a flood runs already");
    flood_ = std::make_unique<driver::Flood>(threads, ledger(way));
  }
  bool await_round(std::chrono::milliseconds limit) override { return flood().await_round(limit); }
  ledger::Tally settle() override {
    auto tally = flood().settle();
    flood_.reset();
    return tally;
  }

 private:
  const ark::Reference<ledger::Ledger>& ledger(const std::string& way) const {
    auto found = ledgers_.find(way);
    if (found == ledgers_.end()) throw std::invalid_argument("there is no way '" + way + "'");
    return found->second;
  }
  driver::Flood& flood() const {
    if (!flood_) throw std::logic_error("no flood runs");
    return *flood_;
  }

  ark::Context& ctx_;
  std::map<std::string, ark::Reference<ledger::Ledger>> ledgers_;
  std::unique_ptr<driver::Flood> flood_;
};

class Driver {
 public:
  explicit Driver(ark::Context& ctx) : caller_(ctx), published_(ctx.publish<ledger::Driver>(caller_)) {}

 private:
  Caller caller_;
  ark::Published published_;
};

}  // namespace

ARK_BIZ(Driver)
