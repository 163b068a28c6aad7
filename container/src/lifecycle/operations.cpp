// The verbs.

#include "base/text.hpp"
#include "lifecycle/container_impl.hpp"

namespace ark::container::lifecycle {

namespace fs = std::filesystem;

// ---- parts of several verbs ----

void ContainerImpl::remove(const ModulePtr& module) {
  drop_stage(*module);
  std::lock_guard lock(plan_mutex_);
  modules_.remove(module);
}

/// A module that has been resolved, from its package to its constructor, and `keep`, which makes it durable. It is to
/// take the place of `out`, which may be null: it has to be healthy before that, and that may be vetoed until it is
/// durable. On failure nothing of it is left.
Status ContainerImpl::start_new(Job& job, const ModulePtr& module, const ModulePtr& out, Incoming& incoming,
                                const std::function<Status()>& keep) {
  auto& steps = job.steps();
  Status status;
  if (!module->transient)
    status = steps.run("copy package", [&](std::string&) { return incoming.bring_in(*module->opened); });
  if (status.ok()) status = steps.run("stage", [&](std::string&) { return stage(*module); });
  if (status.ok()) status = steps.run("start", [&](std::string&) { return bring_up(job, module); });
  if (!status.ok()) {
    remove(module);
    return status;
  }
  if (out) {
    stay_inactive(module);
    announcer_->after_startup(*module);
    status = wait_healthy(job, module);
    if (status.ok()) status = announcer_->before_switch(*module, out.get());
  }
  if (status.ok() && !module->transient) status = steps.run("keep package", [&](std::string&) { return keep(); });
  if (status.ok()) return status;
  (void)bring_down(job, module);
  remove(module);
  return status;
}

/// Where its package is from now on.
Status ContainerImpl::keep(const ModulePtr& module, Result<Ledger::Brought> brought) {
  if (!brought.ok()) return brought.status();
  const auto locked = modules_.lock();
  module->package = brought->package;
  return {};
}

/// What the next start makes of a durable module that has been constructed beside `active`, which may be null.
State ContainerImpl::kept_state(bool goes_live, const ModulePtr& active) const {
  const bool stands_in = active && active->transient && !ledger_.keeps_active(active->manifest->name);
  return goes_live || stands_in ? State::kActivated : State::kDeactivated;
}

/// The last step of a module's way up.
Status ContainerImpl::activate(Job& job, const ModulePtr& module, bool goes_live, const ModulePtr& active,
                               const ModulePtr& out) {
  return job.steps().run("activate", [&](std::string& remark) {
    if (goes_live) {
      go_live(job, module, out);
    } else {
      remark = "deactivated: " + active->label + " is active; switch to " + module->label + " to activate it";
      stay_inactive(module);
    }
    if (out) {
      announcer_->after_switch(*module, out.get());
    } else {
      announcer_->after_startup(*module);
    }
    return Status();
  });
}

/// The active version has gone or stopped: no other is made active instead, and that shall not go unnoticed.
void ContainerImpl::tell_if_none_is_active(const Module& gone, std::string* remark) const {
  const auto& name = gone.manifest->name;
  std::string others;
  for (const auto& module : modules_.all()) {
    if (module->manifest->name != name || module.get() == &gone) continue;
    const auto locked = modules_.lock();
    if (module->state == State::kActivated) return;
    const std::string verb = module->state == State::kDeactivated ? "switch to " : "start ";
    base::add_to_list(&others, ", or ", verb + module->label + " (" + std::string(state_name(module->state)) + ")");
  }
  if (others.empty()) return;
  *remark = "no version of " + name + " is active now; " + others;
  log(ARK_LOG_WARN, name, *remark);
}

// ---- verbs ----

Operation ContainerImpl::install(const fs::path& file, InstallOptions options, By by) {
  return operate(Life::kReady, "install", file.filename(), by, [&](Job& job) {
    OperationList::Turn turn;
    Incoming incoming(home_.modules());
    auto opened = open_for(job, file, options.transient, &turn);
    if (!opened.ok()) return opened.status();
    const auto module = *opened;
    if (modules_.find(module->manifest->name + ":" + package::to_string(module->manifest->version)).ok()) {
      return Status(Code::kAlreadyExists, module->label + " is installed already; replace it, or uninstall it first");
    }
    ModulePtr active, out;
    if (!options_.several_active || options.switch_to) {
      auto found = active_version_of(*module->manifest);
      if (!found.ok()) return found.status();
      active = *found;
    }
    if (options.switch_to) out = active;
    const bool goes_live = !active || out;
    Claim claim;
    auto status = admit(job, module, out, goes_live, &claim);
    if (!status.ok()) return status;
    status = start_new(job, module, out, incoming, [&] {
      std::vector<Kept> changes{{module->manifest, kept_state(goes_live, active)}};
      if (out && !out->transient) changes.push_back({out->manifest, State::kDeactivated});
      return keep(module, ledger_.bring(incoming, changes));
    });
    if (!status.ok()) return out ? status.within(out->label + " goes on") : status;
    job.about = module;
    return activate(job, module, goes_live, active, out);
  });
}

Operation ContainerImpl::replace(const fs::path& file, InstallOptions options, By by) {
  return operate(Life::kReady, "replace", file.filename(), by, [&](Job& job) {
    OperationList::Turn turn;
    Incoming incoming(home_.modules());
    auto opened = open_for(job, file, options.transient, &turn);
    if (!opened.ok()) return opened.status();
    const auto module = *opened;
    auto found = active_version_of(*module->manifest);
    if (!found.ok()) return found.status();
    const auto old = *found;
    if (!old) {
      return Status(Code::kNotFound, "no version of " + module->manifest->name + " is active, so " + module->label +
                                         " replaces nothing; install it");
    }
    if (old->label != module->label &&
        modules_.find(module->manifest->name + ":" + package::to_string(module->manifest->version)).ok()) {
      return Status(Code::kAlreadyExists, module->label + " is installed already; switch to it");
    }
    if (auto refused = refuse_from_inside(job, *old); !refused.ok()) return refused;
    Claim claim;
    auto status = admit(job, module, old, true, &claim);
    Status removal;
    if (status.ok()) {
      status = start_new(job, module, old, incoming, [&] {
        std::vector<Kept> changes{{module->manifest, State::kActivated}};
        const bool same_version = old->manifest->version == module->manifest->version;
        if (!old->transient && !same_version) changes.push_back({old->manifest, State::kUnloaded});
        auto brought = ledger_.bring(incoming, changes, old->transient ? "" : old->package.filename().string());
        if (brought.ok()) removal = brought->removal;
        return keep(module, std::move(brought));
      });
    }
    if (!status.ok()) return status.within(old->label + " goes on");
    job.about = module;
    (void)job.steps().run("switch", [&](std::string&) {
      go_live(job, module, old);
      announcer_->after_switch(*module, old.get());
      return Status();
    });
    (void)job.steps().run("drain and unload " + old->label, [&](std::string& remark) {
      auto down = bring_down(job, old);
      if (!down.ok()) remark = down.text();
      return Status();
    });
    remove(old);
    return removal;
  });
}

Operation ContainerImpl::switch_to(std::string_view selector, By by) {
  return operate(Life::kReady, "switch", std::string(selector), by, [&](Job& job) {
    OperationList::Turn turn;
    auto found = take(job, selector, &turn);
    if (!found.ok()) return found.status();
    const auto module = *found;
    if (module->state == State::kActivated)
      return Status(Code::kFailedPrecondition, module->label + " is active already");
    if (module->state != State::kDeactivated) {
      return Status(Code::kFailedPrecondition,
                    module->label + " is " + std::string(state_name(module->state)) + "; start it first");
    }
    auto active = active_version_of(*module->manifest);
    if (!active.ok()) return active.status();
    Claim claim;
    auto status = job.steps().run("resolve", [&](std::string& remark) {
      std::lock_guard lock(plan_mutex_);
      auto fits = check_fit(*module->manifest, active->get(), &remark);
      if (fits.ok()) claim.take(modules_, module, *active);
      return fits;
    });
    if (!status.ok()) return status;
    return job.steps().run("switch", [&](std::string& remark) {
      if (auto vetoed = announcer_->before_switch(*module, active->get()); !vetoed.ok()) return vetoed;
      if (!module->transient) {
        std::vector<Kept> changes{{module->manifest, State::kActivated}};
        if (*active && !(*active)->transient) changes.push_back({(*active)->manifest, State::kDeactivated});
        if (auto saved = ledger_.change(changes); !saved.ok()) return saved;
      }
      go_live(job, module, *active);
      announcer_->after_switch(*module, active->get());
      if (*active) remark = "from " + (*active)->label;
      return Status();
    });
  });
}

Operation ContainerImpl::start_module(std::string_view selector, By by) {
  return operate(Life::kReady, "start", std::string(selector), by, [&](Job& job) {
    OperationList::Turn turn;
    auto found = take(job, selector, &turn);
    if (!found.ok()) return found.status();
    const auto module = *found;
    if (module->constructed()) {
      return Status(Code::kFailedPrecondition,
                    module->label + " is " + std::string(state_name(module->state)) + " already");
    }
    if (module->manifest->files.empty()) {
      return Status(Code::kFailedPrecondition,
                    "the package of " + module->label +
                        " could not be read when the container started; uninstall it and install " +
                        "it again, or start the container again: " + info_of(*module, *registry_).error);
    }
    ModulePtr active;
    if (!options_.several_active) {
      auto other = active_version_of(*module->manifest);
      if (!other.ok()) return other.status();
      active = *other;
    }
    Claim claim;
    auto status = job.steps().run("resolve", [&](std::string& remark) {
      std::lock_guard lock(plan_mutex_);
      auto fits = check_fit(*module->manifest, nullptr, active ? nullptr : &remark);
      if (fits.ok()) claim.take(modules_, active ? nullptr : module, nullptr);
      return fits;
    });
    if (status.ok()) status = job.steps().run("start", [&](std::string&) { return bring_up(job, module); });
    if (!status.ok()) return status;
    if (!module->transient) {
      status = ledger_.change({{module->manifest, kept_state(!active, active)}});
      if (!status.ok()) {
        (void)bring_down(job, module);
        return status;
      }
    }
    return activate(job, module, !active, active, nullptr);
  });
}

Operation ContainerImpl::stop_module(std::string_view selector, bool force, By by) {
  return operate(Life::kReady, "stop", std::string(selector), by, [&](Job& job) {
    OperationList::Turn turn;
    auto found = take(job, selector, &turn);
    if (!found.ok()) return found.status();
    const auto module = *found;
    if (!module->constructed()) {
      return Status(Code::kFailedPrecondition,
                    module->label + " is " + std::string(state_name(module->state)) + ", not running");
    }
    if (auto refused = refuse_from_inside(job, *module); !refused.ok()) return refused;
    Claim claim;
    if (auto refused = admit_leave(job, module, force, &claim); !refused.ok()) return refused;
    if (auto vetoed = announcer_->before_stop(*module, !force); !vetoed.ok()) return vetoed;
    if (!module->transient) {
      if (auto saved = ledger_.change({{module->manifest, State::kStopped}}); !saved.ok()) {
        announcer_->stop_called_off(*module);
        return saved;
      }
    }
    return job.steps().run("drain and unload", [&](std::string& remark) {
      auto down = bring_down(job, module);
      tell_if_none_is_active(*module, &remark);
      return down;
    });
  });
}

Operation ContainerImpl::uninstall(std::string_view selector, bool force, By by) {
  return operate(Life::kReady, "uninstall", std::string(selector), by, [&](Job& job) {
    OperationList::Turn turn;
    auto found = take(job, selector, &turn);
    if (!found.ok()) return found.status();
    const auto module = *found;
    if (auto refused = refuse_from_inside(job, *module); !refused.ok()) return refused;
    if (auto refused = refuse_master(*module); !refused.ok()) return refused;
    Claim claim;
    auto status = admit_leave(job, module, force, &claim);
    if (status.ok()) status = announcer_->before_stop(*module, !force);
    if (status.ok() && !module->transient) {
      status = job.steps().run("remove package", [&](std::string&) {
        return ledger_.drop(module->package, {module->manifest, State::kUnloaded});
      });
    }
    if (!status.ok()) {
      announcer_->stop_called_off(*module);
      return status;
    }
    return job.steps().run("drain and unload", [&](std::string& remark) {
      auto down = bring_down(job, module);
      remove(module);
      tell_if_none_is_active(*module, &remark);
      return down;
    });
  });
}

}  // namespace ark::container::lifecycle
