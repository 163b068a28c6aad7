#include "arkctl/operator_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "arkctl/api_client.hpp"
#include "arkctl/event_command.hpp"
#include "arkctl/table.hpp"
#include "base/text.hpp"
#include "config/setting_values.hpp"

namespace ark::arkctl {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int kFailed = 1, kUnreachable = 3;

struct Request {
  std::string method, target, body;
};

/// What all commands share.
struct Commands {
  const Target& target;
  const bool& json;
  int& status;

  fs::path socket() const { return socket_of(target); }

  /// Asks, and shows the answer as JSON or by `show`; a refusal goes to standard error. Returns the answer, null if
  /// there is none that was asked for.
  Json run(const Request& request, const std::function<std::string(const Json&)>& show) const {
    return run(ask(socket(), request.method, "/api/v1" + request.target, request.body), show);
  }

  Json run(const container::Result<Reply>& reply, const std::function<std::string(const Json&)>& show) const {
    if (!reply.ok()) {
      std::fprintf(stderr, "arkctl: %s\n", reply.status().text().c_str());
      status = kUnreachable;
      return nullptr;
    }
    const Json answer = Json::parse(reply->body, nullptr, false);
    const bool done = reply->status == 200 && !answer.is_discarded();
    if (!done) {
      status = kFailed;
      std::fprintf(stderr, "arkctl: %s\n", reason_of(answer, *reply).c_str());
    }
    if (json && !answer.is_discarded()) {
      std::printf("%s\n", answer.dump(2).c_str());
    } else if (done ||
               (answer.is_object() && answer.contains("steps"))) {  // an operation that failed shows how far it came
      std::fputs(show(answer).c_str(), stdout);
    }
    return done ? answer : Json();
  }

 private:
  static std::string reason_of(const Json& answer, const Reply& reply) {
    if (answer.is_object()) {
      for (const char* place : {"status", "error"}) {
        if (answer.contains(place) && answer[place].is_object())
          return answer[place].value("text", "failed without a reason");
      }
    }
    return "the container answered with HTTP status " + std::to_string(reply.status) + ": " + reply.body.substr(0, 200);
  }
};

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string all;
  for (const auto& one : value) container::base::add_to_list(&all, ", ", text_of(one));
  return all;
}

std::string milliseconds(const Json& value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value.get<double>());
  return text;
}

std::string show_modules(const Json& modules) {
  std::vector<std::vector<std::string>> rows{
      {"NAME", "VERSION", "KIND", "STATE", "GEN", "LOAD MS", "START MS", "SERVICES"}};
  std::string remarks;
  for (const auto& m : modules) {
    const bool transient = m.value("transient", false);
    rows.push_back({text_of(m["name"]), text_of(m["version"]), text_of(m["kind"]), text_of(m["state"]) + (transient ? " (transient)" : ""),
                    text_of(m["generation"]), milliseconds(m["load_ms"]), milliseconds(m["start_ms"]),
                    text_of(m["services"])});
    const std::string who = text_of(m["name"]) + " " + text_of(m["version"]);
    if (!text_of(m["error"]).empty()) remarks += container::base::said_of(who, text_of(m["error"])) + "\n";
    for (const auto& reason : m["reasons"]) remarks += container::base::said_of(who, text_of(reason)) + "\n";
  }
  return table(rows) + remarks;
}

std::string show_services(const Json& services) {
  std::vector<std::vector<std::string>> rows{
      {"ID", "VERSION", "MODULE", "PRIORITY", "UNIQUE ID", "BINDINGS", "USED BY", "SHADOWED BY"}};
  for (const auto& s : services) {
    rows.push_back({text_of(s["id"]), text_of(s["version"]), text_of(s["module"]), text_of(s["priority"]),
                    text_of(s["unique_id"]), text_of(s["bindings"]), text_of(s["users"]), text_of(s["shadowed_by"])});
  }
  return table(rows);
}

std::string show_operation(const Json& operation) {
  std::vector<std::vector<std::string>> rows{{"STEP", "MS", "OUTCOME"}};
  for (const auto& step : operation["steps"]) {
    std::string outcome = text_of(step["outcome"]);
    std::replace(outcome.begin(), outcome.end(), '\n', ';');
    char took[32];
    std::snprintf(took, sizeof took, "%.3f", step["took_ms"].get<double>());
    rows.push_back({text_of(step["name"]), took, outcome});
  }
  std::string text = rows.size() > 1 ? table(rows) : "";
  if (operation["module"].is_object()) {
    const auto& m = operation["module"];
    const bool is_gone = operation["verb"] == "uninstall" && m["state"] != "ACTIVATED" && m["state"] != "DEACTIVATED";
    text += text_of(m["name"]) + " " + text_of(m["version"]) + " is " +
            (is_gone ? "uninstalled" : text_of(m["state"])) + "\n";
  }
  return text;
}

std::string show_operations(const Json& operations) {
  std::vector<std::vector<std::string>> rows{{"ID", "BEGAN", "OPERATION", "SUBJECT", "BY", "MS", "OUTCOME"}};
  for (const auto& o : operations) {
    const Json last = o["steps"].empty() ? Json() : o["steps"].back();
    double took = 0;
    if (!last.is_null()) took = last["start_ms"].get<double>() + last["took_ms"].get<double>();
    std::string outcome = text_of(o["status"]["code"]);
    if (const auto why = text_of(o["status"]["text"]); !why.empty()) outcome += ": " + why.substr(0, why.find('\n'));
    if (o["running"].get<bool>()) outcome = "running" + (last.is_null() ? std::string() : ": " + text_of(last["name"]));
    rows.push_back({text_of(o["id"]), text_of(o["began"]), text_of(o["verb"]), text_of(o["subject"]),
                    text_of(o["requester"]), milliseconds(took), outcome});
  }
  return table(rows);
}

std::string show_why(const Json& why) {
  const auto& m = why["module"];
  std::string text = text_of(m["name"]) + " " + text_of(m["version"]) + " is " + text_of(m["state"]) + "\n";
  auto add = [&](const char* title, const Json& lines) {
    if (lines.empty()) return;
    text += std::string(title) + "\n";
    for (const auto& line : lines) text += "  " + text_of(line) + "\n";
  };
  add("held by", m["reasons"]);
  add("used by", why["users"]);
  add("inside now", why["inside"]);
  add("owns", why["owns"]);
  if (!why["history"].empty()) text += "history\n";
  for (const auto& change : why["history"]) {
    const auto error = text_of(change["error"]);
    text += "  " + text_of(change["time"]) + " " + text_of(change["state"]) + " by " + text_of(change["cause"]) +
            (error.empty() ? "" : ": " + error) + "\n";
  }
  return text;
}

/// The answer for all modules, or for one.
std::string show_health(const Json& answer) {
  const Json modules = answer.contains("modules") ? answer["modules"] : Json::array({answer});
  std::vector<std::vector<std::string>> rows{{"NAME", "VERSION", "STATE", "HEALTH", "REMARK"}};
  for (const auto& m : modules) {
    rows.push_back({text_of(m["name"]), text_of(m["version"]), text_of(m["state"]), text_of(m["health"]),
                    text_of(m["text"])});
  }
  return table(rows) + (answer.contains("modules") ? "the container is " + text_of(answer["health"]) + "\n" : "");
}

/// {"package": absolute path, ...}: the container may have another working folder.
std::string package_body(const std::string& file, bool switch_to, bool transient) {
  Json body = {{"package", fs::absolute(file).lexically_normal().string()}};
  if (switch_to) body["switch"] = true;
  if (transient) body["transient"] = true;
  return body.dump(
      -1, ' ', false,
      Json::error_handler_t::replace);  // a path may be no UTF-8: the container then says that it is not there
}

/// An empty word is a variable that was not set.
const CLI::Validator kGiven([](std::string& text) { return text.empty() ? std::string("it is empty") : std::string(); },
                            "");

struct Arguments {
  std::string file, selector, timeout = "30s", what;
  bool switch_to = false, transient = false, force = false, follow = false;
};

/// A command whose work is `run`, with arguments of its own.
CLI::App* command(CLI::App& app, const char* name, const char* text, const std::function<void()>& run) {
  auto* added = app.add_subcommand(name, text);
  added->callback(run);
  return added;
}

std::string check_duration(const std::string& text) { return container::config::parse_duration(text).status().text(); }

/// A container that is just being started may not listen yet: asked again until the time is over.
container::Result<Reply> ask_until_ready(const fs::path& socket, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left =
        std::max(std::chrono::milliseconds(0),
                 std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()));
    auto reply = ask(socket, "GET", "/api/v1/ready?timeout=" + std::to_string(left.count()) + "ms", "");
    if (reply.ok() || left.count() == 0) return reply;
    std::this_thread::sleep_for(std::min(left, std::chrono::milliseconds(20)));
  }
}

void add_package_verbs(CLI::App& app, const std::shared_ptr<Commands>& c, const std::shared_ptr<Arguments>& a) {
  auto* install = command(app, "install", "Installs and starts a module", [c, a] {
    c->run({"POST", "/modules", package_body(a->file, a->switch_to, a->transient)}, show_operation);
  });
  install->add_option("FILE", a->file, "The package")->required()->check(kGiven);
  install->add_flag("--switch", a->switch_to, "Activates it although another version is active");
  install->add_flag("--transient", a->transient, "It is not there any more at the next start");
  auto* replace = command(app, "replace", "Replaces the active version of a module while it is called", [c, a] {
    c->run({"POST", "/replace", package_body(a->file, false, a->transient)}, show_operation);
  });
  replace->add_option("FILE", a->file, "The package")->required()->check(kGiven);
  replace->add_flag("--transient", a->transient, "It is not there any more at the next start");
}

void add_module_verbs(CLI::App& app, const std::shared_ptr<Commands>& c, const std::shared_ptr<Arguments>& a) {
  const auto selector = [a](CLI::App* to) {
    to->add_option("NAME[:VERSION]", a->selector, "The module")->required()->check(kGiven);
  };
  const auto path = [a](const char* verb) { return "/modules/" + encode_for_path(a->selector) + verb; };
  selector(command(app, "start", "Starts a module that was stopped", [=] {
    c->run({"POST", path("/start"), ""}, show_operation);
  }));
  const auto forced = [a, path](const std::string& verb) { return path((verb + (a->force ? "?force=true" : "")).c_str()); };
  auto* stop = command(app, "stop", "Stops a module and unloads its code", [=] {
    c->run({"POST", forced("/stop"), ""}, show_operation);
  });
  selector(stop);
  selector(command(app, "switch", "Activates this version instead of the active one", [=] {
    c->run({"POST", path("/switch"), ""}, show_operation);
  }));
  selector(command(app, "why", "Shows what a module owns, and what holds it", [=] {
    c->run({"GET", path("/why"), ""}, show_why);
  }));
  auto* uninstall = command(app, "uninstall", "Stops a module and forgets its package", [=] {
    c->run({"DELETE", forced(""), ""}, show_operation);
  });
  selector(uninstall);
  for (auto* leave : {stop, uninstall})
    leave->add_flag("--force", a->force, "Although modules that import from it have no other provider");
}

void add_views(CLI::App& app, const std::shared_ptr<Commands>& c, const std::shared_ptr<Arguments>& a) {
  command(app, "ps", "Lists the modules", [c] { c->run({"GET", "/modules", ""}, show_modules); });
  auto* health = command(app, "health", "Asks modules how they are; status 1 if what was asked for is down", [c, a] {
    const bool one = !a->selector.empty();
    const auto path = one ? "/modules/" + encode_for_path(a->selector) + "/health" : std::string("/health");
    const auto answer = c->run({"GET", path, ""}, show_health);
    if (answer.is_object() && answer["health"] == "down") c->status = kFailed;
  });
  health->add_option("NAME[:VERSION]", a->selector, "The module; all if it is not given")->check(kGiven);
  command(app, "operations", "Lists the operations that run and the latest that have ended", [c] {
    c->run({"GET", "/operations", ""}, show_operations);
  });
  command(app, "services", "Lists the services and who uses them", [c] {
    c->run({"GET", "/services", ""}, show_services);
  });
  auto* events = command(app, "events", "Shows what happened in the container", [c, a] {
    if (a->follow) {
      c->run(follow_events(c->socket(), c->json), show_events);
    } else {
      c->run({"GET", "/events", ""}, show_events);
    }
  });
  events->add_flag("--follow", a->follow, "And goes on with each event as it comes, also of a container that is started anew, until it is ended");
  auto* wait = command(app, "wait", "Waits until the container is ready", [c, a] {
    c->run(ask_until_ready(c->socket(), *container::config::parse_duration(a->timeout)),
           [](const Json&) { return std::string("ready\n"); });
  });
  wait->add_option("ready", a->what, "What to wait for")->required()->check(CLI::IsMember({"ready"}));
  wait->add_option("--timeout", a->timeout, "How long, like 30s")->check(CLI::Validator(check_duration, "DURATION"));
}

}  // namespace

fs::path home_of(const Target& target) {
  const char* variable = std::getenv("ARK_HOME");
  return !target.home.empty() ? target.home : variable && *variable ? variable : "ark-home";
}

fs::path socket_of(const Target& target) { return target.socket.empty() ? home_of(target) / "run" / "ark.sock" : fs::path(target.socket); }

void add_operator_commands(CLI::App& app, const Target& target, const bool& json, int& status) {
  auto commands = std::make_shared<Commands>(Commands{target, json, status});
  auto arguments = std::make_shared<Arguments>();
  add_views(app, commands, arguments);
  add_package_verbs(app, commands, arguments);
  add_module_verbs(app, commands, arguments);
}

}  // namespace ark::arkctl
