// Publishes many services from one constructor, and passes the test's gate between them.
#include <vector>

#include "batch/batch.hpp"

namespace {

class Item final : public batch::Item {
 public:
  explicit Item(int32_t number) : number_(number) {}
  int32_t number() const override { return number_; }

 private:
  int32_t number_;
};

class Batch {
 public:
  explicit Batch(ark::Context& ctx)
      : gate_(ctx.reference<batch::Gate>()),
        on_started_(ctx.on<ark::ContainerStarted>([this](const auto&) { gate_->in_handler(); })) {
    items_.reserve(batch::kItems);
    for (int32_t i = 0; i < batch::kItems; ++i) {
      items_.emplace_back(i);
      published_.push_back(ctx.publish<batch::Item>(items_.back(), ark::ServiceOptions().unique_id(std::to_string(i))));
      gate_->in_constructor();
    }
  }

 private:
  ark::Reference<batch::Gate> gate_;
  ark::Subscription on_started_;
  std::vector<Item> items_;
  std::vector<ark::Published> published_;
};

}  // namespace

ARK_BIZ(Batch)
