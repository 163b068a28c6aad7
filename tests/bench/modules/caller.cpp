#include <algorithm>
#include <atomic>
#include <bench/contracts.hpp>
#include <chrono>
#include <functional>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t kTurns = 200'000;

/// ns for one turn of the slowest thread, all of them busy at once; the least of `rounds`.
double least(int threads, int rounds, int64_t turns, const std::function<void(int64_t)>& run) {
  double best = 1e12;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::thread> all;
    std::vector<double> took(static_cast<size_t>(threads));
    std::atomic<int> ready{0};
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&, i] {
        ++ready;
        while (ready < threads) {
        }
        const auto begin = Clock::now();
        run(turns);
        took[static_cast<size_t>(i)] = std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(turns);
      });
    }
    for (auto& thread : all) thread.join();
    best = std::min(best, *std::max_element(took.begin(), took.end()));
  }
  return best;
}

class Caller final : public bench::Caller, bench::Other {
 public:
  explicit Caller(ark::Context& ctx) : ctx_(ctx), ping_(ctx.reference<bench::Ping>()), published_(ctx.publish<bench::Caller>(*this)) {}

  std::vector<double> calls(int32_t threads, int32_t rounds) override {
    double plain = 1e12, referenced = 1e12;
    for (int round = 0; round < rounds; ++round) {  // in turn: the machine is not always quiet
      plain = std::min(plain, least(threads, 1, kTurns, [this](int64_t n) { sink_ = call_bare(n); }));
      referenced = std::min(referenced, least(threads, 1, kTurns, [this](int64_t n) { sink_ = call_referenced(n); }));
    }
    return {plain, referenced};
  }

  double look_up(int32_t rounds) override {
    return least(1, rounds, kTurns / 10, [&](int64_t n) {
      for (int64_t i = 0; i < n; ++i) {
        auto reference = ctx_.reference<bench::Ping>();
        asm volatile("" : : "r"(reference.slot()) : "memory");
      }
    });
  }

  double publish_and_withdraw(int32_t rounds) override {
    return least(1, rounds, kTurns / 100, [&](int64_t n) {
      for (int64_t i = 0; i < n; ++i) auto published = ctx_.publish<bench::Other>(*this);
    });
  }

  void listen(int32_t handlers) override {
    subscriptions_.clear();
    for (int32_t i = 0; i < handlers; ++i) {
      subscriptions_.push_back(ctx_.on<ark::ContainerStopping>([this](const auto&) { heard_ = heard_ + 1; }));
    }
  }

  int64_t nothing() override { return 0; }

 private:
  // Neither loop may keep in registers what a caller would have to read: memory may have changed at every turn.
  __attribute__((noinline)) int64_t call_bare(int64_t turns) const {
    int64_t sum = 0;
    const auto* object = static_cast<const bench::Ping*>(ping_.slot()->entry->target);  // only to measure the bare call
    for (int64_t i = 0; i < turns; ++i) {
      asm volatile("" : "+r"(object)::"memory");  // the compiler may not know whose object it is
      sum += object->add(i);
    }
    return sum;
  }
  __attribute__((noinline)) int64_t call_referenced(int64_t turns) const {
    int64_t sum = 0;
    for (int64_t i = 0; i < turns; ++i) {
      asm volatile("" ::: "memory");
      sum += ping_->add(i);
    }
    return sum;
  }

  ark::Context& ctx_;
  std::atomic<int64_t> sink_{0};
  volatile int64_t heard_ = 0;
  ark::Reference<bench::Ping> ping_;
  ark::Published published_;
  std::vector<ark::Subscription> subscriptions_;
};

}  // namespace

ARK_BIZ(Caller)
