#include "lifecycle/host_client.hpp"

#include "lifecycle/container_impl.hpp"
#include "lifecycle/host_table.hpp"

namespace ark::container::lifecycle {

HostClient::HostClient(Container& container, std::string name, std::string version)
    : generation_(std::make_shared<ark_generation_t>(static_cast<ContainerImpl&>(container).core(), std::move(name), std::move(version), 0)) {
  generation_->services.declares = false;
  generation_->core.registry->activate(&generation_->services, nullptr);
  (void)generation_->core.dispatcher->activate(generation_->events);
  generation_->core.requests->activate(*generation_->requests);
}

HostClient::~HostClient() {
  const auto forever = std::chrono::steady_clock::time_point::max();
  auto& core = generation_->core;
  core.requests->close(*generation_->requests, forever);
  core.dispatcher->close(generation_->events, forever);
  core.checks->close(generation_->health, forever);
  core.registry->close(generation_->services, forever);
  core.registry->forget(generation_->services, [](const void*) { return false; });
  core.dispatcher->forget(generation_->events);
  core.checks->forget(generation_->health);
  core.requests->forget(*generation_->requests);
}

const ark_host_t* HostClient::host() const { return &kHostTable; }

}  // namespace ark::container::lifecycle
