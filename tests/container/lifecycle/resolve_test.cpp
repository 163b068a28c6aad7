#include "lifecycle/resolve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace ark::container::lifecycle {
namespace {

using package::Manifest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Keeps manifests and hands out pointers to them.
class Modules {
 public:
  Manifest& add(const std::string& name, const std::string& version, Kind kind = Kind::kBiz, int priority = 100) {
    auto& manifest = all_.emplace_back();
    manifest.name = name;
    manifest.version = *package::parse_version(version);
    manifest.kind = kind;
    manifest.priority = priority;
    pointers_.push_back(&manifest);
    return manifest;
  }
  const Manifests& all() const { return pointers_; }
  std::vector<std::string> order() const {
    auto order = start_order(pointers_);
    std::vector<std::string> labels;
    if (!order.ok()) return {order.status().text()};
    for (size_t i : *order) labels.push_back(label_of(*pointers_[i]));
    return labels;
  }
  /// "a 1.0.0, b 1.0.0" for each wave.
  std::vector<std::string> waves() const {
    auto waves = start_waves(pointers_);
    if (!waves.ok()) return {waves.status().text()};
    std::vector<std::string> texts;
    for (const auto& wave : *waves) {
      auto& text = texts.emplace_back();
      for (size_t i : wave) text += (text.empty() ? "" : ", ") + label_of(*pointers_[i]);
    }
    return texts;
  }

 private:
  std::deque<Manifest> all_;
  Manifests pointers_;
};

void exports(Manifest& m, const std::string& id, const std::string& version) { m.exports.push_back({id, version, {}, 0}); }
void imports(Manifest& m, const std::string& id, const std::string& range, bool optional = false) {
  m.imports.push_back({id, *package::Range::parse(range), optional, false, {}, 0});
}

void has(Manifest& m, const std::string& resource) {
  package::PackagedFile file;
  file.path = "resources/" + resource;
  m.files.push_back(file);
  m.exported_resources.push_back(resource);
}
void imports_resources(Manifest& m, const std::string& text) { m.imported_resources.push_back(*package::parse_resource_import(text)); }

TEST(Resolve, FindsNothingWrongWithAModuleWhoseImportsAreExported) {
  Modules modules;
  exports(modules.add("greeter", "1.0.0", Kind::kPlugin), "com.acme.Greeter", "1.2");
  auto& orders = modules.add("orders", "1.0.0");
  imports(orders, "com.acme.Greeter", "[1.0,2.0)");
  EXPECT_THAT(problems_of(orders, Offers(modules.all())), IsEmpty());
}

TEST(Resolve, NamesAMissingExporter) {
  Modules modules;
  auto& orders = modules.add("orders", "1.0.0");
  imports(orders, "com.acme.Greeter", "[1.0,2.0)");
  EXPECT_THAT(problems_of(orders, Offers(modules.all())),
              ElementsAre(HasSubstr("orders 1.0.0 imports com.acme.Greeter@[1.0,2.0), which no module exports")));
}

TEST(Resolve, NamesExportersThatServeNobodyNow) {
  Modules modules;
  auto& orders = modules.add("orders", "1.0.0");
  imports(orders, "com.acme.Greeter", "[1.0,2.0)");
  orders.dependencies.push_back({"greeter", *package::Range::parse("")});
  Modules others;
  exports(others.add("greeter", "1.0.0", Kind::kPlugin), "com.acme.Greeter", "1.2");
  exports(others.add("greeter", "2.0.0", Kind::kPlugin), "com.acme.Greeter", "2.0");
  const Offers offers(modules.all(), {{others.all()[0], "STOPPED"}, {others.all()[1], "BROKEN"}});
  EXPECT_THAT(problems_of(orders, offers),
              ElementsAre(HasSubstr("which only greeter 1.0.0 (STOPPED) would export; start it"),
                          HasSubstr("and there is only greeter 1.0.0 (STOPPED), greeter 2.0.0 (BROKEN); start it")));
}

TEST(Resolve, NamesExportersThatAreOutOfRange) {
  Modules modules;
  exports(modules.add("greeter", "2.0.0", Kind::kPlugin), "com.acme.Greeter", "2.0");
  auto& orders = modules.add("orders", "1.0.0");
  imports(orders, "com.acme.Greeter", "[1.0,2.0)");
  EXPECT_THAT(problems_of(orders, Offers(modules.all())), ElementsAre(HasSubstr("but greeter 2.0.0 exports 2.0")));
}

TEST(Resolve, AnOptionalImportMayBeMissing) {
  Modules modules;
  auto& orders = modules.add("orders", "1.0.0");
  imports(orders, "com.acme.Greeter", "[1.0,2.0)", true);
  EXPECT_THAT(problems_of(orders, Offers(modules.all())), IsEmpty());
}

TEST(Resolve, APluginCannotNeedABiz) {
  Modules modules;
  exports(modules.add("orders", "1.0.0"), "com.acme.OrderService", "1.0");
  auto& rpc = modules.add("rpc", "1.0.0", Kind::kPlugin);
  imports(rpc, "com.acme.OrderService", "1.0");
  EXPECT_THAT(problems_of(rpc, Offers(modules.all())), ElementsAre(HasSubstr("but is a biz and starts after plugins")));
}

TEST(Resolve, AnImportThatIsDeniedIsRefusedWhoeverExportsIt) {
  Modules modules;
  exports(modules.add("greeter", "1.0.0", Kind::kPlugin), "com.acme.Greeter", "1.2");
  auto& orders = modules.add("orders", "1.0.0");
  imports(orders, "com.acme.Greeter", "[1.0,2.0)", true);
  orders.denied.services = {"com.other.*", "com.acme.*"};
  EXPECT_THAT(problems_of(orders, Offers(modules.all())),
              ElementsAre("orders 1.0.0 imports com.acme.Greeter@[1.0,2.0)?, but denies it: deny-imports.services has \"com.acme.*\"; remove one of the two"));
}

TEST(Resolve, NamesResourcesThatNobodyExports) {
  Modules modules;
  has(modules.add("web", "1.0.0", Kind::kPlugin), "css/a.css");
  auto& orders = modules.add("orders", "1.0.0");
  imports_resources(orders, "css/*");
  imports_resources(orders, "css/a.css");
  imports_resources(orders, "mail/*?");
  EXPECT_THAT(problems_of(orders, Offers(modules.all())), IsEmpty());
  imports_resources(orders, "css/b.css");
  imports_resources(orders, "html/*");
  has(orders, "html/own.html");  // its own do not count
  EXPECT_THAT(problems_of(orders, Offers(modules.all())),
              ElementsAre(HasSubstr("orders 1.0.0 imports the resources css/b.css, which no module exports"), HasSubstr("imports the resources html/*, which no")));
}

TEST(Resolve, ResourcesThatAreDeniedOrOfABizDoNotCount) {
  Modules modules;
  has(modules.add("web", "1.0.0"), "css/old/a.css");
  auto& rpc = modules.add("rpc", "1.0.0", Kind::kPlugin);
  imports_resources(rpc, "css/*");
  EXPECT_THAT(problems_of(rpc, Offers(modules.all())), ElementsAre(HasSubstr("rpc 1.0.0 imports the resources css/*, but web 1.0.0 exports them, but is a biz and starts after plugins; install")));
  rpc.denied.resources = {"css/old/*"};
  EXPECT_THAT(problems_of(rpc, Offers(modules.all())),
              ElementsAre(HasSubstr("but denies css/old/a.css of web 1.0.0 by \"css/old/*\" of deny-imports.resources; install")));
}

TEST(Resolve, ImportersOfResourcesAreStrandedAsThoseOfServices) {
  Modules modules;
  auto& web = modules.add("web", "1.0.0");
  has(web, "css/a.css");
  auto& orders = modules.add("orders", "1.0.0");
  imports_resources(orders, "css/*");
  EXPECT_THAT(stranded_by(web, Offers({&orders}), {&orders}), ElementsAre("orders 1.0.0 imports the resources css/* and nobody else exports them"));
  auto& second = modules.add("web2", "1.0.0");
  has(second, "css/b.css");
  EXPECT_THAT(stranded_by(web, Offers({&orders, &second}), {&orders}), IsEmpty());
  EXPECT_THAT(stranded_by(orders, Offers({&web}), {&web}), IsEmpty());
}

TEST(Shadowed, PriorityThenNameThenTheNewestVersionDecides) {
  Modules modules;
  exports(modules.add("b", "1.0.0", Kind::kBiz, 50), "S", "1.0");
  exports(modules.add("a", "1.0.0", Kind::kPlugin), "S", "1.1");
  exports(modules.add("c", "1.0.0"), "S", "1.0");
  exports(modules.add("d", "1.0.0"), "S", "2.0");  // of another major version: not the same
  EXPECT_THAT(shadowed_among(Offers(modules.all())), ElementsAre("S of a 1.0.0 is shadowed by that of b 1.0.0 (priority 50 before 100)",
                                                                "S of c 1.0.0 is shadowed by that of b 1.0.0 (priority 50 before 100)"));
  EXPECT_THAT(shadowed_among(Offers(modules.all()), modules.all()[2]), ElementsAre(HasSubstr("S of c 1.0.0 is shadowed")));
  EXPECT_THAT(shadowed_among(Offers(modules.all()), modules.all()[3]), IsEmpty());
  const auto& new_a = modules.add("a", "1.1.0");
  EXPECT_TRUE(preferred(new_a, *modules.all()[1]));
  exports(modules.add("d", "1.1.0"), "S", "2.0");
  EXPECT_THAT(shadowed_among(Offers(modules.all()), modules.all()[3]), ElementsAre("S of d 1.0.0 is shadowed by that of d 1.1.0 (it is newer)"));
  EXPECT_TRUE(preferred(*modules.all()[1], *modules.all()[2]));
  EXPECT_FALSE(preferred(new_a, new_a));
}

TEST(Shadowed, ResourcesAreToldOfOnceForTwoModules) {
  Modules modules;
  auto& a = modules.add("a", "1.0.0");
  auto& b = modules.add("b", "1.0.0");
  for (const char* name : {"x", "y"}) has(a, name), has(b, name);
  has(modules.add("c", "1.0.0", Kind::kBiz, 1), "x");
  EXPECT_THAT(shadowed_among(Offers(modules.all())),
              ElementsAre("the resource x of a 1.0.0 is shadowed by that of c 1.0.0 (priority 1 before 100)",
                          "the resource x of b 1.0.0 is shadowed by that of c 1.0.0 (priority 1 before 100)",
                          "the resource y of b 1.0.0 is shadowed by that of a 1.0.0 (priority 100 too, but its name comes first)"));
}

TEST(Resolve, NamesAMissingDependencyAndWhatIsThere) {
  Modules modules;
  modules.add("greeter", "2.0.0", Kind::kPlugin);
  auto& orders = modules.add("orders", "1.0.0");
  orders.dependencies.push_back({"greeter", *package::Range::parse("[1.0,2.0)")});
  EXPECT_THAT(problems_of(orders, Offers(modules.all())),
              ElementsAre("orders 1.0.0 depends on module greeter [1.0,2.0), which is not there; there is 2.0.0, install one that fits"));
}

TEST(Resolve, NamesImportersThatWouldBeStranded) {
  Modules modules;
  auto& orders = modules.add("orders", "1.0.0");
  exports(orders, "com.acme.OrderService", "1.0");
  auto& audit = modules.add("audit", "1.0.0");
  imports(audit, "com.acme.OrderService", "[1.0,2.0)");
  EXPECT_THAT(stranded_by(orders, Offers({&audit}), {&audit}),
              ElementsAre("audit 1.0.0 imports com.acme.OrderService@[1.0,2.0) and nobody else exports it"));
  auto& second = modules.add("orders", "1.1.0");
  exports(second, "com.acme.OrderService", "1.1");
  EXPECT_THAT(stranded_by(orders, Offers({&audit, &second}), {&audit}), IsEmpty());
}

TEST(Resolve, NamesModulesWhoseDependencyWouldBeMissing) {
  Modules modules;
  auto& greeter = modules.add("greeter", "1.0.0");
  auto& orders = modules.add("orders", "1.0.0");
  orders.dependencies.push_back({"greeter", *package::Range::parse("[1.0,2.0)")});
  auto& later = modules.add("greeter", "2.0.0");
  EXPECT_THAT(stranded_by(greeter, Offers({&orders, &later}), {&orders}), ElementsAre("orders 1.0.0 depends on module greeter [1.0,2.0)"));
  EXPECT_THAT(stranded_by(later, Offers({&orders, &greeter}), {&orders}), IsEmpty());
  auto& minor = modules.add("greeter", "1.1.0");
  EXPECT_THAT(stranded_by(greeter, Offers({&orders, &minor}), {&orders}), IsEmpty());
}

TEST(StartOrder, PluginsThenBizByPriorityThenName) {
  Modules modules;
  modules.add("b", "1.0.0");
  modules.add("a", "1.0.0");
  modules.add("late", "1.0.0", Kind::kBiz, 200);
  modules.add("z", "1.0.0", Kind::kPlugin);
  modules.add("first", "1.0.0", Kind::kPlugin, 1);
  EXPECT_THAT(modules.order(), ElementsAre("first 1.0.0", "z 1.0.0", "a 1.0.0", "b 1.0.0", "late 1.0.0"));
}

TEST(StartOrder, WhatIsImportedComesFirstWhateverItsPriority) {
  Modules modules;
  auto& audit = modules.add("audit", "1.0.0", Kind::kBiz, 1);
  imports(audit, "com.acme.OrderService", "[1.0,2.0)");
  auto& orders = modules.add("orders", "1.0.0", Kind::kBiz, 200);
  exports(orders, "com.acme.OrderService", "1.0");
  auto& report = modules.add("report", "1.0.0", Kind::kBiz, 0);
  report.dependencies.push_back({"audit", *package::Range::parse("")});
  EXPECT_THAT(modules.order(), ElementsAre("orders 1.0.0", "audit 1.0.0", "report 1.0.0"));
}

TEST(StartOrder, ABizWaitsForAPluginThatWaits) {
  Modules modules;
  modules.add("biz", "1.0.0", Kind::kBiz, 0);
  auto& rpc = modules.add("rpc", "1.0.0", Kind::kPlugin, 100);
  imports(rpc, "Net", "");
  exports(modules.add("net", "1.0.0", Kind::kPlugin, 200), "Net", "1.0");
  EXPECT_THAT(modules.order(), ElementsAre("net 1.0.0", "rpc 1.0.0", "biz 1.0.0"));
}

TEST(StartOrder, NamesTheChainOfACircle) {
  Modules modules;
  auto& a = modules.add("a", "1.0.0");
  auto& b = modules.add("b", "1.0.0");
  auto& c = modules.add("c", "1.0.0");
  exports(a, "A", "1.0"), imports(a, "B", "");
  exports(b, "B", "1.0"), imports(b, "C", "");
  exports(c, "C", "1.0"), imports(c, "A", "");
  EXPECT_THAT(modules.order(), ElementsAre(HasSubstr("a 1.0.0 needs b 1.0.0 needs c 1.0.0 needs a 1.0.0")));
  c.imports[0].optional = true;
  EXPECT_THAT(modules.order(), ElementsAre("c 1.0.0", "b 1.0.0", "a 1.0.0"));
}

TEST(StartOrder, APluginCircleIsNamedThoughBizAreReady) {
  Modules modules;
  modules.add("biz", "1.0.0");
  auto& a = modules.add("a", "1.0.0", Kind::kPlugin);
  auto& b = modules.add("b", "1.0.0", Kind::kPlugin);
  exports(a, "A", "1.0"), imports(a, "B", "");
  exports(b, "B", "1.0"), imports(b, "A", "");
  EXPECT_THAT(modules.order(), ElementsAre(HasSubstr("a 1.0.0 needs b 1.0.0 needs a 1.0.0")));
}

TEST(StartWaves, AreCutByKindPriorityAndNeeds) {
  Modules modules;
  modules.add("late", "1.0.0", Kind::kBiz, 200);
  imports(modules.add("user", "1.0.0", Kind::kBiz, 0), "Base", "");  // needs one of priority 100: comes right after it, before 200
  exports(modules.add("base", "1.0.0"), "Base", "1.0");
  modules.add("app", "1.1.0");
  modules.add("app", "1.0.0");
  modules.add("net", "1.0.0", Kind::kPlugin, 300);
  modules.add("log", "1.0.0", Kind::kPlugin, 1);
  modules.add("conf", "1.0.0", Kind::kPlugin, 1);
  EXPECT_THAT(modules.waves(), ElementsAre("conf 1.0.0, log 1.0.0", "net 1.0.0", "app 1.0.0, app 1.1.0, base 1.0.0", "user 1.0.0", "late 1.0.0"));
  EXPECT_THAT(modules.order(),
              ElementsAre("conf 1.0.0", "log 1.0.0", "net 1.0.0", "app 1.0.0", "app 1.1.0", "base 1.0.0", "user 1.0.0", "late 1.0.0"));
}

TEST(StartWaves, AMemberNeverNeedsAnotherOfItsWave) {
  Modules modules;
  modules.add("a", "1.0.0");
  modules.add("a-user", "1.0.0").dependencies.push_back({"a", *package::Range::parse("")});
  modules.add("b", "1.0.0");
  EXPECT_THAT(modules.waves(), ElementsAre("a 1.0.0, b 1.0.0", "a-user 1.0.0"));
}

TEST(StartWaves, DoNotDependOnTheOrderOfThePackages) {
  std::vector<std::string> expected;
  std::vector<int> numbers{0, 1, 2, 3, 4};
  do {
    Modules modules;
    for (int i : numbers) {
      auto& module = modules.add("m" + std::to_string(i), "1.0.0", i < 2 ? Kind::kPlugin : Kind::kBiz);
      exports(module, "S" + std::to_string(i), "1.0");
      if (i == 4) imports(module, "S2", ""), imports(module, "S0", "");
    }
    if (expected.empty()) expected = modules.waves();
    ASSERT_EQ(modules.waves(), expected);
  } while (std::next_permutation(numbers.begin(), numbers.end()));
  EXPECT_THAT(expected, ElementsAre("m0 1.0.0, m1 1.0.0", "m2 1.0.0, m3 1.0.0", "m4 1.0.0"));
}

TEST(StartWaves, WhoHasResourcesComesBeforeWhoImportsThem) {
  Modules modules;
  imports_resources(modules.add("a", "1.0.0"), "css/*");
  imports_resources(modules.add("b", "1.0.0"), "css/*?");
  has(modules.add("web", "1.0.0"), "css/a.css");
  EXPECT_THAT(modules.waves(), ElementsAre("b 1.0.0, web 1.0.0", "a 1.0.0"));
}

TEST(StartWaves, OfNothingAreNone) { EXPECT_THAT(Modules().waves(), IsEmpty()); }

TEST(StartWaves, NameACircle) {
  Modules modules;
  modules.add("free", "1.0.0");
  auto& a = modules.add("a", "1.0.0");
  auto& b = modules.add("b", "1.0.0");
  exports(a, "A", "1.0"), imports(a, "B", "");
  exports(b, "B", "1.0"), imports(b, "A", "");
  EXPECT_THAT(modules.waves(), ElementsAre(HasSubstr("a 1.0.0 needs b 1.0.0 needs a 1.0.0")));
}

}  // namespace
}  // namespace ark::container::lifecycle
