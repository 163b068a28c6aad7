#include "lifecycle/module.hpp"

#include "service/registry.hpp"

namespace ark::container::lifecycle {

ModuleInfo info_of(const Module& module, const service::Registry& registry) {
  ModuleInfo info;
  info.name = module.manifest->name;
  info.version = package::to_string(module.manifest->version);
  info.kind = module.manifest->kind;
  info.state = module.state;
  info.priority = module.manifest->priority;
  info.isolation = module.manifest->isolation;
  info.generation = module.number;
  if (module.instance) info.services = registry.services_of(module.instance->generation->services);
  if (module.host) info.services = registry.services_of(module.host->services);
  info.load_ms = module.load_ms;
  info.start_ms = module.start_ms;
  info.transient = module.transient;
  if (!module.history.empty()) {
    info.since = module.history.back().time;
    info.error = module.history.back().error;
  }
  return info;
}

}  // namespace ark::container::lifecycle
