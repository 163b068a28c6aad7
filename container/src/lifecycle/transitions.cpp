// What a module goes through: the steps that starts, stops and the verbs are made of.
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "lifecycle/container_impl.hpp"
#include "package/stamp.hpp"

namespace ark::container::lifecycle {

namespace fs = std::filesystem;

/// A folder of its own for each generation: nothing is ever overwritten, and the loader never meets a path again.
Status ContainerImpl::stage(Module& module) {
  if (!module.opened) {
    auto again = package::Package::open(module.package);
    if (!again.ok()) return again.status();
    const auto& files = again->manifest().files;
    const bool same =
        std::equal(files.begin(), files.end(), module.manifest->files.begin(), module.manifest->files.end(),
                   [](const auto& a, const auto& b) { return a.path == b.path && a.sha256 == b.sha256; });
    if (!same) {
      return Status(Code::kCorrupt, module.package.string() + " is not what " + module.label +
                                        " was installed from; uninstall it and install the new file");
    }
    module.opened = std::move(*again);
  }
  const uint32_t number = next_generation_++;
  if (number > package::kLastGeneration) {
    return Status(Code::kResourceExhausted, module.label + ": this process has had " + std::to_string(package::kLastGeneration) +
                                                " generations of modules, and their names have no room for more; start the container again");
  }
  char folder[16];
  std::snprintf(folder, sizeof folder, "g%08u", number);
  const auto dir =
      home_.stage() / (module.manifest->name + "-" + package::to_string(module.manifest->version)) / folder;
  if (auto made = base::make_dirs(dir.parent_path()); !made.ok()) return made.within(module.label);
  auto extracted = module.opened->extract(dir, number);
  module.opened.reset();
  if (!extracted.ok()) return extracted;
  {
    const auto locked = modules_.lock();
    module.number = number;
    module.staged = dir;
  }
  auto fits = check_definitions(module);
  if (!fits.ok()) drop_stage(module);
  return fits;
}

void ContainerImpl::drop_stage(Module& module) {
  std::error_code left;  // what stays is removed with the whole stage
  for (const auto& file : module.staged.empty() ? std::vector<package::PackagedFile>() : module.manifest->files) {
    auto path = module.staged / package::stamped(file.path, module.number);
    fs::remove(path, left);
    while ((path = path.parent_path()) != module.staged && ::rmdir(path.c_str()) == 0) {
    }
  }
  if (!module.staged.empty() && ::rmdir(module.staged.c_str()) != 0) fs::remove_all(module.staged, left);
  const auto locked = modules_.lock();
  module.staged.clear();
}

/// A new generation of the module, STARTING.
Result<std::shared_ptr<Ascent>> ContainerImpl::prepare_ascent(Job& job, const ModulePtr& module) {
  if (module->staged.empty()) {
    if (auto staged = stage(*module); !staged.ok()) return staged;
  }
  const auto& manifest = *module->manifest;
  auto generation =
      std::make_unique<ark_generation_t>(core_, manifest.name, package::to_string(manifest.version), module->number);
  for (const auto& service : manifest.exports) generation->services.exports.insert(service.id);
  for (const auto& service : manifest.imports) generation->services.imports.emplace(service.id, service.range.text);
  generation->services.denied = manifest.denied.services;
  generation->services.rank = {manifest.priority, manifest.name, manifest.version};
  generation->packaged = {module->manifest, module->staged};
  auto instance = std::make_shared<Instance>(std::move(generation), module->staged, manifest, limits_of(manifest.name));
  {
    const auto locked = modules_.lock();
    module->instance = instance;
  }
  modules_.set_state(*module, State::kStarting, job.cause());
  return std::make_shared<Ascent>(std::move(instance), module->manifest);
}

/// DEACTIVATED if it has come up, else BROKEN, with nothing left of it.
Status ContainerImpl::take_ascent(Job& job, const ModulePtr& module, const Ascent& ascent) {
  {
    const auto locked = modules_.lock();
    module->load_ms = ascent.load_ms();
    module->start_ms = ascent.start_ms();
  }
  auto status = ascent.status();
  if (status.ok()) {
    modules_.set_state(*module, State::kDeactivated, job.cause());
  } else {
    (void)take_down(*module);
    modules_.set_state(*module, State::kBroken, job.cause(), status.text());
  }
  return status;
}

Status ContainerImpl::bring_up(Job& job, const ModulePtr& module) {
  if (auto vetoed = announcer_->before_startup(*module); !vetoed.ok()) return vetoed;
  auto ascent = prepare_ascent(job, module);
  auto status = ascent.status();
  if (status.ok()) {
    runner_->bring_up({*ascent});
    status = take_ascent(job, module, **ascent);
  } else {
    modules_.set_state(*module, State::kBroken, job.cause(), status.text());
  }
  if (!status.ok()) announcer_->startup_failed(*module, status);
  return status;
}

/// Leaves no code and no object in any case; what could not be unmapped goes to the remains.
Status ContainerImpl::take_down(Module& module) {
  const auto instance = module.instance;
  const auto down = runner_->bring_down(instance, announcer_->recycling(module));
  Status status;
  if (!down.complaint.empty()) status = Status(Code::kModuleFailed, module.label + ": " + down.complaint);
  if (down.code != State::kUnloaded) {
    Remains rest{{}, instance, module.staged};
    {
      const auto locked = modules_.lock();
      rest.info = info_of(module, *registry_);
      module.staged.clear();
    }
    rest.info.state = down.code;
    rest.info.reasons = down.reasons;
    rest.info.since = std::chrono::system_clock::now();
    modules_.add_remains(std::move(rest));
    std::string reasons;
    for (const auto& reason : down.reasons) base::add_to_list(&reasons, "; ", reason);
    const auto text = "is " + std::string(state_name(down.code)) + ": " + reasons;
    log(ARK_LOG_WARN, module.label, text);
    if (status.ok()) status = Status(Code::kModuleFailed, module.label + " " + text);
  }
  {
    const auto locked = modules_.lock();
    module.instance.reset();
  }
  drop_stage(module);
  return status;
}

/// STOPPED in any case.
Status ContainerImpl::bring_down(Job& job, const ModulePtr& module) {
  if (!module->instance) return {};
  (void)announcer_->before_stop(*module, false);
  modules_.set_state(*module, State::kStopping, job.cause());
  resources_.activate({}, module->instance->generation->packaged);
  const auto status = take_down(*module);
  modules_.set_state(*module, State::kStopped, job.cause(), status.text());
  announcer_->after_stop(*module);
  return status;
}

/// One publication: what `in` offers appears as what `out` offers vanishes. Either may be null.
void ContainerImpl::go_live(Job& job, const ModulePtr& in, const ModulePtr& out) {
  auto services_of = [](const ModulePtr& m) { return m ? &m->instance->generation->services : nullptr; };
  registry_->activate(services_of(in), services_of(out));
  auto staged_of = [](const ModulePtr& m) { return m ? m->instance->generation->packaged : Staged(); };
  resources_.activate(staged_of(in), staged_of(out));
  if (out) {
    modules_.set_state(*out, State::kDeactivated, job.cause());
    announcer_->deactivated(*out);
  }
  if (in) {
    modules_.set_state(*in, State::kActivated, job.cause());
    announcer_->activated(*in);
  }
}

/// It is constructed, and what it publishes is kept back.
void ContainerImpl::stay_inactive(const ModulePtr& module) {
  registry_->withhold(module->instance->generation->services);
}

/// Looks again at what could not be unmapped. True: something is left.
bool ContainerImpl::reap() {
  std::lock_guard reaping(reaping_);
  for (auto& one : modules_.remains()) {
    const auto down = runner_->look_again(one.instance);
    if (!down.complaint.empty()) log(ARK_LOG_WARN, one.instance->generation->label, down.complaint);
    if (down.code != State::kUnloaded) {
      modules_.update_remains(*one.instance, down.code, down.reasons);
      continue;
    }
    std::error_code ignored;
    fs::remove_all(one.staged, ignored);
    log(ARK_LOG_INFO, one.info.name + " " + one.info.version, "is UNLOADED now: what held it has gone");
    modules_.remove_remains(*one.instance);
  }
  return !modules_.remains().empty();
}

}  // namespace ark::container::lifecycle
