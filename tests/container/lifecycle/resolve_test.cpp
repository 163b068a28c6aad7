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

TEST(Resolve, NamesAMissingDependencyAndWhatIsThere) {
  Modules modules;
  modules.add("greeter", "2.0.0", Kind::kPlugin);
  auto& orders = modules.add("orders", "1.0.0");
  orders.dependencies.push_back({"greeter", *package::Range::parse("[1.0,2.0)")});
  EXPECT_THAT(problems_of(orders, Offers(modules.all())),
              ElementsAre("orders 1.0.0 depends on module greeter [1.0,2.0), which is not there; there is 2.0.0"));
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
