#include <ark/container/container.hpp>

#include <algorithm>

namespace ark::container {

std::string_view health_name(Health health) {
  return health == Health::kUp ? "up" : health == Health::kDegraded ? "degraded" : "down";
}

Health worst_of(const std::vector<HealthInfo>& modules) {
  auto worst = Health::kUp;
  for (const auto& module : modules) {
    if (module.state == State::kActivated || module.state == State::kBroken) worst = std::max(worst, module.health);
  }
  return worst;
}

std::string_view kind_name(Kind kind) { return kind == Kind::kPlugin ? "plugin" : "biz"; }

std::string_view state_name(State state) {
  switch (state) {
    case State::kResolved:
      return "RESOLVED";
    case State::kStarting:
      return "STARTING";
    case State::kActivated:
      return "ACTIVATED";
    case State::kDeactivated:
      return "DEACTIVATED";
    case State::kStopping:
      return "STOPPING";
    case State::kStopped:
      return "STOPPED";
    case State::kBroken:
      return "BROKEN";
    case State::kUnloaded:
      return "UNLOADED";
    case State::kZombie:
      return "ZOMBIE";
    case State::kQuarantined:
      return "QUARANTINED";
  }
  return "UNKNOWN";
}

}  // namespace ark::container
