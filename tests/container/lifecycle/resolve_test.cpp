#include "lifecycle/resolve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace ark::container::lifecycle
