#include "ops/api.hpp"

#include <ark/abi/version.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "config/setting_values.hpp"
#include "ops/api_json.hpp"

namespace ark::container::ops {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view kPrefix = "/api/v1";

int http_status(Code code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
      return 400;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kWouldDeadlock:
      return 409;
    case Code::kIncompatible:
    case Code::kCorrupt:
      return 422;
    case Code::kUnsupported:
      return 501;
    case Code::kUnavailable:
    case Code::kStopping:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kResourceExhausted:
      return 507;
    default:
      return 500;
  }
}

ApiResponse respond(const Json& body) { return {200, dump(body), ""}; }
ApiResponse respond(const Operation& operation) {
  return {http_status(operation.status.code()), dump(to_json(operation)), ""};
}
ApiResponse respond(const Status& failure) { return error_response(http_status(failure.code()), failure); }

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    auto digit = [&](size_t at) -> int {
      if (at >= text.size()) return -1;
      const char c = text[at];
      if (c >= '0' && c <= '9') return c - '0';
      if (c >= 'a' && c <= 'f') return c - 'a' + 10;
      if (c >= 'A' && c <= 'F') return c - 'A' + 10;
      return -1;
    };
    const int high = digit(i + 1), low = digit(i + 2);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

/// A request taken apart, and found to say nothing that its route does not know.
struct Call {
  Container& container;
  std::string selector;  ///< the {selector} of the path
  std::map<std::string, std::string> query;
  Json body;
  By by;

  /// The query wins over the body.
  bool flag(const char* name) const {
    if (auto found = query.find(name); found != query.end()) return found->second == "true";
    return body.is_object() && body.value(name, false);
  }
};

/// The body of an install or a replacement: {"package": "/a/b.ark", ...}.
Result<std::filesystem::path> package_of(const Call& call) {
  if (!call.body.is_object() || !call.body.contains("package") || !call.body["package"].is_string()) {
    return Status(Code::kInvalidArgument, "the body must be an object with \"package\", the path of a package");
  }
  const auto text = call.body["package"].get<std::string>();
  if (text.find('\0') != text.npos)
    return Status(Code::kInvalidArgument, "\"package\" has a NUL character; no path has one");
  if (std::filesystem::path path = text; path.is_absolute()) return path;
  return Status(Code::kInvalidArgument,
                "\"package\" is '" + text + "'; it must be an absolute path on the container's machine");
}

ApiResponse install(Call& call) {
  auto package = package_of(call);
  if (!package.ok()) return respond(package.status());
  return respond(call.container.install(*package, {call.flag("switch"), call.flag("transient")}, call.by));
}

ApiResponse replace(Call& call) {
  auto package = package_of(call);
  if (!package.ok()) return respond(package.status());
  return respond(call.container.replace(*package, {false, call.flag("transient")}, call.by));
}

ApiResponse why(Call& call) {
  auto info = call.container.why(call.selector);
  return info.ok() ? respond(to_json(*info)) : respond(info.status());
}

ApiResponse health(Call& call) {
  const auto modules = call.container.health();
  return respond(Json{{"health", health_name(worst_of(modules))}, {"modules", list_to_json(modules)}});
}

ApiResponse health_of(Call& call) {
  auto info = call.container.health(call.selector);
  return info.ok() ? respond(to_json(*info)) : respond(info.status());
}

ApiResponse ready(Call& call) {
  std::chrono::milliseconds timeout{0};
  if (auto found = call.query.find("timeout"); found != call.query.end()) {
    auto parsed = config::parse_duration(found->second);
    if (!parsed.ok()) return respond(parsed.status().within("timeout"));
    timeout = *parsed;
  }
  if (call.container.wait_ready(timeout)) return respond(Json{{"ready", true}});
  return respond(Status(Code::kUnavailable, "the container is not ready"));
}

constexpr std::chrono::milliseconds kLongestWait{30'000};

/// A number of the query, 0 if it is not there.
Result<uint64_t> number_of(const std::map<std::string, std::string>& query, const char* name, uint64_t most) {
  const auto found = query.find(name);
  if (found == query.end()) return uint64_t{0};
  const auto& text = found->second;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number <= most) return number;
  return Status(Code::kInvalidArgument, "\"" + std::string(name) + "\" is '" + text +
                                            "'; it must be a number from 0 to " + std::to_string(most));
}

Result<EventWait> event_wait_of(const std::map<std::string, std::string>& query) {
  const auto since = number_of(query, "since", UINT64_MAX);
  if (!since.ok()) return since.status();
  const auto time = number_of(query, "wait_ms", static_cast<uint64_t>(kLongestWait.count()));
  if (!time.ok()) return time.status();
  return EventWait{*since, std::chrono::milliseconds(*time)};
}

ApiResponse events(Call& call) {
  const auto wanted = event_wait_of(call.query);
  return wanted.ok() ? respond(to_json(call.container.events(wanted->since))) : respond(wanted.status());
}

using Names = std::vector<std::string_view>;

struct Route {
  std::string_view method;
  std::string_view path;  ///< {} stands for the selector
  std::function<ApiResponse(Call&)> handle;
  Names flags = {};             ///< true or false, in the query or the body
  Names query = {}, body = {};  ///< what else may be in each
};

const std::vector<Route>& routes() {
  static const std::vector<Route> all{
      {"GET", "/version",
       [](Call&) {
         return respond(Json{{"version", ARK_VERSION_TEXT}, {"abi", ARK_ABI_VERSION}});
       }},
      {"GET", "/ready", ready, {}, {"timeout"}},
      {"GET", "/start-report", [](Call& c) { return respond(list_to_json(c.container.start_report())); }},
      {"GET", "/operations", [](Call& c) { return respond(list_to_json(c.container.operations())); }},
      {"GET", "/doctor", [](Call& c) { return respond(to_json(c.container.diagnose())); }},
      {"GET", "/events", events, {}, {"since", "wait_ms"}},
      {"GET", "/services", [](Call& c) { return respond(list_to_json(c.container.services())); }},
      {"GET", "/modules", [](Call& c) { return respond(list_to_json(c.container.modules())); }},
      {"POST", "/modules", install, {"switch", "transient"}, {}, {"package"}},
      {"POST", "/replace", replace, {"transient"}, {}, {"package"}},
      {"GET", "/modules/{}/why", why},
      {"GET", "/health", health},
      {"GET", "/modules/{}/health", health_of},
      {"POST", "/modules/{}/switch", [](Call& c) { return respond(c.container.switch_to(c.selector, c.by)); }},
      {"POST", "/modules/{}/start", [](Call& c) { return respond(c.container.start_module(c.selector, c.by)); }},
      {"POST",
       "/modules/{}/stop",
       [](Call& c) { return respond(c.container.stop_module(c.selector, c.flag("force"), c.by)); },
       {"force"}},
      {"DELETE",
       "/modules/{}",
       [](Call& c) { return respond(c.container.uninstall(c.selector, c.flag("force"), c.by)); },
       {"force"}},
  };
  return all;
}

/// Does the path have the route's form? The selector goes to `selector`, decoded.
bool matches(std::string_view form, std::string_view path, std::string* selector) {
  const auto wanted = split(form, '/'), given = split(path, '/');
  if (wanted.size() != given.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "{}") {
      if (wanted[i] != given[i]) return false;
      continue;
    }
    auto decoded = decode(given[i]);
    if (!decoded || decoded->empty()) return false;
    *selector = *decoded;
  }
  return true;
}

Status read_query(std::string_view text, std::map<std::string, std::string>* query) {
  for (auto part : split(text, '&')) {
    const auto equals = part.find('=');
    auto key = decode(part.substr(0, equals));
    auto value = decode(equals == std::string_view::npos ? "true" : part.substr(equals + 1));
    if (!key || !value)
      return Status(Code::kInvalidArgument, "the query has a % that two hexadecimal digits do not follow");
    (*query)[*key] = *value;
  }
  return {};
}

bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Nothing is ignored: a misspelt flag would do something else than was asked for.
Status check(const Route& route, const Call& call) {
  const auto wrong = [](const std::string& text) { return Status(Code::kInvalidArgument, text); };
  for (const auto& [key, value] : call.query) {
    if (has(route.query, key)) continue;
    if (!has(route.flags, key)) return wrong("the query has the unknown key \"" + key + "\"");
    if (value != "true" && value != "false")
      return wrong("\"" + key + "\" is '" + value + "'; it must be true or false");
  }
  if (call.body.is_null()) return {};
  if (!call.body.is_object()) return wrong("the body must be a JSON object");
  for (const auto& [key, value] : call.body.items()) {
    if (has(route.body, key)) continue;
    if (!has(route.flags, key)) return wrong("the body has the unknown key \"" + key + "\"");
    if (!value.is_boolean()) return wrong("\"" + key + "\" must be true or false");
  }
  return {};
}

}  // namespace

std::optional<EventWait> event_wait(const ApiRequest& request) {
  const std::string_view target = request.target, path = target.substr(0, target.find('?'));
  std::map<std::string, std::string> query;
  if (request.method != "GET" || path == target || path != std::string(kPrefix) + "/events") return {};
  if (!read_query(target.substr(path.size() + 1), &query).ok()) return {};
  const auto wait = event_wait_of(query);
  if (!wait.ok() || wait->time.count() == 0) return {};
  return *wait;
}

bool answers_at_once(const ApiRequest& request) {
  if (request.method != "GET") return false;
  const std::string_view target = request.target, path = target.substr(0, target.find('?'));
  std::string none;
  if (path == target || !path.starts_with(kPrefix) || !matches("/ready", path.substr(kPrefix.size()), &none))
    return true;
  std::map<std::string, std::string> query;
  return !read_query(target.substr(path.size() + 1), &query).ok() || !query.count("timeout");
}

bool asks_modules(const ApiRequest& request) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  std::string selector;
  return path.starts_with(kPrefix) && (matches("/health", path.substr(kPrefix.size()), &selector) ||
                                       matches("/modules/{}/health", path.substr(kPrefix.size()), &selector));
}

ApiResponse error_response(int status, const Status& failure) {
  return {status, dump(Json{{"error", to_json(failure)}}), ""};
}

ApiResponse handle(Container& container, const ApiRequest& request) {
  std::string_view path = request.target;
  const auto question = path.find('?');
  Call call{container, "", {}, Json(), {request.requester}};
  if (question != std::string_view::npos) {
    if (auto status = read_query(path.substr(question + 1), &call.query); !status.ok()) return respond(status);
    path = path.substr(0, question);
  }
  std::string allow;
  for (const auto& route : routes()) {
    if (!path.starts_with(kPrefix) || !matches(route.path, path.substr(kPrefix.size()), &call.selector)) continue;
    if (route.method != request.method) {
      base::add_to_list(&allow, ", ", route.method);
      continue;
    }
    if (!request.body.empty()) {
      call.body = Json::parse(request.body, nullptr, false);
      if (call.body.is_discarded()) return respond(Status(Code::kInvalidArgument, "the body is not JSON"));
    }
    if (auto status = check(route, call); !status.ok()) return respond(status);
    return route.handle(call);
  }
  const std::string where(path);
  if (allow.empty())
    return respond(Status(Code::kNotFound, "there is no " + where + "; docs/api.md lists what there is"));
  auto response =
      error_response(405, Status(Code::kInvalidArgument, where + " takes " + allow + ", not " + request.method));
  response.allow = allow;
  return response;
}

}  // namespace ark::container::ops
