#include <acme/audit.hpp>
#include <acme/orders.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr int kCallers = 2;
constexpr int kCallsAtATime = 100;  // then a breath: an example leaves the machine usable

class Audit final : public acme::Audit {
 public:
  explicit Audit(ark::Context& ctx)
      : log_(ctx.log()),
        orders_(ctx.reference<acme::OrderService>()),
        published_(ctx.publish<acme::Audit>(*this)),
        on_started_(ctx.on<ark::ContainerStarted>([this](const auto&) { start(); })) {}

  ~Audit() override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
    }
    end_.notify_all();
    for (auto& thread : threads_) thread.join();
    log_.info("audit: " + summary());
  }

  acme::AuditReport report() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return report_;
  }

 private:
  void start() {
    for (int i = 0; i < kCallers; ++i) {
      threads_.emplace_back([this] {
        while (!over(std::chrono::milliseconds(1))) call();
      });
    }
    threads_.emplace_back([this] {
      while (!over(std::chrono::seconds(1))) log_.info("audit: " + summary());
    });
  }

  /// Calls without a pause. Nothing here knows that orders may be replaced.
  void call() {
    const acme::Order order{"Ada", {{"bolt", 3}, {"nut", 3}}};
    for (int i = 0; i < kCallsAtATime; ++i) {
      try {
        orders_->place(order);
        count(orders_->version(), "");
      } catch (const std::exception& e) {
        count("", e.what());
      }
    }
  }

  void count(const std::string& version, const std::string& failure) {
    std::lock_guard<std::mutex> lock(mutex_);
    report_.calls += 1;
    if (failure.empty()) {
      report_.calls_by_version[version] += 1;
    } else {
      report_.failed += 1;
      report_.last_failure = failure;
    }
  }

  /// Waits so long, or until the destructor is waiting for the threads.
  bool over(std::chrono::milliseconds wait) {
    std::unique_lock<std::mutex> lock(mutex_);
    return end_.wait_for(lock, wait, [this] { return ending_; });
  }

  std::string summary() const {
    const auto now = report();
    auto text = std::to_string(now.calls) + " calls, " + std::to_string(now.failed) + " failed calls; answered by";
    for (const auto& [version, calls] : now.calls_by_version)
      text += " " + version + " (" + std::to_string(calls) + ")";
    if (now.failed > 0) text += "; the last failure: " + now.last_failure;
    return text;
  }

  ark::Logger log_;
  mutable std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;       // guarded by mutex_
  acme::AuditReport report_;  // guarded by mutex_
  std::vector<std::thread> threads_;
  ark::Reference<acme::OrderService> orders_;
  ark::Published published_;
  ark::Subscription on_started_;
};

}  // namespace

ARK_BIZ(Audit)
