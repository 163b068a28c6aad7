#include "ops/api.hpp"

#include <ark/abi/version.h>
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "container/ops/mock_container.hpp"

namespace ark::container::ops {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::options;
using test::sample_module;
using test::sample_operation;
using testing::_;
using testing::HasSubstr;
using testing::Return;
using testing::StrictMock;

class Api : public testing::Test {
 protected:
  ApiResponse ask(const std::string& method, const std::string& target, const std::string& body = "") {
    return handle(container_, {method, target, body, "a test"});
  }
  /// The body of a response with this status.
  json expect(int status, const ApiResponse& response) {
    EXPECT_EQ(response.status, status) << response.body;
    auto body = json::parse(response.body, nullptr, false);
    EXPECT_FALSE(body.is_discarded()) << response.body;
    return body;
  }
  /// A refusal with a code and words that its text has.
  void expect_error(int status, const std::string& code, const std::string& words, const ApiResponse& response) {
    const auto body = expect(status, response);
    ASSERT_TRUE(body.contains("error")) << response.body;
    EXPECT_EQ(body["error"]["code"], code);
    EXPECT_THAT(body["error"]["text"].get<std::string>(), HasSubstr(words));
  }

  // Strict: what a test does not expect must not reach the container.
  StrictMock<test::MockContainer> container_;
};

TEST_F(Api, TellsItsVersion) {
  EXPECT_EQ(expect(200, ask("GET", "/api/v1/version")),
            (json{{"version", ARK_VERSION_TEXT}, {"abi", ARK_ABI_VERSION}}));
}

TEST_F(Api, ListsModulesWithAllTheirFields) {
  auto broken = sample_module();
  broken.kind = Kind::kPlugin;
  broken.state = State::kZombie;
  broken.error = "it failed";
  broken.reasons = {"a thread is left"};
  broken.transient = true;
  EXPECT_CALL(container_, modules()).WillOnce(Return(std::vector{sample_module(), broken}));
  const auto body = expect(200, ask("GET", "/api/v1/modules"));
  EXPECT_EQ(body[0],
            json::parse(R"({"name": "orders", "version": "1.0.0", "kind": "biz", "state": "ACTIVATED", "priority": 100,
      "isolation": "symbols", "generation": 3, "services": ["com.acme.Orders"], "load_ms": 1.235, "start_ms": 0.5,
      "since": "2023-11-14T22:13:20.123Z", "error": "", "reasons": [], "transient": false})"));
  EXPECT_EQ(body[1]["kind"], "plugin");
  EXPECT_EQ(body[1]["state"], "ZOMBIE");
  EXPECT_EQ(body[1]["error"], "it failed");
  EXPECT_EQ(body[1]["reasons"], json::array({"a thread is left"}));
  EXPECT_EQ(body[1]["transient"], true);
}

TEST_F(Api, AnEmptyListIsAList) {
  EXPECT_CALL(container_, modules()).WillOnce(Return(std::vector<ModuleInfo>()));
  EXPECT_EQ(ask("GET", "/api/v1/modules").body, "[]");
}

TEST_F(Api, ListsServicesWithAllTheirFields) {
  EXPECT_CALL(container_, services()).WillOnce(Return(std::vector{test::sample_service()}));
  EXPECT_EQ(
      expect(200, ask("GET", "/api/v1/services")),
      json::parse(
          R"([{"number": 7, "id": "com.acme.Orders", "version": "1.1", "unique_id": "eu", "module": "orders 1.0.0",
                "priority": 100, "properties": {"region": "eu"}, "bindings": ["acme.json"], "users": ["audit 1.0.0"],
                "shadowed_by": ""}])"));
}

TEST_F(Api, ReportsTheStart) {
  EXPECT_CALL(container_, start_report())
      .WillOnce(Return(std::vector<Step>{{"open packages", 0.0004, 12.3456, "4 modules"}}));
  EXPECT_EQ(expect(200, ask("GET", "/api/v1/start-report")),
            json::parse(R"([{"name": "open packages", "start_ms": 0.0, "took_ms": 12.346, "outcome": "4 modules"}])"));
}

TEST_F(Api, TellsWhatHoldsAModule) {
  EXPECT_CALL(container_, why("orders:1.0.0"))
      .WillOnce(Return(WhyInfo{sample_module(), {"audit 1.0.0"}, {"thread 12"}, {"a key"}, {}}));
  const auto body = expect(200, ask("GET", "/api/v1/modules/orders:1.0.0/why"));
  EXPECT_EQ(body["module"]["name"], "orders");
  EXPECT_EQ(body["users"], json::array({"audit 1.0.0"}));
  EXPECT_EQ(body["inside"], json::array({"thread 12"}));
  EXPECT_EQ(body["owns"], json::array({"a key"}));
}

TEST_F(Api, TellsHowModulesAre) {
  EXPECT_CALL(container_, health())
      .WillOnce(Return(std::vector{test::sample_health(Health::kDegraded, "slow"), test::sample_health(Health::kUp, "")}));
  EXPECT_EQ(expect(200, ask("GET", "/api/v1/health")),
            json::parse(R"({"health": "degraded", "modules": [
              {"name": "orders", "version": "1.0.0", "kind": "biz", "state": "ACTIVATED", "health": "degraded", "text": "slow"},
              {"name": "orders", "version": "1.0.0", "kind": "biz", "state": "ACTIVATED", "health": "up", "text": ""}]})"));
  EXPECT_CALL(container_, health("orders")).WillOnce(Return(test::sample_health(Health::kDown, "no disk")));
  EXPECT_EQ(expect(200, ask("GET", "/api/v1/modules/orders/health"))["text"], "no disk");
  EXPECT_CALL(container_, health("nobody")).WillOnce(Return(Status(Code::kNotFound, "there is no module nobody")));
  expect_error(404, "NOT_FOUND", "nobody", ask("GET", "/api/v1/modules/nobody/health"));
}

TEST_F(Api, KnowsWhichRequestsAskModules) {
  for (const char* target : {"/api/v1/health", "/api/v1/modules/orders:1.0.0/health", "/api/v1/health?x"})
    EXPECT_TRUE(asks_modules({"GET", target, "", ""})) << target;
  for (const char* target : {"/api/v1/modules", "/health", "/api/v1/modules/health", "/api/v1/healthy"})
    EXPECT_FALSE(asks_modules({"GET", target, "", ""})) << target;
}

TEST_F(Api, SaysWhenThereIsNoSuchModule) {
  EXPECT_CALL(container_, why("nobody")).WillOnce(Return(Status(Code::kNotFound, "there is no module nobody")));
  expect_error(404, "NOT_FOUND", "nobody", ask("GET", "/api/v1/modules/nobody/why"));
}

TEST_F(Api, ReadyAnswersAtOnceUnlessToldToWait) {
  EXPECT_CALL(container_, wait_ready(milliseconds(0))).WillOnce(Return(true)).WillOnce(Return(false));
  EXPECT_EQ(expect(200, ask("GET", "/api/v1/ready")), (json{{"ready", true}}));
  expect_error(503, "UNAVAILABLE", "not ready", ask("GET", "/api/v1/ready"));
  EXPECT_CALL(container_, wait_ready(milliseconds(1500))).WillOnce(Return(true));
  expect(200, ask("GET", "/api/v1/ready?timeout=1500ms"));
}

TEST_F(Api, OnlyReadyWithATimeAndOperationsMayWait) {
  for (const char* target :
       {"/api/v1/modules", "/api/v1/ready", "/api/v1/ready?", "/api/v1/ready?%zz", "/api/v1/readyx?timeout=1s", "x"}) {
    EXPECT_TRUE(answers_at_once({"GET", target, ""})) << target;
  }
  for (const char* target :
       {"/api/v1/ready?timeout=1s", "/api/v1/ready/?timeout=1s", "/api/v1/ready?x=1&%74imeout=1s"}) {
    EXPECT_FALSE(answers_at_once({"GET", target, ""})) << target;
  }
  for (const char* method : {"POST", "DELETE"})
    EXPECT_FALSE(answers_at_once({method, "/api/v1/modules/orders", ""})) << method;
}

TEST_F(Api, TellsOfEventsAfterANumber) {
  EventPage page;
  page.run = 1'700'000'000'000'000;
  page.last = 7;
  page.lost = 2;
  page.events = {{7, sample_module().since, "AfterBizStartup", "orders", "1.0.0", ""}};
  EXPECT_CALL(container_, events(5)).WillOnce(Return(page));
  EXPECT_EQ(expect(200, ask("GET", "/api/v1/events?since=5")), (json{{"run", 1'700'000'000'000'000},
                                                                     {"last", 7},
                                                                     {"lost", 2},
                                                                     {"events",
                                                                      {{{"number", 7},
                                                                        {"time", "2023-11-14T22:13:20.123Z"},
                                                                        {"name", "AfterBizStartup"},
                                                                        {"module", "orders"},
                                                                        {"version", "1.0.0"},
                                                                        {"text", ""}}}}}));
}

TEST_F(Api, RefusesNumbersThatAreNone) {
  for (const char* text : {"", "x", "-1", "1.5", "7x", "99999999999999999999"}) {
    expect_error(400, "INVALID_ARGUMENT", "\"since\" is '" + std::string(text) + "'",
                 ask("GET", std::string("/api/v1/events?since=") + text));
  }
  expect_error(400, "INVALID_ARGUMENT", "it must be a number from 0 to 30000",
               ask("GET", "/api/v1/events?wait_ms=30001"));
}

TEST_F(Api, OnlyAWholeQuestionForEventsWaits) {
  const auto wait = event_wait({"GET", "/api/v1/events?since=5&wait_ms=100", "", ""});
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->since, 5u);
  EXPECT_EQ(wait->time, std::chrono::milliseconds(100));
  for (const char* target :
       {"/api/v1/events", "/api/v1/events?since=5", "/api/v1/events?wait_ms=0", "/api/v1/events?wait_ms=x",
        "/api/v1/modules?wait_ms=100", "/api/v1/events?%zz&wait_ms=100"}) {
    EXPECT_FALSE(event_wait({"GET", target, "", ""})) << target;
  }
  EXPECT_FALSE(event_wait({"POST", "/api/v1/events?wait_ms=100", "", ""}));
}

TEST_F(Api, RefusesTimesThatAreNone) {
  for (const char* text : {"", "soon", "5", "-1s", "1.5s", "5s5s", "99999999999h", "99999999999999999999s"}) {
    expect_error(400, "INVALID_ARGUMENT", "timeout", ask("GET", std::string("/api/v1/ready?timeout=") + text));
  }
}

TEST_F(Api, InstallsAPackage) {
  EXPECT_CALL(container_, install(std::filesystem::path("/tmp/a b.ark"), options(false, false), _))
      .WillOnce(Return(sample_operation()));
  const auto body = expect(200, ask("POST", "/api/v1/modules", R"({"package": "/tmp/a b.ark"})"));
  EXPECT_EQ(body["id"], 12);
  EXPECT_EQ(body["status"], (json{{"code", "OK"}, {"text", ""}}));
  EXPECT_EQ(body["module"]["name"], "orders");
  EXPECT_EQ(body["steps"][0],
            (json{{"name", "open package"}, {"start_ms", 0.0}, {"took_ms", 0.25}, {"outcome", "ok"}}));
  EXPECT_EQ(body["steps"][1]["outcome"], "two\nlines");
}

TEST_F(Api, TakesFlagsFromTheBodyOrTheQuery) {
  EXPECT_CALL(container_, install(_, options(true, true), _)).Times(2).WillRepeatedly(Return(sample_operation()));
  expect(200, ask("POST", "/api/v1/modules", R"({"package": "/a.ark", "switch": true, "transient": true})"));
  expect(200, ask("POST", "/api/v1/modules?switch&transient=true", R"({"package": "/a.ark"})"));
  EXPECT_CALL(container_, install(_, options(false, false), _)).WillOnce(Return(sample_operation()));
  expect(200,
         ask("POST", "/api/v1/modules?switch=false", R"({"package": "/a.ark", "switch": true, "transient": false})"));
}

TEST_F(Api, ReplacesTheActiveVersion) {
  EXPECT_CALL(container_, replace(std::filesystem::path("/a.ark"), options(false, true), _))
      .WillOnce(Return(sample_operation()));
  expect(200, ask("POST", "/api/v1/replace", R"({"package": "/a.ark", "transient": true})"));
  expect_error(400, "INVALID_ARGUMENT", "switch",
               ask("POST", "/api/v1/replace", R"({"package": "/a.ark", "switch": true})"));
}

TEST_F(Api, SwitchesStartsAndStops) {
  EXPECT_CALL(container_, switch_to("orders:1.1.0", _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, start_module("orders", _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, stop_module("orders", false, testing::Field(&By::name, "a test")))
      .WillOnce(Return(sample_operation()));
  expect(200, ask("POST", "/api/v1/modules/orders:1.1.0/switch"));
  expect(200, ask("POST", "/api/v1/modules/orders/start"));
  expect(200, ask("POST", "/api/v1/modules/orders/stop"));
  EXPECT_CALL(container_, stop_module("orders", true, _)).WillOnce(Return(sample_operation()));
  expect(200, ask("POST", "/api/v1/modules/orders/stop?force=true"));
}

TEST_F(Api, UninstallsWithForceOnlyIfToldSo) {
  EXPECT_CALL(container_, uninstall("orders:1.0.0", false, _)).Times(2).WillRepeatedly(Return(sample_operation()));
  expect(200, ask("DELETE", "/api/v1/modules/orders:1.0.0"));
  expect(200, ask("DELETE", "/api/v1/modules/orders:1.0.0?force=false"));
  EXPECT_CALL(container_, uninstall("orders:1.0.0", true, _)).Times(3).WillRepeatedly(Return(sample_operation()));
  expect(200, ask("DELETE", "/api/v1/modules/orders:1.0.0?force=true"));
  expect(200, ask("DELETE", "/api/v1/modules/orders:1.0.0?force"));
  expect(200, ask("DELETE", "/api/v1/modules/orders:1.0.0", R"({"force": true})"));
}

TEST_F(Api, AFlagIsTrueOrFalse) {
  for (const char* value : {"", "0", "1", "yes", "True", "falsch"}) {
    expect_error(400, "INVALID_ARGUMENT", "force", ask("DELETE", std::string("/api/v1/modules/orders?force=") + value));
  }
  for (const char* value : {"0", "\"true\"", "null", "[]", "{}"}) {
    expect_error(400, "INVALID_ARGUMENT", "force",
                 ask("DELETE", "/api/v1/modules/orders", R"({"force": )" + std::string(value) + "}"));
  }
}

TEST_F(Api, RefusesWhatItDoesNotKnowInsteadOfIgnoringIt) {
  expect_error(400, "INVALID_ARGUMENT", "forse", ask("DELETE", "/api/v1/modules/orders?forse=true"));
  expect_error(400, "INVALID_ARGUMENT", "force", ask("POST", "/api/v1/modules/orders/start?force=true"));
  expect_error(400, "INVALID_ARGUMENT", "since", ask("GET", "/api/v1/modules?since=1"));
  expect_error(400, "INVALID_ARGUMENT", "timeout", ask("GET", "/api/v1/modules", R"({"timeout": "1s"})"));
  expect_error(400, "INVALID_ARGUMENT", "force",
               ask("POST", "/api/v1/modules", R"({"package": "/a.ark", "force": true})"));
  expect_error(400, "INVALID_ARGUMENT", "package",
               ask("POST", "/api/v1/modules/orders/start", R"({"package": "/a.ark"})"));
  expect_error(400, "INVALID_ARGUMENT", "object", ask("POST", "/api/v1/modules/orders/start", "[1]"));
}

TEST_F(Api, DecodesThePath) {
  EXPECT_CALL(container_, stop_module("a b/\xC3\xA9%:1.0.0", _, _)).WillOnce(Return(sample_operation()));
  expect(200, ask("POST", "/api/v1/modules/a%20b%2f%C3%A9%25:1.0.0/stop"));
  for (const char* bad : {"%", "%2", "%zz", "%2g", "a%"}) {
    expect_error(404, "NOT_FOUND", bad, ask("POST", std::string("/api/v1/modules/") + bad + "/stop"));
  }
}

TEST_F(Api, DecodesTheQuery) {
  EXPECT_CALL(container_, uninstall("orders", true, _)).WillOnce(Return(sample_operation()));
  expect(200, ask("DELETE", "/api/v1/modules/orders?f%6Frce=%74rue"));
  expect_error(400, "INVALID_ARGUMENT", "%", ask("DELETE", "/api/v1/modules/orders?force=%t"));
  expect_error(400, "INVALID_ARGUMENT", "%", ask("DELETE", "/api/v1/modules/orders?force%=true"));
}

TEST_F(Api, RefusesBodiesThatSayNoPackage) {
  for (const char* body : {"", "{}", "[]", "null", "\"/a.ark\"", R"({"package": 1})", R"({"package": null})",
                           R"({"package": ["/a.ark"]})"}) {
    expect_error(400, "INVALID_ARGUMENT", "object", ask("POST", "/api/v1/modules", body));
    expect_error(400, "INVALID_ARGUMENT", "object", ask("POST", "/api/v1/replace", body));
  }
  expect_error(400, "INVALID_ARGUMENT", "absolute", ask("POST", "/api/v1/modules", R"({"package": "a.ark"})"));
  expect_error(400, "INVALID_ARGUMENT", "absolute", ask("POST", "/api/v1/modules", R"({"package": ""})"));
  expect_error(400, "INVALID_ARGUMENT", "NUL", ask("POST", "/api/v1/modules", R"({"package": "/a.ark\u0000.txt"})"));
  expect_error(400, "INVALID_ARGUMENT", "switch",
               ask("POST", "/api/v1/modules", R"({"package": "/a.ark", "switch": "yes"})"));
}

TEST_F(Api, RefusesBodiesThatAreNoJson) {
  for (const std::string body :
       {"{", "package=/a.ark", "{\"package\": \"/a.ark\"} x", "{'package': '/a.ark'}", "\xFF", "\"\xC3\""}) {
    expect_error(400, "INVALID_ARGUMENT", "JSON", ask("POST", "/api/v1/modules", body));
  }
  expect_error(400, "INVALID_ARGUMENT", "JSON", ask("POST", "/api/v1/modules", std::string(500'000, '[')));
}

TEST_F(Api, UnknownPathsAreNotFound) {
  for (const char* path : {"", "/", "/api/v1", "/api/v1/", "/api/v2/modules", "/api/v1modules", "/modules",
                           "/api/v1/module", "/api/v1/Modules", "/api/v1/modules//why", "/api/v1/modules/a/b/why",
                           "/api/v1/modules/a/restart", "/api/v1/modules/a/why/x"}) {
    expect_error(404, "NOT_FOUND", "docs/api.md", ask("GET", path));
  }
}

TEST_F(Api, OtherMethodsAreToldWhichOnesThereAre) {
  const std::pair<const char*, const char*> cases[] = {
      {"/api/v1/version", "GET"},          {"/api/v1/ready", "GET"},
      {"/api/v1/start-report", "GET"},     {"/api/v1/services", "GET"},
      {"/api/v1/doctor", "GET"},
      {"/api/v1/modules", "GET, POST"},    {"/api/v1/replace", "POST"},
      {"/api/v1/modules/a/why", "GET"},    {"/api/v1/modules/a/switch", "POST"},
      {"/api/v1/modules/a/start", "POST"}, {"/api/v1/modules/a/stop", "POST"},
      {"/api/v1/modules/a", "DELETE"}};
  for (const auto& [path, allow] : cases) {
    const auto response = ask("PUT", path);
    EXPECT_EQ(response.allow, allow) << path;
    expect_error(405, "INVALID_ARGUMENT", "PUT", response);
  }
}

TEST_F(Api, EachFailureHasItsHttpStatus) {
  const std::tuple<Code, int, const char*> cases[] = {{Code::kInvalidArgument, 400, "INVALID_ARGUMENT"},
                                                      {Code::kNotFound, 404, "NOT_FOUND"},
                                                      {Code::kAlreadyExists, 409, "ALREADY_EXISTS"},
                                                      {Code::kFailedPrecondition, 409, "FAILED_PRECONDITION"},
                                                      {Code::kWouldDeadlock, 409, "WOULD_DEADLOCK"},
                                                      {Code::kIncompatible, 422, "INCOMPATIBLE"},
                                                      {Code::kCorrupt, 422, "CORRUPT"},
                                                      {Code::kUnsupported, 501, "UNSUPPORTED"},
                                                      {Code::kUnavailable, 503, "UNAVAILABLE"},
                                                      {Code::kStopping, 503, "STOPPING"},
                                                      {Code::kDeadlineExceeded, 504, "DEADLINE_EXCEEDED"},
                                                      {Code::kResourceExhausted, 507, "RESOURCE_EXHAUSTED"},
                                                      {Code::kModuleFailed, 500, "MODULE_FAILED"},
                                                      {Code::kInternal, 500, "INTERNAL"}};
  for (const auto& [code, status, name] : cases) {
    EXPECT_CALL(container_, stop_module("orders", _, _)).WillOnce(Return(sample_operation(Status(code, "because"))));
    const auto body = expect(status, ask("POST", "/api/v1/modules/orders/stop"));
    EXPECT_EQ(body["status"], (json{{"code", name}, {"text", "because"}}));
    EXPECT_EQ(body["steps"].size(), 2u) << "what was done is told although it failed";
  }
}

TEST_F(Api, AnOperationMayHaveNoModule) {
  Operation failed;
  failed.status = Status(Code::kCorrupt, "no zip");
  EXPECT_CALL(container_, install(_, _, _)).WillOnce(Return(failed));
  const auto body = expect(422, ask("POST", "/api/v1/modules", R"({"package": "/a.ark"})"));
  EXPECT_TRUE(body["module"].is_null());
  EXPECT_EQ(body["steps"], json::array());
}

TEST_F(Api, TextThatIsNoUtf8IsStillJson) {
  EXPECT_CALL(container_, stop_module(_, _, _))
      .WillOnce(Return(sample_operation(Status(Code::kModuleFailed, "what: \xFF"))));
  const auto body = expect(500, ask("POST", "/api/v1/modules/orders/stop"));
  EXPECT_EQ(body["status"]["text"], "what: \xEF\xBF\xBD");
}

TEST_F(Api, DoctorTellsOfCrashesAndOfWhatElseIsWrong) {
  EXPECT_CALL(container_, diagnose()).WillOnce(Return(test::sample_diagnosis()));
  const auto body = expect(200, ask("GET", "/api/v1/doctor"));
  ASSERT_EQ(body["crashes"].size(), 1u);
  EXPECT_EQ(body["crashes"][0]["text"],
            "orders 1.0.0 crashed: SIGFPE, an integer was divided by zero, in orders.so+0x12ab (Orders::place(int)+0x1b), on thread 4720 (worker) of process 4711");
  EXPECT_EQ(body["crashes"][0]["frames"].size(), 1u);
  EXPECT_EQ(body["findings"], json::parse(R"([{"kind": "module", "subject": "audit 1.0.0", "text": "audit 1.0.0 is QUARANTINED: a thread is left"}])"));
}

// ---- docs/api.md ----

/// What `form` captures, in every place where it matches.
std::vector<std::smatch> find_all(const std::string& text, const char* form) {
  const std::regex pattern(form);
  return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

TEST(ApiPage, ListsTheRoutesThatThereAre) {
  testing::NiceMock<test::MockContainer> container;
  ON_CALL(container, wait_ready(_)).WillByDefault(Return(true));
  ON_CALL(container, why(_)).WillByDefault(Return(WhyInfo{sample_module(), {}, {}, {}, {}}));
  ON_CALL(container, health(_)).WillByDefault(Return(test::sample_health(Health::kUp, "")));
  const std::string page = *base::read_file(ARK_API_PAGE);
  std::map<std::string, std::set<std::string>> methods;  // by path
  for (const auto& row : find_all(page, R"(\n\| `([A-Z]+) (/\S+)` \|)")) {
    methods[std::regex_replace(row[2].str(), std::regex("SELECTOR"), "orders:1.0.0")].insert(row[1]);
  }
  size_t routes = 0;
  for (const auto& [path, listed] : methods) {
    std::string allow;
    for (const auto& method : listed) {
      base::add_to_list(&allow, ", ", method);
      const auto body = path.ends_with("/replace") || (path.ends_with("/modules") && method == "POST")
                            ? R"({"package": "/a.ark"})"
                            : "";
      EXPECT_EQ(handle(container, {method, path, body, ""}).status, 200) << method << " " << path;
      ++routes;
    }
    EXPECT_EQ(handle(container, {"PUT", path, "", ""}).allow, allow) << path;
  }
  EXPECT_EQ(routes, 17u);
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

TEST(ApiPage, ItsExamplesHaveTheFieldsThatAnswersHave) {
  testing::NiceMock<test::MockContainer> container;
  ON_CALL(container, modules()).WillByDefault(Return(std::vector{sample_module()}));
  ON_CALL(container, services()).WillByDefault(Return(std::vector{test::sample_service()}));
  ON_CALL(container, start_report()).WillByDefault(Return(sample_operation().steps));
  ON_CALL(container, stop_module(_, _, _)).WillByDefault(Return(sample_operation()));
  ON_CALL(container, why(_)).WillByDefault(Return(WhyInfo{sample_module(), {}, {}, {}, {{}}}));
  ON_CALL(container, diagnose()).WillByDefault(Return(test::sample_diagnosis()));
  ON_CALL(container, events(_)).WillByDefault(Return(EventPage{1, 1, 0, {EventInfo{}}}));
  ON_CALL(container, health()).WillByDefault(Return(std::vector{test::sample_health(Health::kUp, "")}));
  const auto answer = [&](const char* method, const char* path) {
    return json::parse(handle(container, {method, path, "", ""}).body);
  };
  const std::map<std::string, json> answers{{"module", answer("GET", "/api/v1/modules")[0]},
                                            {"service", answer("GET", "/api/v1/services")[0]},
                                            {"step", answer("GET", "/api/v1/start-report")[0]},
                                            {"events", answer("GET", "/api/v1/events")},
                                            {"why", answer("GET", "/api/v1/modules/orders/why")},
                                            {"doctor", answer("GET", "/api/v1/doctor")},
                                            {"health", answer("GET", "/api/v1/health")},
                                            {"operation", answer("POST", "/api/v1/modules/orders/stop")},
                                            {"errors", answer("GET", "/api/v1/modules?forse=true")}};
  const std::string page = *base::read_file(ARK_API_PAGE);
  std::set<std::string> found;
  for (const auto& part : find_all(page, R"(### (\w+)\n[^#]*?```json\n([^`]*)```)")) {
    const auto example = json::parse(part[2].str(), nullptr, false);
    const auto known = answers.find(part[1]);
    ASSERT_TRUE(example.is_object() && known != answers.end()) << part[1];
    EXPECT_EQ(keys_of(example), keys_of(known->second)) << part[1];
    for (const auto& [key, value] : example.items()) {
      const auto& answered = known->second[key];
      if (!value.is_array() || value.empty() || !value[0].is_object()) continue;
      ASSERT_FALSE(answered.empty()) << part[1] << ": " << key;
      EXPECT_EQ(keys_of(value[0]), keys_of(answered[0])) << part[1] << ": " << key;
    }
    found.insert(part[1]);
  }
  EXPECT_EQ(found.size(), answers.size());
}

}  // namespace
}  // namespace ark::container::ops
