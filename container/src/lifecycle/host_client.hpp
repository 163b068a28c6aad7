/// The host program as a client of its own container: it publishes and refers to services as a module does, without being one.
#pragma once

#include <ark/abi/host.h>
#include <ark/container/container.hpp>

#include <memory>

namespace ark::container::lifecycle {

/// Thread safety: as a module's context, any thread; made and destroyed by one, while the container exists and no call of its is open.
/// It declares nothing, so it may publish and refer to every contract. What it publishes is live at once.
class HostClient {
 public:
  HostClient(Container& container, std::string name, std::string version);
  ~HostClient();
  HostClient(const HostClient&) = delete;

  const ark_host_t* host() const;
  ark_generation_t* generation() const { return generation_.get(); }
  std::shared_ptr<ark_generation_t> shared_generation() const { return generation_; }

 private:
  std::shared_ptr<ark_generation_t> generation_;
};

}  // namespace ark::container::lifecycle
