#include "checks.hpp"

#include <cmath>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "sample.hpp"

namespace driver {
namespace {

using ledger::Everything;
using ledger::Failure;
using ledger::Ledger;

/// Frees the value with its graph, unless another value holds that graph too: then with the last one.
void drop(Everything& value) {
  ark::let_go(value);
  value = {};
}

class Checks {
 public:
  explicit Checks(const Way& way) : way_(way) {}
  std::vector<std::string> run();

 private:
  void expect(bool right, const char* what) {
    if (!right) wrong_.push_back(what);
  }
  /// A check that ends in an exception is one that failed, and the next one runs.
  void guarded(const char* what, void (Checks::*check)()) {
    try {
      (this->*check)();
    } catch (const std::exception& error) {
      wrong_.push_back(std::string(what) + " threw: " + error.what());
    }
  }
  void small_values();
  void every_kind();
  void extreme_values();
  void listed_error();
  void other_errors();
  void end_of_thread();
  void shared_graph();
  void graphs_are_freed();
  void callback();
  void cancelled_callback();

  const Way& way_;
  const ark::Reference<Ledger>& ledger_ = way_.ledger;
  std::vector<std::string> wrong_;
};

std::vector<std::string> Checks::run() {
  guarded("small values", &Checks::small_values);
  guarded("every kind", &Checks::every_kind);
  guarded("extreme values", &Checks::extreme_values);
  guarded("listed error", &Checks::listed_error);
  guarded("other errors", &Checks::other_errors);
  guarded("end of thread", &Checks::end_of_thread);
  guarded("shared graph", &Checks::shared_graph);
  guarded("graphs are freed", &Checks::graphs_are_freed);
  guarded("callback", &Checks::callback);
  guarded("cancelled callback", &Checks::cancelled_callback);
  return std::move(wrong_);
}

void Checks::small_values() {
  expect(ledger_->next(41) == 42, "next(41) is 42");
  expect(ledger_->audits() == 2, "audits(), which is noexcept, is 2");
  expect(ledger_->length("four") == 4, "length of a text is 4");
  expect(ledger_->length(std::string_view("a\"b\0c", 5)) == 5, "length of a text with a quote and a NUL is 5");
  expect(ledger_->length("") == 0, "length of nothing is 0");
  ledger_->nothing();
}

void Checks::every_kind() {
  auto sent = make_sample();
  auto back = ledger_->echo(sent);
  expect(same_values(sent, back), "a value of every kind comes back as it was");
  drop(back);
  ark::let_go(sent);
  auto appended = ledger_->append(sent, "/by value", true);
  sent.text += "/by value";
  sent.numbers.yes = true;
  expect(same_values(sent, appended), "a value of every kind, passed by value, comes back as it was");
  for (int index = 0; index < 2; ++index) {
    if (index == 0) sent.choice = int32_t{-9};
    if (index == 1) sent.choice = std::string("text");
    expect(same_values(ledger_->echo(sent), sent), "each alternative of a variant comes back as it was");
  }
  const Everything empty{};
  expect(same_values(ledger_->echo(empty), empty), "empty values come back empty");
}

void Checks::extreme_values() {
  Everything e{};
  e.numbers.i64 = std::numeric_limits<int64_t>::max();
  e.numbers.i8 = std::numeric_limits<int8_t>::max();
  e.numbers.precise = std::numeric_limits<double>::denorm_min();
  e.numbers.single = std::numeric_limits<float>::max();
  e.table[0] = {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::max(), -0.0};
  auto back = ledger_->echo(e);
  expect(same_values(e, back), "the greatest and the smallest numbers come back as they were");
  expect(std::signbit(back.table[0][2]), "minus zero keeps its sign");
  e.numbers.precise = std::numeric_limits<double>::quiet_NaN();
  expect(std::isnan(ledger_->echo(e).numbers.precise), "not-a-number comes back as that");
}

void Checks::listed_error() {
  try {
    ledger_->fail(Failure::kListed);
    expect(false, "a listed error is thrown");
  } catch (const ledger::OutOfStock& error) {
    expect(error.sku == "bolts" && error.left == 3, "a listed error arrives as the caller's own type, with its values");
  }
}

void Checks::other_errors() {
  try {
    ledger_->fail(Failure::kPrivate);
    expect(false, "a private error is thrown");
  } catch (const ark::ServiceError& error) {
    expect(error.text() == "private text", "a private error arrives as a ServiceError with its text");
    expect(error.type().find("Secret") != std::string::npos, "a private error arrives with the name of its type");
  }
  try {
    ledger_->fail(Failure::kInteger);
    expect(false, "an int is thrown");
  } catch (const ark::ServiceError& error) {
    expect(!error.type().empty(), "a thrown int arrives with the name of its type");
  }
  try {
    ledger_->fail(Failure::kUnavailable);
    expect(false, "ServiceUnavailable is thrown");
  } catch (const ark::ServiceUnavailable&) {
    expect(false, "a provider that was reached is not unavailable itself");
  } catch (const ark::ServiceError& error) {
    expect(error.text().find("somebody else is away") != std::string::npos, "ServiceUnavailable passes with its text");
    expect(error.type() == "ark::ServiceUnavailable", "and with its type");
  }
  expect(std::uncaught_exceptions() == 0, "no exception is left over");
}

/// A provider that ends the thread it runs on: the thread unwinds through the call, which pins nothing afterwards.
void Checks::end_of_thread() {
  if (!way_.caller_thread) return;  // it would be the carrier's thread that ends
  bool after = false;
  std::thread caller([&] {
    try {
      ledger_->fail(Failure::kEndOfThread);
    } catch (const std::exception&) {
    }
    after = true;
  });
  caller.join();
  expect(!after, "the end of the caller's thread passes through the call");
}

void Checks::shared_graph() {
  auto sent = make_sample();
  auto back = ledger_->echo(sent);
  auto a = back.graph;
  expect(a && a->name == "a!" && a->next && a->next->name == "b", "the nodes of a graph arrive");
  expect(a->next->next.get() == a.get(), "a graph that holds itself does so afterwards");
  expect(a->peers.size() == 3 && a->peers[0].get() == a.get() && a->peers[1].get() == a->next.get() && !a->peers[2],
         "several references to one node are to one node afterwards");
  expect((a.get() == sent.graph.get()) == way_.in_process, "a graph is shared in process and copied by a carrier");
  a = {};
  drop(back);
  drop(sent);
}

/// Counts the nodes that exist by keeping one count of one node of each graph.
void Checks::graphs_are_freed() {
  for (int i = 0; i < 50; ++i) {
    auto sent = make_sample();
    auto kept = sent.graph;
    auto back = ledger_->echo(sent);
    drop(back);
    drop(sent);
    expect(kept && kept->next && kept->next->next.get() == kept.get(), "a graph that is still held is not taken apart");
    ark::let_go(kept);
    expect(!kept || kept.use_count() == 1, "after all have let go of a graph its first node is held once");
    if (!wrong_.empty()) return;
  }
}

class Counting final : public ledger::Listener {
 public:
  void on_entry(const ledger::Line& line, int64_t number) override {
    std::lock_guard lock(mutex_);
    if (line.sku == "from the provider" && number == calls_) ++calls_;
  }
  int64_t calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  mutable std::mutex mutex_;
  int64_t calls_ = 0;
};

void Checks::callback() {
  Counting counting;
  auto lent = way_.ctx.lend<ledger::Listener>(counting);
  ledger_->listen(lent.get());
  expect(ledger_->notify(3) == 3 && counting.calls() == 3, "a listener is called, in order, with its values");
  lent.cancel();
  expect(ledger_->notify(5) == 0 && counting.calls() == 3, "a cancelled listener is not called");
  ledger_->listen({});
  expect(ledger_->notify(1) == 0, "no listener is called when there is none");
}

/// Stays inside until the call that cancels it has begun: from then on new calls find nobody.
class Slow final : public ledger::Listener {
 public:
  ark::Callback<ledger::Listener> self;

  void on_entry(const ledger::Line&, int64_t number) override {
    if (number < 0) return;  // its own question, below
    {
      std::lock_guard lock(mutex_);
      inside_ = true;
      entered_.notify_all();
    }
    for (;;) {
      try {
        self->on_entry({}, -1);
      } catch (const ark::ServiceUnavailable&) {
        break;
      }
    }
    std::lock_guard lock(mutex_);
    inside_ = false;
  }
  void await_inside() {
    std::unique_lock lock(mutex_);
    entered_.wait(lock, [this] { return inside_; });
  }
  bool inside() {
    std::lock_guard lock(mutex_);
    return inside_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable entered_;
  bool inside_ = false;  // guarded by mutex_
};

void Checks::cancelled_callback() {
  if (!way_.caller_thread) return;  // the plugin's one thread is inside the listener, and cannot carry what asks for it
  Slow slow;
  auto lent = way_.ctx.lend<ledger::Listener>(slow);
  slow.self = lent.get();
  ledger_->listen(lent.get());
  int64_t reached = -1;
  std::thread caller([&] { reached = ledger_->notify(1000); });
  slow.await_inside();
  lent.cancel();
  expect(!slow.inside(), "cancelling waits for a call that is inside");
  caller.join();
  expect(reached == 1, "nothing runs after a cancellation");
  ledger_->listen({});
}

}  // namespace

std::vector<std::string> check_all(const Way& way) { return Checks(way).run(); }

}  // namespace driver
