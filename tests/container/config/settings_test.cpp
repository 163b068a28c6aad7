#include "config/settings.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "support/temp_dir.hpp"

namespace ark::container::config {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SettingsFile : public ::testing::Test {
 protected:
  Status read(std::string_view text) {
    std::ofstream(file_) << text;
    return settings_.read(file_);
  }
  /// The message behind the file's name: ":3: ...".
  std::string fault(std::string_view text) {
    const auto status = read(text);
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_THAT(status.text(), StartsWith(file_.string()));
    return status.text().substr(std::min(file_.string().size(), status.text().size()));
  }

  test::TempDir dir_;
  const std::filesystem::path file_ = dir_ / "container.json";
  Settings settings_;
};

TEST(Settings, BeginAtTheirPresets) {
  const Settings settings;
  for (const auto& key : known_keys()) {
    EXPECT_EQ(settings.text(key.name), key.preset) << key.name;
    EXPECT_EQ(settings.origin(key.name), "preset") << key.name;
  }
  EXPECT_EQ(settings.duration("limits.start"), milliseconds(30'000));
  EXPECT_EQ(settings.size("log.file.size"), 16u << 20);
  EXPECT_EQ(settings.integer("log.file.count"), 5);
  EXPECT_TRUE(settings.boolean("log.console"));
  EXPECT_EQ(settings.level("log.level"), 2);
  EXPECT_EQ(settings.text("api.socket"), "run/ark.sock");
}

TEST(Settings, EveryPresetIsAValueOfItsKey) {
  Settings settings;
  for (const auto& key : known_keys()) {
    EXPECT_TRUE(settings.set(std::string(key.name) + "=" + std::string(key.preset)).ok()) << key.name;
  }
}

TEST_F(SettingsFile, MayHaveCommentsNestedObjectsAndDottedKeys) {
  const auto status = read(R"(// the whole of it
{
  /* a minute
     for everyone */
  "limits": {"drain": "1m", "start": "500ms"},
  "log": {"level": "debug", "file": {"size": 8192, "count": 7}, "console": false},
  "limits.stop": "2s", // dotted
  "log.file": {}
}
)");
  ASSERT_TRUE(status.ok()) << status.text();
  EXPECT_EQ(settings_.duration("limits.drain"), milliseconds(60'000));
  EXPECT_EQ(settings_.duration("limits.start"), milliseconds(500));
  EXPECT_EQ(settings_.duration("limits.stop"), milliseconds(2'000));
  EXPECT_EQ(settings_.level("log.level"), 1);
  EXPECT_EQ(settings_.size("log.file.size"), 8192u);
  EXPECT_EQ(settings_.integer("log.file.count"), 7);
  EXPECT_FALSE(settings_.boolean("log.console"));
  EXPECT_EQ(settings_.duration("limits.handler"), milliseconds(10'000)) << "what is not named keeps its preset";
  EXPECT_EQ(settings_.origin("limits.drain"), file_.string() + ":5");
  EXPECT_EQ(settings_.origin("limits.stop"), file_.string() + ":7");
  EXPECT_EQ(settings_.origin("limits.handler"), "preset");
}

TEST_F(SettingsFile, AnUnknownKeyIsNamedWithItsLineAndTheNearestOne) {
  EXPECT_EQ(fault("{\n\"limits\": {\n\"strat\": \"1s\"}}"),
            ":3: there is no key 'limits.strat'; did you mean 'limits.start'?");
  EXPECT_EQ(fault("{\n\n\"log.levle\": \"info\"}"), ":3: there is no key 'log.levle'; did you mean 'log.level'?");
  EXPECT_THAT(fault("{\"limits\": \"1s\"}"), StartsWith(":1: 'limits' is a section, of several keys; did you mean 'limits."));
  EXPECT_THAT(fault("{\"colour\": {\"of\": 1}}"), StartsWith(":1: there is no key 'colour'; did you mean '"));
  EXPECT_THAT(fault("{\"log.level.now\": \"info\"}"), StartsWith(":1: there is no key 'log.level.now'"));
}

TEST_F(SettingsFile, AnUnknownKeyOfAModuleIsAnsweredWithOneOfThatModule) {
  EXPECT_EQ(fault(R"({"modules": {"trader": {"start": {"retrys": 3}}}})"),
            ":1: there is no key 'modules.trader.start.retrys'; did you mean 'modules.trader.start.retries'?");
  EXPECT_EQ(fault(R"({"modules": {"trader": {"log": {"level": "info"}}}})"),
            ":1: there is no key 'modules.trader.log.level'; 'log.level' holds for all modules and cannot be set for one");
  EXPECT_EQ(fault(R"({"modules": "trader"})"),
            ":1: 'modules' is a section, of several keys; write it like 'modules.orders.limits.start'");
}

TEST_F(SettingsFile, AValueOfTheWrongTypeIsNamedWithItsLineAndKey) {
  EXPECT_EQ(fault("{\"start.retries\": 1.5}"), ":1: start.retries: '1.5' is not a whole number");
  EXPECT_EQ(fault("{\n\"log.console\": 1}"), ":2: log.console: '1' is neither true nor false");
  EXPECT_EQ(fault("{\n\"log\": {\n\"level\": \"loud\"}}"),
            ":3: log.level: 'loud' is none of trace, debug, info, warn, error");
  EXPECT_EQ(fault("{\"stage.keep\": \"many\"}"), ":1: stage.keep: 'many' is not a whole number");
  EXPECT_EQ(fault("{\"stage.keep\": true}"), ":1: stage.keep: 'true' is not a whole number");
  EXPECT_THAT(fault("{\"limits.stop\": 30}"), StartsWith(":1: limits.stop: '30' is not a duration; write it like"));
  EXPECT_THAT(fault("{\"log.file.size\": \"16MB\"}"), StartsWith(":1: log.file.size: '16MB' is not a size"));
  EXPECT_THAT(fault("{\"api.socket\": \"\"}"), StartsWith(":1: api.socket: it is empty"));
  for (const char* value : {"null", "[1]", "{}"}) {
    EXPECT_EQ(fault("{\"stage.keep\":\n" + std::string(value) + "}"),
              ":1: stage.keep: a text, a whole number or a boolean is expected")
        << value;
  }
}

TEST_F(SettingsFile, AValueOutOfRangeIsToldItsRange) {
  EXPECT_EQ(fault("{\"limits.start\": \"0ms\"}"), ":1: limits.start: 0ms is out of range; it may be 1ms to 24h");
  EXPECT_EQ(fault("{\"limits.start\": \"25h\"}"), ":1: limits.start: 25h is out of range; it may be 1ms to 24h");
  EXPECT_EQ(fault("{\"log.file.size\": 4095}"), ":1: log.file.size: 4095 is out of range; it may be 4KiB to 1024GiB");
  EXPECT_EQ(fault("{\"stage.keep\": -1}"), ":1: stage.keep: -1 is out of range; it may be 0 to 1000");
  EXPECT_TRUE(
      read(R"({"limits": {"start": "24h", "drain": "0ms"}, "log.file.size": "4KiB", "stage.keep": 1000})").ok());
}

TEST_F(SettingsFile, AKeyThatStandsTwiceIsRefused) {
  EXPECT_EQ(fault("{\"log.level\": \"info\",\n\"log\": {\"level\": \"warn\"}}"),
            ":2: log.level is set a second time; remove one of the two");
}

TEST_F(SettingsFile, SaysEverythingThatIsWrong) {
  const auto text = fault("{\n\"log\": {\"levle\": \"debug\",\n\"console\": [1, {\"level\": 2}],\n\"level\": \"warn\"},\n\"limits.start\": \"soon\"}");
  EXPECT_THAT(text, AllOf(HasSubstr(":2: there is no key 'log.levle'"), HasSubstr(":3: log.console: a text"), HasSubstr(":5: limits.start: ")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(settings_.text("log.level"), "warn") << "what is right is taken";
}

TEST_F(SettingsFile, AFileThatCannotBeParsedChangesNothing) {
  ASSERT_TRUE(read(R"({"log.level": "debug"})").ok());
  EXPECT_FALSE(read("{\"log.level\": \"error\",\n\"stage.keep\": 7,").ok());
  EXPECT_EQ(settings_.text("log.level"), "debug");
  EXPECT_EQ(settings_.origin("log.level"), file_.string() + ":1");
  EXPECT_EQ(settings_.integer("stage.keep"), 3);
}

TEST_F(SettingsFile, WhatIsNotAnObjectIsRefused) {
  EXPECT_THAT(fault(""), StartsWith(":1: syntax error"));
  EXPECT_THAT(fault("// nothing\n"), HasSubstr(": syntax error"));
  EXPECT_THAT(fault("[]"), StartsWith(":1: an object is expected"));
  EXPECT_THAT(fault("{\"log.level\": \"info\"\n\n\"stage.keep\": 1}"), StartsWith(":3: syntax error"));
  EXPECT_EQ(read("{").code(), Code::kCorrupt);
}

TEST_F(SettingsFile, AMissingFileIsNotFound) {
  const auto status = settings_.read(dir_ / "none.json");
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.text(), HasSubstr("none.json"));
}

TEST_F(SettingsFile, SetWinsOverTheFile) {
  ASSERT_TRUE(read(R"({"log.level": "debug", "stage.keep": 7})").ok());
  ASSERT_TRUE(settings_.set("log.level=error").ok());
  EXPECT_EQ(settings_.level("log.level"), 4);
  EXPECT_EQ(settings_.origin("log.level"), "--set");
  EXPECT_EQ(settings_.integer("stage.keep"), 7);
  ASSERT_TRUE(settings_.set("api.socket=run/a=b.sock").ok());
  EXPECT_EQ(settings_.text("api.socket"), "run/a=b.sock") << "only the first = divides";
}

TEST(Settings, SetIsRefusedAsAFileIs) {
  Settings settings;
  EXPECT_EQ(settings.set("log.level").text(), "--set log.level: write it like --set log.level=debug");
  EXPECT_EQ(settings.set("log.lvl=info").text(), "--set: there is no key 'log.lvl'; did you mean 'log.level'?");
  EXPECT_EQ(settings.set("stage.keep=1001").text(), "--set: stage.keep: 1001 is out of range; it may be 0 to 1000");
  EXPECT_THAT(settings.set("limits=1s").text(), StartsWith("--set: 'limits' is a section, of several keys; did you mean 'limits."));
  EXPECT_EQ(settings.set("=1").code(), Code::kInvalidArgument);
  EXPECT_EQ(settings.integer("stage.keep"), 3);
}

TEST(SettingsSchema, ListsEveryKeyWithItsPreset) {
  const auto schema = nlohmann::json::parse(settings_schema());
  const auto& properties = schema.at("properties");
  for (const auto& key : known_keys()) {
    ASSERT_TRUE(properties.contains(key.name)) << key.name;
    const auto& described = properties[std::string(key.name)];
    const auto preset = described.at("default");
    EXPECT_EQ(preset.is_string() ? preset.get<std::string>() : preset.dump(), key.preset) << key.name;
    EXPECT_EQ(described.at("description"), key.meaning) << key.name;
  }
}

TEST(SettingsSchema, TakesSectionsAndNothingElse) {
  const auto schema = nlohmann::json::parse(settings_schema());
  const auto& properties = schema.at("properties");
  EXPECT_EQ(properties.at("log").at("properties").at("file").at("properties").at("count"), properties.at("log.file.count"));
  EXPECT_EQ(properties.at("log.file").at("properties").at("count"), properties.at("log.file.count"));
  EXPECT_EQ(properties.at("log").at("properties").at("file.count"), properties.at("log.file.count"));
  for (const auto* object : {&schema, &properties.at("log"), &properties.at("log.file")}) EXPECT_EQ(object->at("additionalProperties"), false);
}

TEST(ConfigurationPage, ListsEveryKeyAsItIs) {
  std::ifstream file(ARK_CONFIGURATION_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  size_t rows = 0;
  for (size_t at = page.find("\n| `"); at != page.npos; at = page.find("\n| `", at + 1)) ++rows;
  EXPECT_EQ(rows, known_keys().size()) << "a key that there is not, or one that is missing";
  for (const auto& key : known_keys()) {
    const auto begin = page.find("\n| `" + std::string(key.name) + "` |");
    ASSERT_NE(begin, page.npos) << key.name << " is not in docs/configuration.md";
    const auto row = page.substr(begin + 1, page.find('\n', begin + 1) - begin - 1);
    const auto range = key.least.empty() ? std::string(" | |")
                                         : " | `" + std::string(key.least) + "` to `" + std::string(key.most) + "` |";
    EXPECT_THAT(row, AllOf(HasSubstr("| `" + std::string(key.preset) + "`" + range),
                           HasSubstr("| " + std::string(key.meaning) + " |")));
  }
}

TEST(ConfigurationPage, ItsExampleIsAccepted) {
  std::ifstream file(ARK_CONFIGURATION_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto begin = page.find("```json\n"), end = page.find("\n```", begin);
  ASSERT_NE(begin, page.npos);
  test::TempDir dir;
  std::ofstream(dir / "container.json") << page.substr(begin + 8, end - begin - 8);
  Settings settings;
  const auto status = settings.read(dir / "container.json");
  EXPECT_TRUE(status.ok()) << status.text();
}

}  // namespace
}  // namespace ark::container::config
