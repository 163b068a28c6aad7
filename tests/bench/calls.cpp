#include <chrono>

#include "bench/contracts.hpp"
#include "benches.hpp"
#include "event/dispatcher.hpp"
#include "lifecycle/container_impl.hpp"
#include "lifecycle/host_client.hpp"
#include "support.hpp"

namespace ark::bench {
namespace {

using Clock = std::chrono::steady_clock;
using CallerReference = ark::Reference<::bench::Caller>;

std::string text(const char* format, double a, double b) {
  char line[96];
  std::snprintf(line, sizeof line, format, a, b);
  return line;
}

void bench_call(const CallerReference& caller, const Setup& setup, int threads, std::vector<Row>& rows) {
  const auto ns = caller->calls(threads, setup.quick ? 2 : 150);
  rows.push_back({"call through a reference, beyond a virtual call, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads"), "ns", 1,
                  ns[1] - ns[0], text("virtual call %.2f ns, through a reference %.2f ns", ns[0], ns[1]),
                  threads == 1 ? "shared_ptr copy 19 ns, Celix tracker 53 ns, CppMicroServices tracker 38 ns (recorded)" : "shared_ptr copy 90 ns (recorded)",
                  true});
}

using container::event::Id;

/// us to give an event to its handlers, on one thread.
double event_us(container::event::Dispatcher& dispatcher, int turns) {
  auto lane = dispatcher.lane();
  const auto begin = Clock::now();
  for (int i = 0; i < turns; ++i) {
    if (!dispatcher.listens(Id::kContainerStopping)) continue;
    const auto firing = std::make_shared<container::event::Firing>(container::event::Event{"ContainerStopping", "", "", {}});
    const auto handlers = dispatcher.handlers_of(Id::kContainerStopping, firing);
    for (auto& handler : *handlers) dispatcher.deliver(handler, *firing, lane);
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / turns;
}

/// The same as the container does it: in the journal, and on the thread for events.
double announced_us(container::lifecycle::Announcer& announcer) {
  const auto begin = Clock::now();
  announcer.container_stopping();
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

void bench_events(const CallerReference& caller, container::event::Dispatcher& dispatcher, const Setup& setup, std::vector<Row>& rows) {
  struct Case {
    int handlers;
    double goal;
    const char* peers;
  };
  for (const auto& one : {Case{0, 0.1, "Celix 0.14 us, SOFAArk 1.0 us (recorded)"}, Case{1, 0.15, "Celix 0.26 us, SOFAArk 1.6 us (recorded)"},
                          Case{10, 0.5, "Celix 1.2 us, SOFAArk 5.4 us (recorded)"}}) {
    caller->listen(one.handlers);
    std::vector<double> samples;
    for (int round = 0; round < (setup.quick ? 2 : 60); ++round) samples.push_back(event_us(dispatcher, 5000));
    rows.push_back({"event to " + std::to_string(one.handlers) + " handlers", "us", one.goal, least(samples), "", one.peers});
  }
  caller->listen(1000);
  container::event::Journal journal;
  container::loader::LentThread thread;
  container::lifecycle::Announcer announcer(dispatcher, journal, thread, std::chrono::seconds(10), {});
  std::vector<double> samples;
  for (int round = 0; round < (setup.quick ? 2 : 2000); ++round) samples.push_back(announced_us(announcer));
  rows.push_back({"event to 1,000 handlers, on the thread for events, in the journal", "us", 50, median(samples),
                  text("least %.1f us, median %.1f us", least(samples), median(samples)), ""});
  caller->listen(0);
}

}  // namespace

void bench_calls(const Setup& setup, std::vector<Row>& rows) {
  auto container = started_container(setup.memory / "calls");
  install(*container, BENCH_PROVIDER);
  install(*container, BENCH_CALLER);
  {
    container::lifecycle::HostClient client(*container, "bench", "1.0.0");
    ark::Context context(client.host(), client.generation());
    const auto caller = context.reference<::bench::Caller>();
    bench_call(caller, setup, 1, rows);
    bench_call(caller, setup, 2, rows);
    const int rounds = setup.quick ? 2 : 60;
    rows.push_back({"look-up of the best of 1 provider", "ns", 50, caller->look_up(rounds), "", "Celix 1.8 us, CppMicroServices 0.96 us (recorded)"});
    {
      struct Impl final : ::bench::Ping {
        int64_t add(int64_t n) const override { return n; }
      } impl;
      std::vector<ark::Published> published;
      for (int i = 1; i < 100; ++i) {
        published.push_back(context.publish<::bench::Ping>(impl, ark::ServiceOptions().unique_id(std::to_string(i)).priority(200)));
      }
      rows.push_back({"look-up of the best of 100 providers", "ns", 50, caller->look_up(rounds), "", "Celix 34.5 us, CppMicroServices 51 us (recorded)"});
    }
    rows.push_back({"publish + withdraw, nobody calling", "us", 2, caller->publish_and_withdraw(rounds) / 1000, "",
                    "Celix 12 us, CppMicroServices 2.9 us (recorded)"});
    bench_events(caller, *static_cast<container::lifecycle::ContainerImpl&>(*container).core().dispatcher, setup, rows);
  }
  stop(*container);
}

}  // namespace ark::bench
