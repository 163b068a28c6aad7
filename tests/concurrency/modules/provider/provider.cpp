// A provider with everything that makes a module hard to unmap, done rightly: statics, a thread, thread-exit
// destructors, keys.
#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "ledger/ledger.hpp"

namespace {

/// Known to nobody else.
struct Secret : std::runtime_error {
  using runtime_error::runtime_error;
};

const std::vector<std::string> auditors{"a static that is built by", "the init array of this file"};
thread_local std::string remembered = "a thread_local with a destructor, longer than a small buffer";
const uint64_t born = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());

class Ledger final : public ledger::Ledger {
 public:
  int64_t next(int64_t n) const override { return n + 1; }
  int32_t audits() const noexcept override { return static_cast<int32_t>(auditors.size()); }
  ledger::Everything echo(const ledger::Everything& value) override {
    if (value.graph) value.graph->name += "!";
    return value;
  }
  ledger::Everything append(ledger::Everything value, std::string_view text, bool yes) override {
    remembered = text;
    remembered += " was appended, said a string too long to stay within itself";
    value.text += text;
    value.numbers.yes = yes;
    return value;
  }
  int64_t length(std::string_view text) override { return static_cast<int64_t>(text.size()); }
  void nothing() override {}
  void fail(ledger::Failure how) override;
  void listen(ark::Callback<ledger::Listener> listener) override {
    std::lock_guard lock(mutex_);
    std::swap(listener_, listener);
  }
  int64_t notify(int64_t times) override;
  uint64_t generation() const override { return born; }

 private:
  std::mutex mutex_;
  ark::Callback<ledger::Listener> listener_;  // guarded by mutex_
};

void Ledger::fail(ledger::Failure how) {
  switch (how) {
    case ledger::Failure::kListed: {
      ledger::OutOfStock error;
      error.sku = "bolts";
      error.left = 3;
      throw error;
    }
    case ledger::Failure::kPrivate:
      throw Secret("private text");
    case ledger::Failure::kInteger:
      throw 42;
    case ledger::Failure::kUnavailable:
      throw ark::ServiceUnavailable("somebody else is away");
    case ledger::Failure::kEndOfThread:
      pthread_exit(nullptr);
  }
}

int64_t Ledger::notify(int64_t times) {
  ark::Callback<ledger::Listener> listener;
  {
    std::lock_guard lock(mutex_);
    listener = listener_;
  }
  if (!listener) return 0;
  ledger::Line line{"from the provider", 0, 0, {}};
  for (int64_t i = 0; i < times; ++i) {
    try {
      listener->on_entry(line, i);
    } catch (const ark::ServiceUnavailable&) {
      return i;
    }
  }
  return times;
}

class Provider {
 public:
  explicit Provider(ark::Context& ctx) : published_(ctx.publish<ledger::Ledger>(ledger_)) {
    worker_ = std::thread([this] {
      std::unique_lock lock(mutex_);
      remembered += " by a thread of the module's own";
      ended_.wait(lock, [this] { return end_; });
    });
  }
  ~Provider() {
    {
      std::lock_guard lock(mutex_);
      end_ = true;
    }
    ended_.notify_all();
    worker_.join();
  }

 private:
  Ledger ledger_;
  ark::Published published_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;  // guarded by mutex_
  std::thread worker_;
};

}  // namespace

ARK_BIZ(Provider)
