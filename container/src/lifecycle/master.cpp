// The master biz.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "lifecycle/container_impl.hpp"

namespace ark::container::lifecycle {

/// The master biz stays; one of its versions may go when another is active.
Status ContainerImpl::refuse_master(const Module& module) const {
  if (module.manifest->name != options_.master) return {};
  for (const auto& active : modules_.active_versions_of(options_.master)) {
    if (active.get() != &module) return {};
  }
  return Status(Code::kFailedPrecondition,
                module.label + " is the master biz (lifecycle.master), which cannot be uninstalled; replace it, or "
                               "switch to another version first");
}

void check_master(const std::string& master, StartPlan* plan) {
  std::set<std::string> biz;
  bool is_plugin = false;
  const auto is_master = [&](const ModulePtr& module) {
    is_plugin = is_plugin || (module->manifest->kind == Kind::kPlugin && module->manifest->name == master);
    if (module->manifest->kind == Kind::kBiz) biz.insert(module->manifest->name);
    return module->manifest->kind == Kind::kBiz && module->manifest->name == master;
  };
  if (master.empty() || std::any_of(plan->hosts.begin(), plan->hosts.end(), is_master) ||
      std::any_of(plan->modules.begin(), plan->modules.end(), is_master)) {
    return;
  }
  std::string there;
  for (const auto& name : biz) base::add_to_list(&there, ", ", name);
  if (!there.empty()) there = "; there is " + there;
  plan->problems.push_back("lifecycle.master is '" + master + "', " +
                           (is_plugin ? "which is a plugin; only a biz can be the master" + there + ": set another one or none"
                                      : "and there is no biz of that name" + there + ": install it, or set another one or none"));
}

}  // namespace ark::container::lifecycle
