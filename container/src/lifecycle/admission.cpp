// What has to hold before an operation may do anything.
#include <algorithm>

#include "base/text.hpp"
#include "lifecycle/container_impl.hpp"

namespace ark::container::lifecycle {

/// The turn of a name; the container may have been told to stop meanwhile.
Status ContainerImpl::take_turn(Job& job, const std::string& name, OperationList::Turn* turn) {
  if (name == job.by.waiting_module) {
    return Status(Code::kWouldDeadlock,
                  job.by.name + " waits for an operation on " + name +
                      ", which would have to wait for the thread that waits; pass a callback, or ask from elsewhere");
  }
  *turn = operation_list_.take_turn(name, job.task);
  std::lock_guard lock(life_mutex_);
  return life_ == Life::kReady ? Status() : Status(Code::kStopping, "the container is stopping");
}

/// The module that is meant, when it is its turn.
Result<ModulePtr> ContainerImpl::take(Job& job, std::string_view selector, OperationList::Turn* turn) {
  const std::string name(selector.substr(0, selector.find(':')));
  if (auto taken = take_turn(job, name, turn); !taken.ok()) return taken;
  if (auto refused = refuse_host(name); !refused.ok()) return refused;
  auto module = modules_.find(selector);
  if (!module.ok()) return module;
  job.about = *module;
  job.task->set_subject((*module)->label);
  return module;
}

/// A package that is to become a module, when it is the turn of its name.
Result<ModulePtr> ContainerImpl::open_for(Job& job, const std::filesystem::path& file, bool transient,
                                          OperationList::Turn* turn) {
  ModulePtr module;
  auto status = job.steps().run("open package", [&](std::string& remark) {
    auto opened = open_package(file, transient);
    if (!opened.ok()) return opened.status();
    module = *opened;
    remark = module->label;
    return Status();
  });
  if (!status.ok()) return status;
  job.task->set_subject(module->label);
  if (auto taken = take_turn(job, module->manifest->name, turn); !taken.ok()) return taken;
  if (auto refused = refuse_host(module->manifest->name); !refused.ok()) return refused;
  return module;
}

/// Null if there is none. Where several are active, it takes a version to say which one is meant.
Result<ModulePtr> ContainerImpl::active_version_of(const package::Manifest& manifest) const {
  const auto active = modules_.active_versions_of(manifest.name);
  if (active.empty()) return ModulePtr();
  if (active.size() == 1) return active.front();
  std::string labels;
  for (const auto& module : active) {
    if (module->manifest->version == manifest.version) return module;
    base::add_to_list(&labels, ", ", module->label);
  }
  return Status(Code::kFailedPrecondition,
                "several versions are active: " + labels + "; stop those that are not meant first");
}

Status ContainerImpl::refuse_from_inside(const Job& job, const Module& module) const {
  const auto instance = module.instance;
  if (!instance) return {};
  const auto& services = instance->generation->services;
  const auto is_inside = [&](int tid) {
    const auto inside = registry_->threads_inside(services);
    return std::find(inside.begin(), inside.end(), tid) != inside.end();
  };
  if (job.by.waiting_thread ? !is_inside(job.by.waiting_thread) : !registry_->inside_here(services)) return {};
  return Status(Code::kWouldDeadlock,
                "asked for from inside a call to " + module.label +
                    ", which would have to end first; ask from a thread that is not in that call");
}

/// The plan mutex is held. remark: gets what is shadowed once the module is active; null if it will not be.
Status ContainerImpl::check_fit(const package::Manifest& module, const Module* leaving, std::string* remark) const {
  auto serving = modules_.manifests_of([&](const Module& m) { return &m != leaving && m.serves(); });
  const auto importers = modules_.manifests_of([&](const Module& m) { return &m != leaving && m.needs_its_imports(); });
  serving.push_back(&module);
  const Offers offers(serving, modules_.idle());
  auto problems = problems_of(module, offers);
  for (auto& problem : problems_for_importers(module, importers)) problems.push_back(std::move(problem));
  if (remark) {
    for (const auto& shadowed : shadowed_among(offers, &module)) base::add_to_list(remark, "; ", shadowed);
  }
  if (leaving) {
    for (auto& problem : stranded_by(*leaving->manifest, offers, importers)) problems.push_back(std::move(problem));
  }
  auto together =
      modules_.manifests_of([&](const Module& m) { return &m != leaving && (m.constructed() || m.coming); });
  if (std::find(together.begin(), together.end(), &module) == together.end()) together.push_back(&module);
  if (const auto order = start_order(together); !order.ok()) problems.push_back(order.status().text());
  return status_of(problems);
}

/// A package that comes, in the place of `out` or beside what there is, becomes one of the modules.
Status ContainerImpl::admit(Job& job, const ModulePtr& module, const ModulePtr& out, bool goes_live, Claim* claim) {
  return job.steps().run("resolve", [&](std::string& remark) {
    if (out) remark = out->label + " by " + module->label;
    std::lock_guard lock(plan_mutex_);
    if (auto fits = check_fit(*module->manifest, out.get(), goes_live ? &remark : nullptr); !fits.ok()) return fits;
    modules_.add(module);
    modules_.set_state(*module, State::kResolved, job.cause());
    claim->take(modules_, goes_live ? module : nullptr, out);
    return Status();
  });
}

/// A module that is to stop takes nothing from others that they must have, unless it is forced.
Status ContainerImpl::admit_leave(Job& job, const ModulePtr& module, bool force, Claim* claim) {
  return job.steps().run("resolve", [&](std::string& remark) {
    std::lock_guard lock(plan_mutex_);
    const auto serving = modules_.manifests_of([&](const Module& m) { return &m != module.get() && m.serves(); });
    const auto importers =
        modules_.manifests_of([&](const Module& m) { return &m != module.get() && m.needs_its_imports(); });
    const auto needed = module->state == State::kActivated
                            ? status_of(stranded_by(*module->manifest, Offers(serving), importers))
                            : Status();
    if (!needed.ok() && !force) {
      return Status(Code::kFailedPrecondition, module->label + " is needed:\n" + needed.text() +
                                                   "\nstop or uninstall these first, or use --force");
    }
    if (!needed.ok()) remark = "forced, though a start with these would fail: " + needed.text();
    claim->take(modules_, nullptr, module);
    return Status();
  });
}

}  // namespace ark::container::lifecycle
