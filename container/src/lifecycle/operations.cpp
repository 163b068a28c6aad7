// The verbs, and the steps they are made of.
#include <unistd.h>

#include <algorithm>

#include "lifecycle/container_impl.hpp"
#include "thread/known_threads.hpp"

namespace ark::container::lifecycle {

namespace fs = std::filesystem;

// ---- steps ---------------------------------------------------------------------------------------------------------------------

/// A folder of its own for each generation: nothing is ever overwritten, and the loader never meets a path again.
Status ContainerImpl::stage(Module& module) {
  if (!module.opened) {
    auto again = package::Package::open(module.package);
    if (!again.ok()) return again.status();
    const auto& files = again->manifest().files;
    const bool same = std::equal(files.begin(), files.end(), module.manifest->files.begin(), module.manifest->files.end(),
                                 [](const auto& a, const auto& b) { return a.path == b.path && a.sha256 == b.sha256; });
    if (!same) {
      return Status(Code::kCorrupt, module.package.string() + " is not what " + module.label +
                                        " was installed from; uninstall it and install the new file");
    }
    module.opened = std::move(*again);
  }
  char folder[16];
  std::snprintf(folder, sizeof folder, "g%08u", next_generation_);
  const auto dir = home_.stage() / (module.manifest->name + "-" + package::to_string(module.manifest->version)) / folder;
  if (auto made = base::make_dirs(dir.parent_path()); !made.ok()) return made.within(module.label);
  auto extracted = module.opened->extract(dir);
  module.opened.reset();
  if (!extracted.ok()) return extracted;
  std::lock_guard lock(state_mutex_);
  module.number = next_generation_++;
  module.staged = dir;
  return {};
}

Status ContainerImpl::bring_up(const ModulePtr& module) {
  if (module->staged.empty()) {
    if (auto staged = stage(*module); !staged.ok()) return staged;
  }
  const auto& manifest = *module->manifest;
  auto generation =
      std::make_unique<ark_generation_t>(core_, manifest.name, package::to_string(manifest.version), module->number);
  for (const auto& service : manifest.exports) generation->services.exports.insert(service.id);
  for (const auto& service : manifest.imports) generation->services.imports.emplace(service.id, service.range.text);
  auto instance = std::make_shared<Instance>(std::move(generation), module->staged / manifest.entry, *manifest.find_file(manifest.entry));
  set_state(*module, State::kStarting);
  Times times;
  auto status = runner_->bring_up(instance, module->manifest, &times);
  {
    std::lock_guard lock(state_mutex_);
    module->instance = instance;
    module->load_ms = times.load_ms;
    module->start_ms = times.start_ms;
  }
  if (!status.ok()) {
    (void)bring_down(module);
    set_state(*module, State::kBroken, status.text());
    return status;
  }
  set_state(*module, State::kDeactivated);
  started_.push_back(module);
  return {};
}

/// Leaves the module STOPPED in any case; code that could not be unmapped goes to the remains.
Status ContainerImpl::bring_down(const ModulePtr& module) {
  std::erase(started_, module);
  const auto instance = module->instance;
  if (!instance) return {};
  const bool was_announced = std::exchange(module->announced, false);
  set_state(*module, State::kStopping);
  auto down = runner_->bring_down(instance);
  Status status;
  if (!down.complaint.empty()) status = Status(Code::kModuleFailed, module->label + ": " + down.complaint);
  {
    std::lock_guard lock(state_mutex_);
    if (down.code != State::kUnloaded) {
      Remains rest{info_of(*module, *registry_), instance, module->staged};
      rest.info.state = down.code;
      rest.info.reasons = down.reasons;
      rest.info.since = std::chrono::system_clock::now();
      remains_.push_back(std::move(rest));
      module->staged.clear();
    }
    module->instance.reset();
  }
  if (down.code != State::kUnloaded) {
    std::string reasons;
    for (const auto& reason : down.reasons) reasons += (reasons.empty() ? "" : "; ") + reason;
    const auto text = "is " + std::string(state_name(down.code)) + ": " + reasons;
    log(ARK_LOG_WARN, module->label, text);
    if (status.ok()) status = Status(Code::kModuleFailed, module->label + " " + text);
  }
  drop_stage(*module);
  set_state(*module, State::kStopped, status.text());
  if (was_announced) fire(module->manifest->kind == Kind::kPlugin ? "AfterPluginStop" : "AfterBizStop", module.get());
  return status;
}

/// One publication: what `in` offers appears as what `out` offers vanishes. Either may be null.
void ContainerImpl::go_live(const ModulePtr& in, const ModulePtr& out) {
  auto services_of = [](const ModulePtr& m) { return m ? &m->instance->generation->services : nullptr; };
  registry_->activate(services_of(in), services_of(out));
  if (out) set_state(*out, State::kDeactivated);
  if (!in) return;
  set_state(*in, State::kActivated);
}

void ContainerImpl::fire(const char* name, const Module* about) {
  event::Event event{name, about ? about->manifest->name : "", about ? package::to_string(about->manifest->version) : "",
                     std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  std::vector<std::pair<event::Subscription, event::Event>> handlers;
  for (auto& subscription : dispatcher_->handlers_of(event)) handlers.emplace_back(std::move(subscription), event);
  deliver(std::move(handlers));
}

/// In order, on the lent thread. A handler that costs the thread is reported, and the next one runs on another.
void ContainerImpl::deliver(std::vector<std::pair<event::Subscription, event::Event>> list) {
  const auto handlers = std::make_shared<const std::vector<std::pair<event::Subscription, event::Event>>>(std::move(list));
  for (size_t next = 0; next < handlers->size();) {
    const auto at = std::make_shared<std::atomic<size_t>>(next);
    const auto outcome = lent_.run(
        [this, handlers, at] {
          for (size_t i = *at; i < handlers->size() && loader::LentThread::next_piece(); ++i) {
            *at = i;
            loader::call_module([&] { dispatcher_->deliver((*handlers)[i].first, (*handlers)[i].second); });
          }
        },
        options_.limits.handler);
    if (outcome.ok()) return;
    const auto& [subscription, event] = (*handlers)[*at];
    log(ARK_LOG_ERROR, event::Dispatcher::label_of(subscription), "its handler of " + event.name + " " + outcome.text(options_.limits.handler));
    next = *at + 1;
  }
}

/// Looks again at what could not be unmapped: the thread, call or key that held it may have gone.
void ContainerImpl::reap() {
  std::vector<Remains> rest;
  {
    std::lock_guard lock(state_mutex_);
    rest = remains_;
  }
  for (auto& one : rest) {
    if (one.instance->descent == Descent::kStuck) continue;
    auto down = runner_->look_again(one.instance);
    if (!down.complaint.empty()) log(ARK_LOG_WARN, one.instance->generation->label, down.complaint);
    {
      std::lock_guard lock(state_mutex_);
      auto kept = std::find_if(remains_.begin(), remains_.end(), [&](const Remains& r) { return r.instance == one.instance; });
      if (down.code != State::kUnloaded) {
        kept->info.state = down.code;
        kept->info.reasons = down.reasons;
        continue;
      }
      remains_.erase(kept);
    }
    std::error_code ignored;
    fs::remove_all(one.staged, ignored);
    log(ARK_LOG_INFO, one.info.name + " " + one.info.version, "is UNLOADED now: what held it has gone");
  }
}

// ---- looking up --------------------------------------------------------------------------------------------------------------

Result<ModulePtr> ContainerImpl::find(std::string_view selector) const {
  const auto colon = selector.find(':');
  const auto name = selector.substr(0, colon);
  const auto version = colon == std::string_view::npos ? std::string_view() : selector.substr(colon + 1);
  std::lock_guard lock(state_mutex_);
  std::vector<ModulePtr> found;
  std::string there;
  for (const auto& module : modules_) {
    if (module->manifest->name != name) continue;
    there += (there.empty() ? "" : ", ") + package::to_string(module->manifest->version);
    if (version.empty() || package::to_string(module->manifest->version) == version) found.push_back(module);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return Status(Code::kInvalidArgument, "'" + std::string(name) + "' is ambiguous: there are versions " + there + "; say " +
                                              std::string(name) + ":VERSION");
  }
  if (!there.empty()) {
    return Status(Code::kNotFound, "there is no version " + std::string(version) + " of " + std::string(name) + "; there is " + there);
  }
  std::string names;
  for (const auto& module : modules_) names += (names.empty() ? "" : ", ") + module->manifest->name;
  return Status(Code::kNotFound, "there is no module '" + std::string(name) + "'" +
                                     (names.empty() ? "; none is installed" : "; there are " + names));
}

ModulePtr ContainerImpl::active_version_of(const std::string& name) const {
  std::lock_guard lock(state_mutex_);
  for (const auto& module : modules_) {
    if (module->manifest->name == name && module->state == State::kActivated) return module;
  }
  return nullptr;
}

Manifests ContainerImpl::manifests_of(const std::function<bool(const Module&)>& which) const {
  std::lock_guard lock(state_mutex_);
  Manifests manifests;
  for (const auto& module : modules_) {
    if (which(*module)) manifests.push_back(module->manifest.get());
  }
  return manifests;
}

void ContainerImpl::set_state(Module& module, State state, std::string error) {
  std::lock_guard lock(state_mutex_);
  module.state = state;
  module.since = std::chrono::system_clock::now();
  module.error = std::move(error);
}

void ContainerImpl::drop_stage(Module& module) {
  std::error_code left;  // what stays is removed with the whole stage
  for (const auto& file : module.staged.empty() ? std::vector<package::PackagedFile>() : module.manifest->files) {
    auto path = module.staged / file.path;
    fs::remove(path, left);
    while ((path = path.parent_path()) != module.staged && ::rmdir(path.c_str()) == 0) {
    }
  }
  if (!module.staged.empty() && ::rmdir(module.staged.c_str()) != 0) fs::remove_all(module.staged, left);
  std::lock_guard lock(state_mutex_);
  module.staged.clear();
}

Status ContainerImpl::refuse_from_inside(const Module& module) const {
  const auto instance = module.instance;
  if (!instance || !registry_->inside_here(instance->generation->services)) return {};
  return Status(Code::kWouldDeadlock, "asked for from inside a call to " + module.label +
                                          ", which would have to end first; ask from a thread that is not in that call");
}

Status ContainerImpl::check_fit(const package::Manifest& module, const Module* leaving) const {
  auto staying = manifests_of([&](const Module& m) { return &m != leaving && m.state == State::kActivated; });
  auto problems = problems_of(module, Offers(staying));
  for (auto& problem : problems_for_importers(module, staying)) problems.push_back(std::move(problem));
  if (leaving) {
    const auto importers = staying;
    staying.push_back(&module);
    for (auto& problem : stranded_by(*leaving->manifest, Offers(staying), importers)) problems.push_back(std::move(problem));
  }
  auto together = manifests_of([&](const Module& m) { return &m != leaving && m.constructed(); });
  if (std::find(together.begin(), together.end(), &module) == together.end()) together.push_back(&module);
  if (const auto order = start_order(together); !order.ok()) problems.push_back(order.status().text());
  return status_of(problems);
}

void ContainerImpl::add(const ModulePtr& module) {
  std::lock_guard lock(state_mutex_);
  modules_.push_back(module);
}

void ContainerImpl::remove(const ModulePtr& module) {
  drop_stage(*module);
  std::lock_guard lock(state_mutex_);
  std::erase(modules_, module);
}

/// The module has been started: it hears of sticky events it missed, then everybody hears of it.
void ContainerImpl::announce(const ModulePtr& module) {
  module->announced = true;
  deliver(dispatcher_->activate(module->instance->generation->events));
  fire(module->manifest->kind == Kind::kPlugin ? "AfterPluginStartup" : "AfterBizStartup", module.get());
}

/// On failure nothing of it is left. The rename of its package is the moment at which a durable operation has happened.
Status ContainerImpl::start_and_keep(const ModulePtr& module, Incoming& incoming, const std::map<const Module*, State>& changes, const Module* leaving, Steps& steps) {
  add(module);
  auto status = steps.run("start", [&](std::string&) { return bring_up(module); });
  if (status.ok() && !module->transient) {
    status = steps.run("keep package", [&](std::string&) {
      const auto name = package::package_name(*module->manifest);
      const bool removes = leaving && !leaving->transient && leaving->package.filename() != name;
      auto saved = state_->save(state_->now(), change_to(name, true, changes, removes ? leaving->package.filename().string() : ""));
      if (!saved.ok()) return saved;
      auto kept = incoming.keep(name);
      if (!kept.ok()) return kept.status();
      state_->settle(true);
      module->package = *kept;
      return Status();
    });
    if (!status.ok()) (void)bring_down(module);
  }
  if (!status.ok()) remove(module);
  return status;
}

// ---- verbs ---------------------------------------------------------------------------------------------------------------------

Operation ContainerImpl::install(const fs::path& file, InstallOptions options) {
  return operate(Life::kReady, [&](Steps& steps, ModulePtr& about) {
    Incoming incoming(home_.modules());
    ModulePtr module, active;
    auto status = steps.run("open package", [&](std::string& remark) {
      auto opened = open_package(file, options.transient);
      if (!opened.ok()) return opened.status();
      module = *opened;
      remark = module->label;
      if (!find(module->manifest->name + ":" + package::to_string(module->manifest->version)).ok()) return Status();
      return Status(Code::kAlreadyExists, module->label + " is installed already; replace it, or uninstall it first");
    });
    if (status.ok()) status = steps.run("resolve", [&](std::string&) { 
      active = active_version_of(module->manifest->name);
      return check_fit(*module->manifest, options.switch_to ? active.get() : nullptr);
    });
    if (status.ok()) status = steps.run("stage", [&](std::string&) { return stage(*module); });
    if (status.ok() && !options.transient) status = steps.run("copy package", [&](std::string&) { return incoming.bring_in(file); });
    if (!status.ok()) return status;
    const bool goes_live = !active || options.switch_to;
    std::map<const Module*, State> changes{{module.get(), goes_live ? State::kActivated : State::kDeactivated}};
    if (active && goes_live) changes[active.get()] = State::kDeactivated;
    if (status = start_and_keep(module, incoming, changes, nullptr, steps); !status.ok()) return status;
    about = module;
    return steps.run("activate", [&](std::string& remark) {
      if (active && !options.switch_to) {
        remark = "deactivated: " + active->label + " is active; switch to it, or use --switch";
        registry_->withhold(module->instance->generation->services);
      } else {
        go_live(module, active);
      }
      announce(module);
      return Status();
    });
  });
}

Operation ContainerImpl::replace(const fs::path& file, InstallOptions options) {
  return operate(Life::kReady, [&](Steps& steps, ModulePtr& about) {
    Incoming incoming(home_.modules());
    ModulePtr module, old;
    auto status = steps.run("open package", [&](std::string& remark) {
      auto opened = open_package(file, options.transient);
      if (!opened.ok()) return opened.status();
      module = *opened;
      old = active_version_of(module->manifest->name);
      if (!old) {
        return Status(Code::kNotFound, "no version of " + module->manifest->name + " is active, so " + module->label +
                                           " replaces nothing; install it");
      }
      const bool other_there = old->label != module->label && find(module->manifest->name + ":" + package::to_string(module->manifest->version)).ok();
      if (other_there) return Status(Code::kAlreadyExists, module->label + " is installed already; switch to it");
      remark = old->label + " by " + module->label;
      return refuse_from_inside(*old);
    });
    if (status.ok()) status = steps.run("resolve", [&](std::string&) { return check_fit(*module->manifest, old.get()); });
    if (status.ok()) status = steps.run("stage", [&](std::string&) { return stage(*module); });
    if (status.ok() && !options.transient) status = steps.run("copy package", [&](std::string&) { return incoming.bring_in(file); });
    if (!status.ok()) return status;
    status = start_and_keep(module, incoming, {{module.get(), State::kActivated}, {old.get(), State::kUnloaded}}, old.get(), steps);
    if (!status.ok()) return status.within(old->label + " goes on");
    about = module;
    (void)steps.run("switch", [&](std::string&) {
      go_live(module, old);
      announce(module);
      return Status();
    });
    (void)steps.run("drain and unload " + old->label, [&](std::string& remark) {
      auto down = bring_down(old);
      if (!down.ok()) remark = down.text();
      return Status();
    });
    remove(old);
    if (old->transient || options.transient || old->package == module->package) return Status();  // after a transient trial the old one is back
    return home_.remove(old->package);
  });
}

Operation ContainerImpl::switch_to(std::string_view selector) {
  return operate(Life::kReady, [&](Steps& steps, ModulePtr& about) {
    auto module = find(selector);
    if (!module.ok()) return module.status();
    about = *module;
    if (about->state == State::kActivated) return Status(Code::kFailedPrecondition, about->label + " is active already");
    if (about->state != State::kDeactivated) {
      return Status(Code::kFailedPrecondition, about->label + " is " + std::string(state_name(about->state)) + "; start it first");
    }
    auto active = active_version_of(about->manifest->name);
    auto status = steps.run("resolve", [&](std::string&) { return check_fit(*about->manifest, active.get()); });
    if (!status.ok()) return status;
    return steps.run("switch", [&](std::string& remark) {
      std::map<const Module*, State> changes{{about.get(), State::kActivated}};
      if (active) changes[active.get()] = State::kDeactivated;
      if (auto saved = state_->save(remembered(changes)); !saved.ok()) return saved;
      go_live(about, active);
      if (active) remark = "from " + active->label;
      return Status();
    });
  });
}

Operation ContainerImpl::start_module(std::string_view selector) {
  return operate(Life::kReady, [&](Steps& steps, ModulePtr& about) {
    auto module = find(selector);
    if (!module.ok()) return module.status();
    about = *module;
    if (about->constructed()) return Status(Code::kFailedPrecondition, about->label + " is " + std::string(state_name(about->state)) + " already");
    auto active = active_version_of(about->manifest->name);
    auto status = steps.run("resolve", [&](std::string&) { return check_fit(*about->manifest, nullptr); });
    if (status.ok()) status = steps.run("start", [&](std::string&) { return bring_up(about); });
    if (!status.ok()) return status;
    status = state_->save(remembered({{about.get(), active ? State::kDeactivated : State::kActivated}}));
    if (!status.ok()) {
      (void)bring_down(about);
      return status;
    }
    return steps.run("activate", [&](std::string& remark) {
      if (active) {
        remark = "deactivated: " + active->label + " is active; switch to it";
        registry_->withhold(about->instance->generation->services);
      } else {
        go_live(about, nullptr);
      }
      announce(about);
      return Status();
    });
  });
}

Operation ContainerImpl::stop_module(std::string_view selector) {
  return operate(Life::kReady, [&](Steps& steps, ModulePtr& about) {
    auto module = find(selector);
    if (!module.ok()) return module.status();
    about = *module;
    if (!about->constructed()) return Status(Code::kFailedPrecondition, about->label + " is " + std::string(state_name(about->state)) + ", not running");
    if (auto refused = refuse_from_inside(*about); !refused.ok()) return refused;
    if (auto saved = state_->save(remembered({{about.get(), State::kStopped}})); !saved.ok()) return saved;
    return steps.run("drain and unload", [&](std::string&) { return bring_down(about); });
  });
}

Operation ContainerImpl::uninstall(std::string_view selector, bool force) {
  return operate(Life::kReady, [&](Steps& steps, ModulePtr& about) {
    auto found = find(selector);
    if (!found.ok()) return found.status();
    auto module = about = *found;
    if (auto refused = refuse_from_inside(*module); !refused.ok()) return refused;
    auto status = steps.run("resolve", [&](std::string& remark) {
      auto staying = manifests_of([&](const Module& m) { return &m != module.get() && m.state == State::kActivated; });
      auto stranded = module->state == State::kActivated ? stranded_by(*module->manifest, Offers(staying), staying) : std::vector<std::string>();
      const auto needed = status_of(stranded);
      if (needed.ok()) return needed;
      if (force) {
        remark = "forced although " + needed.text();
        return Status();
      }
      return Status(Code::kFailedPrecondition, module->label + " is needed:\n" + needed.text() + "\nuninstall these first, or use --force");
    });
    if (!status.ok()) return status;
    if (!module->transient) {
      status = state_->save(state_->now(), change_to(module->package.filename(), false, {{module.get(), State::kUnloaded}}));
      if (!status.ok()) return status;
    }
    auto unloaded = steps.run("drain and unload", [&](std::string&) { return bring_down(module); });
    remove(module);
    if (!module->transient) {
      auto removed = steps.run("remove package", [&](std::string&) { return home_.remove(module->package); });
      state_->settle(removed.ok());
      if (!removed.ok()) return removed;
    }
    return unloaded;
  });
}

}  // namespace ark::container::lifecycle
