// ark-container as its users run it: exit statuses, and what it says on its way.
#include <ark/abi/version.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/child.hpp"
#include "support/run_program.hpp"

namespace ark::container::app {
namespace {

namespace fs = std::filesystem;
using test::Ran;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Program : public testing::Test {
 protected:
  Ran run(std::vector<std::string> words) {
    words.insert(words.begin(), {ARK_CONTAINER, "--home", home_.native()});
    return test::run_program(words);
  }
  std::string log() const { return base::read_file(home_ / "logs" / "container.log").value(); }

  test::TempDir dir_;
  const fs::path home_ = dir_ / "home";
};

TEST_F(Program, HelpVersionAndSchemaNeedNoHome) {
  EXPECT_EQ(run({"--help"}).status, 0);
  EXPECT_EQ(run({"--version"}).out, ARK_VERSION_TEXT "\n");
  const auto ran = run({"--print-config-schema"});
  EXPECT_EQ(ran.status, 0);
  const auto schema = nlohmann::json::parse(ran.out, nullptr, false);
  ASSERT_TRUE(schema.is_object()) << ran.out;
  EXPECT_TRUE(schema.contains("$schema"));
  EXPECT_FALSE(fs::exists(home_));
}

TEST_F(Program, WrongConfigurationIsWrongUsage) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--set", "log.levle=debug"}, "log.level"},
      {{"--set", "log.level"}, "log.level"},
      {{"--set", "log.level=loud"}, "loud"},
      {{"--set", "limits.start=soon"}, "soon"},
      {{"--set", "=1"}, "no key ''"},
      {{"--config", (dir_ / "none.json").native()}, "none.json"},
      {{"--what"}, "--what"}};
  for (const auto& [words, named] : cases) {
    const auto ran = run(words);
    EXPECT_EQ(ran.status, 2) << testing::PrintToString(words);
    EXPECT_THAT(ran.err, HasSubstr(named)) << testing::PrintToString(words);
    EXPECT_FALSE(fs::exists(home_)) << "nothing was begun";
  }
}

TEST_F(Program, AWrongConfigurationFileIsNamedWithItsLine) {
  fs::create_directories(home_ / "conf");
  std::ofstream(home_ / "conf" / "container.json") << "{\n  \"log\": {\"levle\": \"debug\"}\n}\n";
  const auto ran = run({});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, AllOf(StartsWith("ark-container: "), HasSubstr("container.json:2"), HasSubstr("log.levle")));
}

TEST_F(Program, AHomeThatCannotBeSearchedIsSaid) {
  fs::create_symlink(home_, home_);
  const auto ran = run({}), checked = run({"--check"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(checked.status, 1);
  for (const auto& text : {ran.err, checked.err}) EXPECT_THAT(text, AllOf(HasSubstr("container.json"), HasSubstr("symbolic links")));
}

TEST_F(Program, AFailedStartIsOne) {
  const auto ran = run({"--module", (dir_ / "none.ark").native()});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out + ran.err, HasSubstr("none.ark"));
  EXPECT_FALSE(fs::exists(home_ / "run" / "ark.sock"));
}

TEST_F(Program, AFailedStartIsSaidOnceOnStandardErrorWithAndWithoutTheConsole) {
  for (const char* console : {"log.console=true", "log.console=false"}) {
    const auto ran = run({"--module", (dir_ / "none.ark").native(), "--set", console, "--set", "log.level=error"});
    EXPECT_EQ(ran.status, 1);
    const auto first = ran.err.find("the start failed: ");
    ASSERT_NE(first, std::string::npos) << console;
    EXPECT_THAT(ran.err, HasSubstr("none.ark"));
    EXPECT_EQ(ran.err.find("the start failed: ", first + 1), std::string::npos) << console;
  }
}

TEST_F(Program, ASocketThatCannotBeIsOne) {
  const auto ran = run({"--set", "api.socket=" + std::string(200, 'x')});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("too long"));
}

/// A container that serves until it is told to end.
test::Child serving(const fs::path& home) { return test::Child({ARK_CONTAINER, "--home", home.native(), "--set", "log.console=false"}); }

TEST_F(Program, ServesUntilASignalAndTellsItsStart) {
  for (int number : {SIGTERM, SIGINT}) {
    fs::remove_all(home_);
    auto container = serving(home_);
    const auto is_ready = [&] {
      return fs::exists(home_ / "logs" / "container.log") && log().find("ready") != std::string::npos;
    };
    while (!is_ready()) std::this_thread::yield();
    EXPECT_TRUE(fs::is_socket(home_ / "run" / "ark.sock"));
    container.signal(number);
    EXPECT_EQ(container.exit_status(), 0);
    EXPECT_THAT(log(), AllOf(HasSubstr("open packages"), HasSubstr("fire ContainerStarted"), HasSubstr("stopped")));
    EXPECT_FALSE(fs::exists(home_ / "run" / "ark.sock"));
  }
}

TEST_F(Program, ASecondContainerOnOneHomeNamesTheFirst) {
  auto container = serving(home_);
  while (!fs::exists(home_ / "run" / "ark.sock")) std::this_thread::yield();
  const auto second = run({});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("process"));
  EXPECT_TRUE(fs::exists(home_ / "run" / "ark.sock")) << "the first one still listens";
  container.signal(SIGTERM);
  EXPECT_EQ(container.exit_status(), 0);
}

}  // namespace
}  // namespace ark::container::app
