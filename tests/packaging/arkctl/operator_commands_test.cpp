#include "arkctl/operator_commands.hpp"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "container/ops/mock_container.hpp"
#include "ops/server.hpp"
#include "support/run_program.hpp"

namespace ark::arkctl {
namespace {

namespace fs = std::filesystem;
using namespace container;  // what the container answers
using nlohmann::json;
using std::chrono::milliseconds;
using test::options;
using test::Ran;
using test::sample_module;
using test::sample_operation;
using test::sample_service;
using testing::_;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Return;
using testing::StartsWith;
using testing::StrictMock;

constexpr const char* kSteps =
    "STEP          MS     OUTCOME\n"
    "open package  0.250  ok\n"
    "construct     1.500  two;lines\n";

/// The real program, and a container in this process that it asks. What it is to expect is said before it serves:
/// nobody could tell a later expectation from a race.
class OperatorCommands : public testing::Test {
 protected:
  OperatorCommands() { fs::create_directories(home_ / "run"); }

  void serve() {
    auto server = ops::Server::start(container_, home_ / "run" / "ark.sock");
    ASSERT_TRUE(server.ok()) << server.status().text();
    server_ = std::move(*server);
  }
  /// words: with spaces between; none has one inside.
  Ran arkctl(const std::string& words, const std::string& environment = "") {
    std::vector<std::string> list{ARKCTL, "--home", home_.native()};
    std::istringstream in(words);
    for (std::string word; in >> word;) list.push_back(word);
    return test::run_program(list, environment);
  }
  void expect_done(const Ran& ran, const std::string& out) {
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, out);
    EXPECT_EQ(ran.err, "");
  }

  test::TempDir dir_;
  const fs::path home_ = dir_ / "home";
  StrictMock<test::MockContainer> container_;
  std::unique_ptr<ops::Server> server_;
};

// ---- views ----

TEST_F(OperatorCommands, PsShowsModulesAsATable) {
  auto broken = sample_module();
  broken.name = "a";
  broken.version = "10.0.0-rc.1";
  broken.kind = Kind::kPlugin;
  broken.state = State::kQuarantined;
  broken.services = {"x", "y"};
  broken.error = "its destructor threw";
  broken.reasons = {"a thread is left", "a key is left"};
  auto transient = sample_module();
  transient.transient = true;
  EXPECT_CALL(container_, modules()).WillOnce(Return(std::vector{transient, broken}));
  serve();
  expect_done(arkctl("ps"),
              "NAME    VERSION      KIND    STATE                  GEN  LOAD MS  START MS  SERVICES\n"
              "orders  1.0.0        biz     ACTIVATED (transient)  3    1.2      0.5       com.acme.Orders\n"
              "a       10.0.0-rc.1  plugin  QUARANTINED            3    1.2      0.5       x, y\n"
              "a 10.0.0-rc.1: its destructor threw\n"
              "a 10.0.0-rc.1: a thread is left\n"
              "a 10.0.0-rc.1: a key is left\n");
}

TEST_F(OperatorCommands, PsOfNothingShowsTheHeadings) {
  EXPECT_CALL(container_, modules()).WillOnce(Return(std::vector<ModuleInfo>()));
  serve();
  expect_done(arkctl("ps"), "NAME  VERSION  KIND  STATE  GEN  LOAD MS  START MS  SERVICES\n");
}

TEST_F(OperatorCommands, ColumnsCountCharactersAndNotBytes) {
  auto module = sample_module();
  module.services = {"\xC3\xA9"};
  module.name = "\xC3\xA9t\xC3\xA9";
  EXPECT_CALL(container_, modules()).WillOnce(Return(std::vector{module}));
  serve();
  EXPECT_THAT(arkctl("ps").out, HasSubstr("\n\xC3\xA9t\xC3\xA9   1.0.0    biz"));
}

TEST_F(OperatorCommands, ServicesShowsWhoUsesThemAndWhoIsTakenBeforeThem) {
  auto service = sample_service();
  service.shadowed_by = "shop 1.0.0";
  EXPECT_CALL(container_, services()).WillOnce(Return(std::vector{service}));
  serve();
  expect_done(arkctl("services"),
              "ID               VERSION  MODULE        PRIORITY  UNIQUE ID  BINDINGS   USED BY      SHADOWED BY\n"
              "com.acme.Orders  1.1      orders 1.0.0  100       eu         acme.json  audit 1.0.0  shop 1.0.0\n");
}

TEST_F(OperatorCommands, WhyShowsWhatHoldsAModule) {
  auto module = sample_module();
  module.state = State::kZombie;
  module.reasons = {"its code is still mapped"};
  EXPECT_CALL(container_, why("orders:1.0.0"))
      .WillOnce(Return(WhyInfo{module, {"audit 1.0.0"}, {"thread 12"}, {"a key", "a thread"}, {{State::kBroken, module.since, "#3 start", "it threw"}}}));
  serve();
  expect_done(arkctl("why orders:1.0.0"),
              "orders 1.0.0 is ZOMBIE\n"
              "held by\n  its code is still mapped\n"
              "used by\n  audit 1.0.0\n"
              "inside now\n  thread 12\n"
              "owns\n  a key\n  a thread\n"
              "history\n  2023-11-14T22:13:20.123Z BROKEN by #3 start: it threw\n");
}

TEST_F(OperatorCommands, HealthShowsHowModulesAre) {
  EXPECT_CALL(container_, health())
      .WillOnce(Return(std::vector{test::sample_health(Health::kDegraded, "slow"), test::sample_health(Health::kUp, "")}));
  serve();
  expect_done(arkctl("health"),
              "NAME    VERSION  STATE      HEALTH    REMARK\n"
              "orders  1.0.0    ACTIVATED  degraded  slow\n"
              "orders  1.0.0    ACTIVATED  up\n"
              "the container is degraded\n");
}

TEST_F(OperatorCommands, HealthOfWhatIsDownIsAFailure) {
  EXPECT_CALL(container_, health("orders")).Times(2).WillRepeatedly(Return(test::sample_health(Health::kDown, "no disk")));
  serve();
  const auto ran = arkctl("health orders");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out,
            "NAME    VERSION  STATE      HEALTH  REMARK\n"
            "orders  1.0.0    ACTIVATED  down    no disk\n");
  EXPECT_EQ(arkctl("--json health orders").status, 1);
}

TEST_F(OperatorCommands, OperationsShowsWhatRunsAndWhatHasEnded) {
  auto running = sample_operation();
  running.id = 13;
  running.running = true;
  EXPECT_CALL(container_, operations()).WillOnce(Return(std::vector{sample_operation(Status(Code::kModuleFailed, "it threw")), running}));
  serve();
  expect_done(arkctl("operations"),
              "ID  BEGAN                     OPERATION  SUBJECT       BY      MS   OUTCOME\n"
              "12  2023-11-14T22:13:20.123Z  install    orders 1.0.0  a test  1.8  MODULE_FAILED: it threw\n"
              "13  2023-11-14T22:13:20.123Z  install    orders 1.0.0  a test  1.8  running: construct\n");
}

TEST_F(OperatorCommands, DoctorIsOneIfSomethingWasFound) {
  EXPECT_CALL(container_, diagnose()).WillOnce(Return(test::sample_diagnosis()));
  serve();
  const auto ran = arkctl("doctor");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out,
            "2026-11-21T06:53:54Z orders 1.0.0 crashed: SIGFPE, an integer was divided by zero, in orders.so+0x12ab (Orders::place(int)+0x1b), on thread "
            "4720 (worker) of process 4711\n"
            "    report: /h/logs/crash-1.txt\n"
            "    source: addr2line -Cfie /h/lib/orders.so 0x12ab\n"
            "module: audit 1.0.0 is QUARANTINED: a thread is left\n");
}

TEST_F(OperatorCommands, DoctorIsZeroIfNothingWas) {
  EXPECT_CALL(container_, diagnose()).WillOnce(Return(Diagnosis()));
  serve();
  expect_done(arkctl("doctor"), "nothing found\n");
}

TEST_F(OperatorCommands, DoctorReadsTheHomeOfAContainerThatIsDown) {
  const auto well = arkctl("doctor");
  EXPECT_EQ(well.status, 0);
  EXPECT_THAT(well.err, HasSubstr("no container answers; this is what its home " + home_.native() + " tells"));
  fs::create_directories(home_ / "data" / ".container");
  std::ofstream(home_ / "data" / ".container" / "state.json") << "{";
  fs::create_directories(home_ / "run" / "stage" / "20260101-000000-1");
  const auto found = json::parse(arkctl("--json doctor").out);
  EXPECT_EQ(found["crashes"].size(), 0u);
  ASSERT_EQ(found["findings"].size(), 2u);
  EXPECT_EQ(found["findings"][0]["kind"], "run");
  EXPECT_EQ(found["findings"][1]["kind"], "state");
  EXPECT_THAT(found["findings"][1]["text"].get<std::string>(), HasSubstr("state.json:1"));
  EXPECT_EQ(arkctl("doctor").status, 1);
}

TEST_F(OperatorCommands, DoctorOfAFolderThatIsNoHomeIsThree) {
  fs::create_directories(dir_ / "empty");
  const auto ran = test::run_program({ARKCTL, "--home", (dir_ / "empty").native(), "doctor"});
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.err, HasSubstr((dir_ / "empty").native() + " is no home of a container"));
}

TEST_F(OperatorCommands, DoctorWithNeitherContainerNorHomeIsThree) {
  EXPECT_EQ(test::run_program({ARKCTL, "--home", (dir_ / "none").native(), "doctor"}).status, 3);
  EXPECT_EQ(test::run_program({ARKCTL, "--socket", (home_ / "none").native(), "doctor"}).status, 3) << "the home was not asked for";
}

TEST_F(OperatorCommands, JsonIsWhatTheContainerAnswered) {
  EXPECT_CALL(container_, modules()).Times(2).WillRepeatedly(Return(std::vector{sample_module()}));
  serve();
  for (const char* words : {"ps --json", "--json ps"}) {
    const auto ran = arkctl(words);
    EXPECT_EQ(ran.status, 0);
    const auto answer = json::parse(ran.out, nullptr, false);
    ASSERT_TRUE(answer.is_array()) << ran.out;
    EXPECT_EQ(answer[0]["state"], "ACTIVATED");
  }
}

// ---- operations ----

TEST_F(OperatorCommands, InstallSendsTheAbsolutePath) {
  EXPECT_CALL(container_, install(fs::path("/srv/b.ark"), options(false, false), _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, install(dir_ / "b.ark", options(true, true), _)).WillOnce(Return(sample_operation()));
  serve();
  expect_done(arkctl("install /srv/a/../b.ark"), std::string(kSteps) + "orders 1.0.0 is ACTIVATED\n");
  const auto ran = test::run_program(
      {"sh", "-c", "cd " + dir_.path().native() + " && " ARKCTL " --home home install --switch --transient ./b.ark"});
  expect_done(ran, std::string(kSteps) + "orders 1.0.0 is ACTIVATED\n");
}

TEST_F(OperatorCommands, EachOperationReachesTheContainer) {
  const auto done = std::string(kSteps) + "orders 1.0.0 is ACTIVATED\n";
  EXPECT_CALL(container_, replace(fs::path("/b.ark"), options(false, false), _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, replace(fs::path("/b.ark"), options(false, true), _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, switch_to("orders:1.1.0", _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, start_module("orders", _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, stop_module("orders:1.0.0+b/x?", _, _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, uninstall("orders", false, _)).WillOnce(Return(sample_operation()));
  EXPECT_CALL(container_, uninstall("orders", true, _)).WillOnce(Return(sample_operation()));
  serve();
  for (const char* words : {"replace /b.ark", "replace /b.ark --transient", "switch orders:1.1.0", "start orders",
                            "stop orders:1.0.0+b/x?", "uninstall orders", "uninstall --force orders"}) {
    SCOPED_TRACE(words);
    expect_done(arkctl(words), done);
  }
}

TEST_F(OperatorCommands, AnOperationThatFailsShowsItsStepsAndIsOne) {
  EXPECT_CALL(container_, stop_module("orders", _, _))
      .Times(2)
      .WillRepeatedly(Return(sample_operation(Status(Code::kModuleFailed, "orders 1.0.0 threw an int"))));
  serve();
  auto ran = arkctl("stop orders");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err, "arkctl: orders 1.0.0 threw an int\n");
  EXPECT_EQ(ran.out, std::string(kSteps) + "orders 1.0.0 is ACTIVATED\n");
  ran = arkctl("stop orders --json");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(json::parse(ran.out, nullptr, false)["status"]["code"], "MODULE_FAILED");
}

TEST_F(OperatorCommands, ARefusalIsOneWithItsReason) {
  container::Operation failed;
  failed.status = Status(Code::kCorrupt, "b.ark is no zip");
  EXPECT_CALL(container_, why("nobody"))
      .Times(2)
      .WillRepeatedly(Return(Status(Code::kNotFound, "there is no module nobody")));
  EXPECT_CALL(container_, install(_, _, _))
      .WillOnce(Return(failed));
  serve();
  auto ran = arkctl("why nobody");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "arkctl: there is no module nobody\n");
  EXPECT_EQ(json::parse(arkctl("--json why nobody").out, nullptr, false)["error"]["code"], "NOT_FOUND");
  ran = arkctl("install /b.ark");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "arkctl: b.ark is no zip\n");
}

// ---- where the container is ----

TEST_F(OperatorCommands, FindsTheSocketByOptionVariableOrFolder) {
  EXPECT_CALL(container_, modules()).Times(4).WillRepeatedly(Return(std::vector<ModuleInfo>()));
  serve();
  fs::rename(home_, dir_ / "ark-home");
  const auto home = (dir_ / "ark-home").native();
  EXPECT_EQ(test::run_program({ARKCTL, "--socket", home + "/run/ark.sock", "ps"}, "ARK_HOME=/nowhere").status, 0);
  EXPECT_EQ(test::run_program({ARKCTL, "--home", home, "ps"}, "ARK_HOME=/nowhere").status, 0);
  EXPECT_EQ(test::run_program({ARKCTL, "ps"}, "ARK_HOME=" + home).status, 0);
  EXPECT_EQ(test::run_program({"sh", "-c", "cd " + dir_.path().native() + " && " ARKCTL " ps"}, "ARK_HOME=").status, 0);
  EXPECT_EQ(test::run_program({ARKCTL, "ps"}, "ARK_HOME=/nowhere").status, 3);
  fs::rename(dir_ / "ark-home", home_);  // so that the server finds its socket again
}

TEST_F(OperatorCommands, ThreeSaysThatNobodyAnswersAndWhatToDo) {
  for (const char* words : {"ps", "services", "install /a.ark", "replace /a.ark", "switch a", "start a", "stop a",
                            "uninstall a", "why a", "ps --json"}) {
    const auto ran = arkctl(words);
    EXPECT_EQ(ran.status, 3) << words;
    EXPECT_EQ(ran.out, "") << words;
    EXPECT_THAT(ran.err, AllOf(StartsWith("arkctl: "), HasSubstr((home_ / "run" / "ark.sock").native()),
                               HasSubstr("start ark-container"), HasSubstr("--socket")));
  }
  EXPECT_EQ(test::run_program({ARKCTL, "--socket", "/" + std::string(200, 'x'), "ps"}).status, 3);
  std::ofstream(home_ / "run" / "ark.sock") << "no socket";
  EXPECT_EQ(arkctl("ps").status, 3);
}

TEST_F(OperatorCommands, ThreeSaysWhoseContainerItIsThatMayNotBeAsked) {
  const std::string as_anybody = geteuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search" : "";  // else root may do anything
  if (test::run_program({"true"}, as_anybody).status != 0) GTEST_SKIP() << "root may not give up its capabilities here";
  serve();
  const std::string whose = std::string(" belongs to user ") + getpwuid(geteuid())->pw_name + ": Permission denied; run arkctl as that user";
  for (const auto& place : {home_ / "run" / "ark.sock", home_ / "run"}) {
    fs::permissions(place, fs::perms::none);
    const auto ran = arkctl("ps", as_anybody);
    fs::permissions(place, fs::perms::owner_all);
    EXPECT_EQ(ran.status, 3) << place;
    EXPECT_THAT(ran.err, AllOf(StartsWith("arkctl: "), HasSubstr((home_ / "run" / "ark.sock").native() + whose))) << place;
  }
}

TEST_F(OperatorCommands, ThreeAlsoWhenTheContainerHangsUp) {
  const base::Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (home_ / "run" / "ark.sock").native().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  auto ran = std::async(std::launch::async, [this] { return arkctl("ps"); });
  { const base::Descriptor accepted(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  EXPECT_EQ(ran.get().status, 3);
}

// ---- wait ----

TEST_F(OperatorCommands, WaitReadyEndsWhenItIs) {
  EXPECT_CALL(container_, wait_ready(testing::AllOf(testing::Gt(milliseconds(4000)), testing::Le(milliseconds(5000)))))
      .WillOnce(Return(true));
  EXPECT_CALL(container_, wait_ready(testing::Gt(milliseconds(20'000)))).WillOnce(Return(true));
  serve();
  expect_done(arkctl("wait ready --timeout 5s"), "ready\n");
  EXPECT_EQ(json::parse(arkctl("wait ready --json").out, nullptr, false), (json{{"ready", true}}));
}

TEST_F(OperatorCommands, WaitReadyThatIsNotIsOne) {
  EXPECT_CALL(container_, wait_ready(_)).WillOnce(Return(false));
  serve();
  const auto ran = arkctl("wait ready --timeout 10ms");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("not ready"));
}

TEST_F(OperatorCommands, WaitReadyWaitsForAContainerThatIsJustBeingStarted) {
  EXPECT_CALL(container_, wait_ready(_)).WillOnce(Return(true));
  auto ran = std::async(std::launch::async, [this] { return arkctl("wait ready --timeout 60s"); });
  serve();
  expect_done(ran.get(), "ready\n");
}

TEST_F(OperatorCommands, WaitReadyWithoutAContainerEndsInTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(arkctl("wait ready --timeout 100ms").status, 3);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(100));
  EXPECT_EQ(arkctl("wait ready --timeout 0s").status, 3);
}

// ---- wrong command lines ----

TEST_F(OperatorCommands, WrongCommandLinesAreTwoAndAskNobody) {
  serve();
  for (const char* words : {"",
                            "unknown",
                            "ps more",
                            "ps --force",
                            "services orders",
                            "install",
                            "install ''",
                            "install a b",
                            "install --force a",
                            "install a --switch=maybe",
                            "replace",
                            "replace a b",
                            "replace a --switch",
                            "switch",
                            "switch a b",
                            "start",
                            "start a b",
                            "stop",
                            "start --force a",
                            "stop ''",
                            "uninstall ''",
                            "uninstall",
                            "uninstall a b",
                            "uninstall a --transient",
                            "why",
                            "why a b",
                            "wait",
                            "wait forever",
                            "wait ready --timeout",
                            "wait ready --timeout soon",
                            "wait ready --timeout 5",
                            "wait ready --timeout -1s",
                            "wait ready --timeout 99999999999h",
                            "ps --json=perhaps",
                            "ps services",
                            "--socket x ps",
                            "--home",
                            "-v ps"}) {
    const auto ran = arkctl(words);
    EXPECT_EQ(ran.status, 2) << words << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.err, Not(IsEmpty())) << words;
  }
}

TEST_F(OperatorCommands, AWordThatIsNoCommandIsNamed) {
  EXPECT_THAT(arkctl("--json instal a.ark").err, HasSubstr("there is no command 'instal'"));
  EXPECT_THAT(arkctl("--json").err, HasSubstr("subcommand"));
}

TEST_F(OperatorCommands, HelpIsNoError) {
  const auto all = test::run_program({ARKCTL, "--help"});
  EXPECT_EQ(all.status, 0);
  for (const char* command :
       {"ps", "services", "install", "replace", "switch", "start", "stop", "uninstall", "why", "wait"}) {
    EXPECT_THAT(all.out, HasSubstr(command));
    const auto ran = arkctl(std::string(command) + " --help");
    EXPECT_EQ(ran.status, 0) << command;
    EXPECT_THAT(ran.out, HasSubstr(command));
  }
  EXPECT_EQ(arkctl("--version").status, 0);
}

}  // namespace
}  // namespace ark::arkctl
