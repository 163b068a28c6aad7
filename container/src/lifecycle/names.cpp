#include <ark/container/container.hpp>

namespace ark::container {

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
