/// One event on its way to its handlers.
#pragma once

#include <ark/abi/events.h>
#include <ark/container/status.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ark::container::event {

/// What happened, of which module; "" for what concerns the container.
struct Event {
  std::string name, module, version;
  std::vector<std::pair<std::string, std::string>> properties;  ///< docs/events.md
};

/// A value that a module fired: what frees it is code of that module.
struct Value {
  const void* object = nullptr;
  std::function<void()> drop;  ///< empty: none
};

/// Thread safety: handlers run one after the other, but one that was given up may still be inside and veto beside the
/// next; all else does not change. Shared by whoever still has to run a handler.
class Firing {
 public:
  /// vetoable: a handler's veto counts.
  explicit Firing(Event event, bool vetoable = false, Value value = {});
  ~Firing();
  Firing(const Firing&) = delete;

  const Event& event() const { return event_; }
  /// As the handler of `listener`, "audit 1.0.0", sees it.
  struct Seen {
    ark_event_t c;
    Firing* firing;
    const std::string* listener;
  };
  Seen seen_by(const std::string& listener) { return {c_, this, &listener}; }

  /// Ok, or FAILED_PRECONDITION: who vetoed it, and why. "audit 1.0.0 vetoed BeforeBizStartup: the books are open".
  Status verdict() const;

 private:
  void veto(const std::string& listener, const char* why);

  const Event event_;
  const Value value_;
  std::vector<ark_property_t> properties_;
  ark_event_t c_{};
  mutable std::mutex mutex_;
  std::string vetoes_;  // guarded by mutex_
};

using FiringPtr = std::shared_ptr<Firing>;

}  // namespace ark::container::event
