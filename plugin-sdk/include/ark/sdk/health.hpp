/// ark::Health: how a module says whether it is fit for work.
#pragma once

#include <ark/abi/health.h>
#include <ark/sdk/held.hpp>

#include <memory>
#include <string>
#include <utility>

namespace ark {

/// An answer: up; degraded, it works though not as it should; or down. A value.
class Health {
 public:
  static Health up() { return Health(ARK_HEALTH_UP, ""); }
  /// why: a sentence for operators: "the pool has 2 of 10 connections".
  static Health degraded(std::string why) { return Health(ARK_HEALTH_DEGRADED, std::move(why)); }
  static Health down(std::string why) { return Health(ARK_HEALTH_DOWN, std::move(why)); }

  ark_health_level_t level() const { return level_; }
  const std::string& why() const { return why_; }  ///< "" if up

 private:
  Health(ark_health_level_t level, std::string why) : level_(level), why_(std::move(why)) {}
  ark_health_level_t level_;
  std::string why_;
};

/// While it lives its callback is asked. Movable; its destructor waits for a question that runs on another thread.
class [[nodiscard]] HealthCheck {
 public:
  HealthCheck() = default;
  /// callback: what the container calls; it lives at least as long as it runs.
  HealthCheck(const ark_health_t* table, ark_health_check_t* check, std::shared_ptr<void> callback)
      : held_(table, check, std::move(callback)) {}
  void cancel() { held_.give_back(); }

 private:
  detail::HeldCallback<ark_health_check_t, ark_health_t, &ark_health_t::remove> held_;
};

}  // namespace ark
