#include "app/command_line.hpp"

#include <ark/abi/version.h>
#include <gmock/gmock.h>

#include <cstdlib>

namespace ark::container::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() { unsetenv("ARK_HOME"); }
  ~CommandLineTest() override { unsetenv("ARK_HOME"); }

  std::variant<CommandLine, int> parse(std::vector<const char*> words) {
    words.insert(words.begin(), "ark-container");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    auto parsed = parse_command_line(static_cast<int>(words.size()), words.data());
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return parsed;
  }
  CommandLine line(const std::vector<const char*>& words) {
    auto parsed = parse(words);
    EXPECT_TRUE(std::holds_alternative<CommandLine>(parsed)) << err_;
    return std::holds_alternative<CommandLine>(parsed) ? std::get<CommandLine>(parsed) : CommandLine();
  }
  /// -1: the command line was taken.
  int status(const std::vector<const char*>& words) {
    auto parsed = parse(words);
    return std::holds_alternative<int>(parsed) ? std::get<int>(parsed) : -1;
  }

  std::string out_, err_;
};

TEST_F(CommandLineTest, EverythingHasADefault) {
  const auto l = line({});
  EXPECT_EQ(l.home, "ark-home");
  EXPECT_EQ(l.config, "");
  EXPECT_THAT(l.settings, IsEmpty());
  EXPECT_THAT(l.modules, IsEmpty());
  EXPECT_FALSE(l.print_config_schema);
}

TEST_F(CommandLineTest, TheHomeIsTheOptionElseTheVariable) {
  setenv("ARK_HOME", "/from/variable", 1);
  EXPECT_EQ(line({}).home, "/from/variable");
  EXPECT_EQ(line({"--home", "/from/option"}).home, "/from/option");
  EXPECT_EQ(line({"--home=/from/option"}).home, "/from/option");
  setenv("ARK_HOME", "", 1);
  EXPECT_EQ(line({}).home, "ark-home");
}

TEST_F(CommandLineTest, TakesAConfiguration) { EXPECT_EQ(line({"--config", "/etc/ark.json"}).config, "/etc/ark.json"); }

TEST_F(CommandLineTest, SettingsMayBeRepeatedAndKeepTheirOrder) {
  const auto l = line({"--set", "log.level=debug", "--set=limits.start=1s", "--set", "log.level=warn"});
  EXPECT_THAT(l.settings, ElementsAre("log.level=debug", "limits.start=1s", "log.level=warn"));
}

TEST_F(CommandLineTest, ModulesMayBeRepeated) {
  EXPECT_THAT(line({"--module", "a.ark", "--module", "b c.ark"}).modules, ElementsAre("a.ark", "b c.ark"));
}

TEST_F(CommandLineTest, AnOptionTakesOneWord) {
  EXPECT_EQ(status({"--module", "a.ark", "b.ark"}), 2);
  EXPECT_EQ(status({"--set", "a=1", "b=2"}), 2);
}

TEST_F(CommandLineTest, CanCheckOnly) { EXPECT_TRUE(line({"--check"}).check); }

TEST_F(CommandLineTest, CanPrintTheSchema) { EXPECT_TRUE(line({"--print-config-schema"}).print_config_schema); }

TEST_F(CommandLineTest, HelpNamesEveryOption) {
  for (const char* word : {"--help", "-h"}) {
    EXPECT_EQ(status({word}), 0);
    for (const char* option :
         {"--home", "--config", "--set", "--module", "--check", "--print-config-schema", "--version", "$ARK_HOME"}) {
      EXPECT_THAT(out_, HasSubstr(option));
    }
    EXPECT_EQ(err_, "");
  }
}

TEST_F(CommandLineTest, TellsItsVersion) {
  EXPECT_EQ(status({"--version"}), 0);
  EXPECT_EQ(out_, ARK_VERSION_TEXT "\n");
}

TEST_F(CommandLineTest, WrongUsageIsTwoAndSaysWhy) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{"--what"}, "--what"},
      {{"-x"}, "-x"},
      {{"orders.ark"}, "orders.ark"},
      {{"--home"}, "--home"},
      {{"--config"}, "--config"},
      {{"--set"}, "--set"},
      {{"--module"}, "--module"},
      {{"--home", "a", "--home", "b"}, "--home"},
      {{"--config", "a", "--config", "b"}, "--config"},
      {{"--print-config-schema=maybe"}, "--print-config-schema"},
      {{"--hom", "a"}, "--hom"}};
  for (const auto& [words, named] : cases) {
    EXPECT_EQ(status(words), 2) << testing::PrintToString(words);
    EXPECT_THAT(err_, HasSubstr(named)) << testing::PrintToString(words);
    EXPECT_EQ(out_, "");
  }
}

}  // namespace
}  // namespace ark::container::app
