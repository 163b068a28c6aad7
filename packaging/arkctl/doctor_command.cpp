#include "arkctl/doctor_command.hpp"

#include <ark/container/container.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "arkctl/api_client.hpp"
#include "ops/api_json.hpp"

namespace ark::arkctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFound = 1, kUnreachable = 3;

std::string text_of(const Json& object, const char* key) { return object.value(key, std::string()); }

std::string show_crash(const Json& crash) {
  std::string text = text_of(crash, "time") + " " + text_of(crash, "text") + "\n";
  const auto line = [&](const char* what, const std::string& value) {
    if (!value.empty()) text += std::string("    ") + what + value + "\n";
  };
  line("report: ", text_of(crash, "file"));
  if (!text_of(crash, "code_file").empty()) line("source: addr2line -Cfie ", text_of(crash, "code_file") + " " + text_of(crash, "offset"));
  line("build-id: ", text_of(crash, "build_id"));
  return text;
}

std::string show(const Json& diagnosis) {
  std::string text;
  for (const auto& crash : diagnosis["crashes"]) text += show_crash(crash);
  for (const auto& finding : diagnosis["findings"]) text += text_of(finding, "kind") + ": " + text_of(finding, "text") + "\n";
  return text.empty() ? "nothing found\n" : text;
}

/// Of the running container, else of its home.
container::Result<Json> diagnose(const Target& target, bool* is_running) {
  const auto reply = ask(socket_of(target), "GET", "/api/v1/doctor", "");
  *is_running = reply.ok();
  if (reply.ok()) {
    Json answer = Json::parse(reply->body, nullptr, false);
    if (reply->status == 200 && answer.is_object() && answer.contains("crashes") && answer.contains("findings")) return answer;
    return container::Status(container::Code::kInternal,
                             "the container answered with HTTP status " + std::to_string(reply->status) + ": " + reply->body.substr(0, 200));
  }
  const auto is_there = [](const std::filesystem::path& folder) {
    std::error_code unknown;
    return std::filesystem::is_directory(folder, unknown);
  };
  const auto home = home_of(target);
  if (!target.socket.empty() || !is_there(home)) return reply.status();
  if (!is_there(home / "modules") && !is_there(home / "run")) {
    return container::Status(container::Code::kNotFound,
                             home.string() + " is no home of a container: it has neither modules nor run; name another one with --home");
  }
  return container::ops::to_json(container::Container::examine(home_of(target)));
}

int run(const Target& target, bool json) {
  bool is_running = false;
  const auto diagnosis = diagnose(target, &is_running);
  if (!diagnosis.ok()) {
    std::fprintf(stderr, "arkctl: %s\n", diagnosis.status().text().c_str());
    return is_running ? kFound : kUnreachable;
  }
  if (!is_running) std::fprintf(stderr, "arkctl: no container answers; this is what its home %s tells\n", home_of(target).c_str());
  std::fputs(json ? (diagnosis->dump(2, ' ', false, Json::error_handler_t::replace) + "\n").c_str() : show(*diagnosis).c_str(), stdout);
  return (*diagnosis)["crashes"].empty() && (*diagnosis)["findings"].empty() ? 0 : kFound;
}

}  // namespace

void add_doctor_command(CLI::App& app, const Target& target, const bool& json, int& status) {
  app.add_subcommand("doctor", "Tells of crashes, runs that did not end cleanly, and modules that are stuck")->callback([&target, &json, &status] {
    status = run(target, json);
  });
}

}  // namespace ark::arkctl
