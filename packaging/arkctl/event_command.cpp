#include "arkctl/event_command.hpp"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

namespace ark::arkctl {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kPath = "/api/v1/events";
constexpr int kWaitMs = 25'000;  // the API allows 30 s
constexpr auto kPause = std::chrono::milliseconds(500);

std::string line_of(const Json& event) {
  char head[96];
  std::snprintf(head, sizeof head, "%-24s  %-21s", event.value("time", "").c_str(), event.value("name", "").c_str());
  std::string line = head;
  for (const char* key : {"module", "version", "text"}) {
    const auto text = event.value(key, "");
    if (!text.empty()) line += (key == std::string("version") ? " " : "  ") + text;
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

/// What has been seen of which run of the container.
class Follower {
 public:
  Follower(std::filesystem::path socket, bool json) : socket_(std::move(socket)), json_(json) {}

  container::Result<Reply> run() {
    for (;;) {
      auto reply =
          ask(socket_, "GET",
              std::string(kPath) + "?since=" + std::to_string(last_) + "&wait_ms=" + std::to_string(run_ ? kWaitMs : 0),
              "");
      const auto page = reply.ok() ? Json::parse(reply->body, nullptr, false) : Json();
      const bool answered = reply.ok() && reply->status == 200 && page.is_object();
      if (answered) {
        show(page);
        continue;
      }
      if (run_ == 0) return reply;
      if (std::exchange(there_, false)) {
        std::fprintf(stderr, "arkctl: %s; waiting for it\n",
                     reply.ok() ? "the container does not answer as it should" : reply.status().text().c_str());
      }
      std::this_thread::sleep_for(kPause);
    }
  }

 private:
  void show(const Json& page) {
    const auto run = page.value("run", int64_t{0});
    const bool is_new = run_ != 0 && run != run_;
    run_ = run;
    there_ = true;
    if (is_new) {
      std::fprintf(stderr, "arkctl: the container was started anew\n");
      last_ = 0;  // the question was about the other run
      return;
    }
    if (const auto lost = page.value("lost", uint64_t{0}); lost > 0 && last_ > 0) {
      std::fprintf(stderr, "arkctl: %llu events were lost: they came faster than they were read\n",
                   static_cast<unsigned long long>(lost));
    }
    for (const auto& event : page["events"])
      std::fputs(json_ ? (event.dump() + "\n").c_str() : line_of(event).c_str(), stdout);
    std::fflush(stdout);
    last_ = page.value("last", last_);
  }

  const std::filesystem::path socket_;
  const bool json_;
  int64_t run_ = 0;  // 0: it was never reached
  uint64_t last_ = 0;
  bool there_ = true;
};

}  // namespace

std::string show_events(const Json& page) {
  std::string text;
  for (const auto& event : page["events"]) text += line_of(event);
  return text;
}

container::Result<Reply> follow_events(const std::filesystem::path& socket, bool json) {
  return Follower(socket, json).run();
}

}  // namespace ark::arkctl
