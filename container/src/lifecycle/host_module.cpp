// The host program as a module, and what it links that modules would be given.
#include <ark/container/host.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "lifecycle/container_impl.hpp"
#include "lifecycle/host_client.hpp"
#include "package/layout.hpp"

namespace ark::container {
namespace lifecycle {
namespace {

Result<std::shared_ptr<package::Manifest>> manifest_of(const std::string& name, const std::string& version,
                                                       const std::vector<const ark_contract_t*>& exports) {
  auto manifest = std::make_shared<package::Manifest>();
  manifest->name = name;
  if (auto good = package::check_module_name(name); !good.ok()) return good;
  auto parsed = package::parse_version(version);
  if (!parsed.ok()) return parsed.status().within(name);
  manifest->version = *parsed;
  for (const auto* contract : exports) {
    manifest->exports.push_back(
        {contract->id, contract->version, package::layout_of(*contract), package::layout_digest(*contract)});
  }
  return manifest;
}

class HostModuleImpl final : public HostModule {
 public:
  HostModuleImpl(ContainerImpl& container, const std::string& name, const std::string& version)
      : container_(container), client_(container, name, version), context_(client_.host(), client_.generation()) {}
  ~HostModuleImpl() override { container_.remove_host(*client_.generation()); }

  Status join(std::shared_ptr<const package::Manifest> manifest) {
    return container_.add_host(std::move(manifest), client_.shared_generation());
  }
  Context& context() override { return context_; }

 private:
  ContainerImpl& container_;
  HostClient client_;
  Context context_;
};

}  // namespace

void ContainerImpl::tell_of_foreign_libraries() const {
  for (const auto& library : foreign_) {
    log(ARK_LOG_WARN, "container",
        "the host program links " + library.string() +
            ": its symbols come before those of every module, and packages that define one of them are refused; link "
            "its static form, or put it into a plugin (docs/embedding.md)");
  }
}

/// Once it is staged.
Status ContainerImpl::check_definitions(const Module& module) const {
  for (const auto& file : module.manifest->files) {
    if (!file.path.starts_with("lib/")) continue;
    if (auto fits = loader::check_definitions(module.staged / file.path, foreign_); !fits.ok())
      return fits.within(module.label);
  }
  return {};
}

Status ContainerImpl::add_host(std::shared_ptr<const package::Manifest> manifest,
                               std::shared_ptr<ark_generation_t> generation) {
  auto module = std::make_shared<Module>();
  module->manifest = std::move(manifest);
  module->label = label_of(*module->manifest);
  module->transient = true;
  module->host = std::move(generation);
  std::lock_guard lock(plan_mutex_);
  for (const auto& other : modules_.all()) {
    if (other->manifest->name != module->manifest->name) continue;
    return Status(Code::kAlreadyExists, "the host program cannot be " + module->label + ": there is " + other->label +
                                            "; give one of them another name");
  }
  modules_.add(module);
  modules_.set_state(*module, State::kActivated, "the host program");
  return {};
}

void ContainerImpl::remove_host(const ark_generation_t& generation) {
  std::lock_guard lock(plan_mutex_);
  for (const auto& module : modules_.all()) {
    if (module->host.get() == &generation) modules_.remove(module);
  }
}

/// Ok unless the host program plays a module of this name.
Status ContainerImpl::refuse_host(const std::string& name) const {
  for (const auto& module : modules_.all()) {
    if (!module->host || module->manifest->name != name) continue;
    return Status(Code::kFailedPrecondition,
                  module->label + " is the host program, not a package: nothing can be installed, stopped or replaced "
                                  "under that name");
  }
  return {};
}

void check_host_names(StartPlan* plan) {
  for (const auto& host : plan->hosts) {
    for (const auto& module : plan->modules) {
      if (module->manifest->name != host->manifest->name) continue;
      plan->problems.push_back(module->label + " has the name of the host program, which is " + host->label +
                               "; give one of them another name");
    }
  }
}

}  // namespace lifecycle

Result<std::unique_ptr<HostModule>> HostModule::create(Container& container, const std::string& name,
                                                       const std::string& version,
                                                       const std::vector<const ark_contract_t*>& exports) {
  auto manifest = lifecycle::manifest_of(name, version, exports);
  if (!manifest.ok()) return manifest.status();
  auto module = std::make_unique<lifecycle::HostModuleImpl>(static_cast<lifecycle::ContainerImpl&>(container), name,
                                                            version);
  if (auto joined = module->join(std::move(*manifest)); !joined.ok()) return joined;
  return std::unique_ptr<HostModule>(std::move(module));
}

}  // namespace ark::container
