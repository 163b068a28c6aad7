// Who is given what others export: at the start, later, and of several exporters. What the index of exports of SOFAArk
// got wrong: frozen at the start, empty for those that were made before it, and other winners for plugins than for biz.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fixture/asker.hpp>

#include "remade.hpp"
#include "serving_container.hpp"

namespace {

namespace fs = std::filesystem;
using ark::container::Container;
using ark::test::fixture;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A container in a home that has these packages.
class Exports : public testing::Test {
 protected:
  void start(const std::vector<std::string>& modules) {
    fs::create_directories(temp_ / "home/modules");
    for (const auto& name : modules) fs::copy_file(fixture(name), temp_ / "home/modules" / (name + "-1.0.0.ark"));
    ark::container::Options options;
    options.home = temp_ / "home";
    options.log = [this](int, std::string_view source, std::string_view text) {
      std::lock_guard lock(mutex_);
      log_.push_back(std::string(source) + ": " + std::string(text));
    };
    auto created = Container::create(std::move(options));
    ASSERT_TRUE(created.ok()) << created.status().text();
    container_ = std::move(*created);
    const auto started = container_->start();
    ASSERT_TRUE(started.status.ok()) << started.status.text();
    host_ = std::make_unique<ark::test::HostContext>(*container_, "test");
  }
  void stop() {
    host_.reset();
    if (container_) {
      EXPECT_TRUE(container_->stop().status.ok());
    }
    container_.reset();
  }
  ~Exports() override { stop(); }

  ark::container::Operation install(const std::string& name) {
    auto done = container_->install(fixture(name), {});
    EXPECT_TRUE(done.status.ok()) << done.status.text();
    return done;
  }
  void uninstall(const std::string& name) {
    const auto done = container_->uninstall(name, false);
    EXPECT_TRUE(done.status.ok()) << done.status.text();
  }
  ark::Reference<fixture::Asker> asker(const std::string& name = "asker") {
    return (*host_)->reference<fixture::Asker>(ark::Filter().unique_id(name));
  }
  size_t logged(const std::string& text) {
    std::lock_guard lock(mutex_);
    return std::count_if(log_.begin(), log_.end(), [&](const auto& line) { return line.find(text) != line.npos; });
  }
  static std::string outcome_of(const std::vector<ark::container::Step>& steps, const std::string& name) {
    for (const auto& step : steps) {
      if (step.name == name) return step.outcome;
    }
    return "";
  }

  ark::test::TempDir temp_;
  std::mutex mutex_;
  std::vector<std::string> log_;  // guarded by mutex_
  std::unique_ptr<Container> container_;
  std::unique_ptr<ark::test::HostContext> host_;
};

using ExportIndex = Exports;

TEST_F(ExportIndex, IsNotEmptyForABizThatIsThereAtTheStart) {
  start({"asker", "exporter"});
  EXPECT_EQ(asker()->ask("hello"), "exporter: hello");
  EXPECT_EQ(asker()->open("words/hello.txt"), "hello of exporter\n");
}

TEST_F(ExportIndex, IsNotFrozenAtTheStart) {
  start({"asker", "asker-plugin"});
  for (const char* name : {"asker", "asker-plugin"}) EXPECT_EQ(asker(name)->ask("hello"), "nobody");
  EXPECT_THROW(asker()->open("words/hello.txt"), ark::ServiceError);
  install("exporter");
  for (const char* name : {"asker", "asker-plugin"}) {
    EXPECT_EQ(asker(name)->ask("hello"), "exporter: hello") << "the reference of its constructor";
    EXPECT_EQ(asker(name)->open("words/hello.txt"), "hello of exporter\n");
  }
  install("asker-denies");  // a biz that comes later
  EXPECT_EQ(asker("asker-denies")->open("words/hello.txt"), "hello of exporter\n");
  uninstall("exporter");
  EXPECT_EQ(asker()->ask("hello"), "nobody");
  EXPECT_THAT(asker()->all("words/hello.txt"), IsEmpty());
}

TEST_F(ExportIndex, ConflictsAreResolvedAlikeForPluginsAndBizWhoeverWasThereFirst) {
  start({"asker", "asker-plugin", "exporter-biz"});
  install("exporter");  // of the same priority: its name comes first
  for (const char* name : {"asker", "asker-plugin"}) {
    EXPECT_EQ(asker(name)->ask("hello"), "exporter: hello");
    EXPECT_THAT(asker(name)->all("words/hello.txt"),
                ElementsAre("hello of exporter\nof exporter 1.0.0", "hello of exporter-biz\nof exporter-biz 1.0.0"));
  }
  stop();
  start({});  // the same home
  for (const char* name : {"asker", "asker-plugin"})
    EXPECT_EQ(asker(name)->ask("hello"), "exporter: hello") << "the same after a restart";
}

TEST_F(Exports, ALaterExporterOfBetterPriorityTakesOverAndIsReported) {
  start({"asker", "exporter"});
  EXPECT_EQ(asker()->ask("hello"), "exporter: hello");
  const auto installed = install("exporter-first");
  EXPECT_EQ(asker()->ask("hello"), "exporter-first: hello");
  EXPECT_EQ(asker()->open("words/hello.txt"), "hello of exporter-first\n");
  const auto resolved = outcome_of(installed.steps, "resolve");
  EXPECT_THAT(resolved, HasSubstr("com.acme.fixture.Echo of exporter 1.0.0 is shadowed by that of exporter-first 1.0.0 "
                                  "(priority 50 before 100)"));
  EXPECT_THAT(
      resolved,
      HasSubstr(
          "2 resources, such as words/hello.txt, of exporter 1.0.0 are shadowed by those of exporter-first 1.0.0"));
  EXPECT_EQ(logged("com.acme.fixture.Echo is shadowed by that of exporter-first 1.0.0"), 1u);
  EXPECT_EQ(logged("of exporter 1.0.0 are shadowed by those of exporter-first 1.0.0"), 1u);
  for (const auto& service : container_->services()) {
    EXPECT_EQ(service.shadowed_by, service.module == "exporter 1.0.0" ? "exporter-first 1.0.0" : "")
        << service.id << " of " << service.module;
  }
  uninstall("exporter-first");
  EXPECT_EQ(asker()->ask("hello"), "exporter: hello");
  EXPECT_EQ(asker()->open("words/hello.txt"), "hello of exporter\n");
  for (const auto& service : container_->services()) EXPECT_EQ(service.shadowed_by, "");
}

TEST_F(Exports, AVersionThatIsToBeInactiveShadowsNothing) {
  start({"echo"});
  const auto other = ark::test::remade(temp_.path(), "echo", [](auto& m) { m.version.minor = 1; });
  EXPECT_EQ(outcome_of(container_->install(other, {}).steps, "resolve"), "ok");
}

TEST_F(Exports, AStartReportsWhatIsShadowed) {
  start({"exporter", "exporter-first"});
  EXPECT_THAT(outcome_of(container_->start_report(), "resolve"),
              AllOf(HasSubstr("exporter-first 1.0.0, exporter 1.0.0; "),
                    HasSubstr("Echo of exporter 1.0.0 is shadowed by that of exporter-first 1.0.0")));
  EXPECT_EQ(logged("com.acme.fixture.Echo is shadowed by"), 1u);
}

TEST_F(Exports, AModuleThatDeniesAnImportIsNeverGivenIt) {
  start({"asker-denies", "exporter"});
  const auto denied = asker("asker-denies");
  EXPECT_THAT(denied->ask("hello"), HasSubstr("asker-denies 1.0.0 refers to com.acme.fixture.Echo, which its manifest "
                                              "denies: deny-imports.services has \"com.acme.fixture.E*\""));
  EXPECT_EQ(denied->open("words/hello.txt"), "hello of exporter\n");
  try {
    denied->open("words/secret.txt");
    ADD_FAILURE() << "it was given what it denies";
  } catch (const ark::ServiceError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("is exported by exporter 1.0.0, but denied: deny-imports.resources has \"words/secret*\""));
  }
}

TEST_F(Exports, TheOwnResourceComesFirst) {
  start({"asker", "exporter-first"});
  EXPECT_EQ(asker()->open("words/own.txt"), "asker's own\n");
  EXPECT_THAT(asker()->all("words/own.txt"),
              ElementsAre("asker's own\nof asker 1.0.0", "own of exporter-first\nof exporter-first 1.0.0"));
}

TEST_F(Exports, NoNameLeadsOutOfTheResources) {
  start({"asker", "exporter"});
  for (const char* name :
       {"../lib/asker.so", "words/../../ark.json", "/etc/passwd", "", ".", "words", "words/", "private.txt"}) {
    EXPECT_THROW(asker()->open(name), ark::ServiceError) << name;
  }
}

TEST_F(Exports, AnOpenResourceOutlivesTheModuleThatItIsOf) {
  start({"asker", "exporter"});
  EXPECT_EQ(asker()->open("words/hello.txt"), "hello of exporter\n");
  uninstall("exporter");
  EXPECT_THAT(asker()->read_again(), ElementsAre("hello of exporter\n", "hello of exporter\n"));
  EXPECT_THROW(asker()->open("words/hello.txt"), ark::ServiceError);
}

TEST_F(Exports, WhoIsStoppedOrInactiveExportsNothing) {
  start({"asker", "exporter"});
  ASSERT_TRUE(container_->stop_module("exporter").status.ok());
  EXPECT_THAT(asker()->all("words/hello.txt"), IsEmpty());
  ASSERT_TRUE(container_->start_module("exporter").status.ok());
  EXPECT_THAT(asker()->all("words/hello.txt"), ElementsAre("hello of exporter\nof exporter 1.0.0"));
}

TEST_F(Exports, AMandatoryImporterOfResourcesIsNotStranded) {
  start({"exporter", "asker-needs"});
  const auto refused = container_->uninstall("exporter", false);
  EXPECT_THAT(refused.status.text(),
              AllOf(HasSubstr("asker-needs 1.0.0 imports com.acme.fixture.Echo@1.0 and nobody else exports it"),
                    HasSubstr("asker-needs 1.0.0 imports the resources words/* and nobody else exports them")));
  install("exporter-biz");
  uninstall("exporter");
  EXPECT_EQ(asker("asker-needs")->open("words/hello.txt"), "hello of exporter-biz\n");
}

}  // namespace
