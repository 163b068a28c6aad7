/// One start of a module: what each part of the container knows about it, in one place.
#pragma once

#include <ark/abi/host.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "event/dispatcher.hpp"
#include "health/checks.hpp"
#include "lifecycle/requests.hpp"
#include "lifecycle/resources.hpp"
#include "loader/ownership.hpp"
#include "service/client.hpp"

namespace ark::container::lifecycle {

/// What modules reach of their container, whatever generation they are.
struct Core {
  service::Registry* registry = nullptr;
  event::Dispatcher* dispatcher = nullptr;
  Resources* resources = nullptr;
  health::Checks* checks = nullptr;
  Requests* requests = nullptr;
  std::filesystem::path data;  ///< home/data
  std::function<void(int level, const std::string& source, const std::string& text)> log;
  int log_level = 2;
  std::function<void(int status, const std::string& who)> exit_request;
};

}  // namespace ark::container::lifecycle

/// Outlives every thread, slot and callback of the module: it is freed only once its code has been unmapped.
struct ark_generation_t {
  ark_generation_t(ark::container::lifecycle::Core& c, std::string n, std::string v, uint32_t number_)
      : core(c), name(std::move(n)), version(std::move(v)), label(name + " " + version), number(number_), ownership(label, c.exit_request) {
    services.registry = c.registry;
    services.generation = this;
    services.label = label;
    services.rank.name = name;
    events.dispatcher = c.dispatcher;
    events.name = name;
    events.version = version;
    events.label = label;
    health.checks = c.checks;
    health.label = label;
    requests->requests = c.requests;
    requests->name = name;
    requests->label = label;
  }

  ark::container::lifecycle::Core& core;
  const std::string name, version, label;
  const uint32_t number;
  ark::container::lifecycle::Staged packaged;  ///< set before its code runs
  ark::container::service::Client services;
  ark::container::event::Client events;
  ark::container::health::Client health;
  const ark::container::lifecycle::RequestClientPtr requests = std::make_shared<ark::container::lifecycle::RequestClient>();
  ark::container::loader::Ownership ownership;
  std::mutex mutex;
  std::string data_dir;  // guarded by mutex; empty until asked for
};
