/// A module as the container knows it, from its package to the last byte of its code.
#pragma once

#include <ark/abi/module.h>
#include <ark/container/container.hpp>

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/generation.hpp"
#include "loader/image.hpp"
#include "package/manifest.hpp"
#include "package/package.hpp"

namespace ark::container::lifecycle {

/// How far the way down has come. What a quarantine waits for decides where it goes on when that is over.
enum class Descent {
  kDrain,    ///< calls from others may be inside
  kDestroy,  ///< the object exists
  kThreads,  ///< threads of its own may run
  kStatics,  ///< static objects exist
  kAudit,    ///< something may still point at its code
  kMapped,
  kGone,
};

/// The code and object of one start. Shared with the lent thread, which may keep it when it is given up.
struct Instance {
  std::unique_ptr<ark_generation_t> generation;
  loader::Image image;
  const ark_module_t* table = nullptr;  ///< null until open
  void* object = nullptr;               ///< null until constructed
  std::atomic<Descent> descent = Descent::kGone;  ///< what has to be undone next; atomic: the thread may be given up meanwhile
  std::string stuck;  ///< what a thread of it has not come back from: until it has, the way down goes no further; "" else
  std::shared_ptr<const std::atomic<bool>> has_left;  ///< with `stuck`: that it has. Null: it never will
  const Limits limits;

  Instance(std::unique_ptr<ark_generation_t> g, const std::filesystem::path& staged, const package::Manifest& manifest,
           const Limits& l)
      : generation(std::move(g)),
        image(staged, manifest, {generation->name, generation->version, generation->number}),
        limits(l) {}
};

/// Changed by the operation whose turn it is, with the lock of the set it is in; read with that lock.
struct Module {
  std::shared_ptr<const package::Manifest> manifest;
  std::string label;              ///< "orders 1.0.0"
  std::filesystem::path package;  ///< what it is started from
  bool transient = false;
  bool announced = false;       ///< others have heard of its start, and shall hear of its stop
  bool stop_announced = false;  ///< they have heard that it stops
  bool coming = false;          ///< an operation is making it active: what it imports may not go
  bool leaving = false;         ///< an operation is ending its being active: nobody may count on it any more
  State state = State::kResolved;
  std::deque<StateChange> history;  ///< the latest, `state` the last of them
  double load_ms = 0, start_ms = 0;
  uint32_t number = 0;                     ///< of the generation, once it had one
  std::optional<package::Package> opened;  ///< between reading and staging
  std::filesystem::path staged;            ///< where the next start finds its files; empty: not staged
  std::shared_ptr<Instance> instance;      ///< null when it has neither object nor code
  std::shared_ptr<ark_generation_t> host;  ///< the host program as this module, which then has no package; else null

  bool constructed() const { return state == State::kActivated || state == State::kDeactivated; }
  bool serves() const { return state == State::kActivated && !leaving; }
  bool needs_its_imports() const { return serves() || coming; }
};

using ModulePtr = std::shared_ptr<Module>;

ModuleInfo info_of(const Module& module, const service::Registry& registry);

}  // namespace ark::container::lifecycle
