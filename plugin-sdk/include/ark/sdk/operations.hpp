/// ark::Operations: a module that drives the container.
#pragma once

#include <ark/abi/module.h>
#include <ark/abi/operations.h>
#include <ark/sdk/capture.hpp>
#include <ark/sdk/held.hpp>
#include <ark/sdk/log.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ark {

/// A module as the container lists it.
struct ModuleInfo {
  explicit ModuleInfo(const ark_module_info_t& info)
      : name(info.name),
        version(info.version),
        state(info.state),
        error(info.error),
        kind(static_cast<ark_module_kind_t>(info.kind)),
        priority(info.priority),
        generation(info.generation) {}
  std::string name, version;
  std::string state;  ///< "ACTIVATED": docs/api.md, module
  std::string error;  ///< its last failure, or ""
  ark_module_kind_t kind;
  int32_t priority;     ///< smaller starts first
  uint32_t generation;  ///< of its code, never used again in this process
};

/// What came of an operation.
struct Outcome {
  explicit Outcome(const ark_outcome_t& outcome)
      : id(outcome.id), code(static_cast<ark_code_t>(outcome.code)), text(outcome.text) {
    if (outcome.module) module.emplace(*outcome.module);
  }
  uint64_t id;       ///< as in the list of operations; 0: it was refused before it began
  ark_code_t code;   ///< as of ark::Error
  std::string text;  ///< why it failed, or ""
  std::optional<ModuleInfo> module;  ///< the module it was about, as it is afterwards
  bool ok() const { return code == ARK_STATUS_OK; }
};

/// InstallOptions().switch_to().transient()
class InstallOptions {
 public:
  /// Activates it although another version of the name is active. For install.
  InstallOptions& switch_to() { return flags_ |= ARK_OPERATION_SWITCH, *this; }
  /// It is not there any more at the next start.
  InstallOptions& transient() { return flags_ |= ARK_OPERATION_TRANSIENT, *this; }
  uint32_t flags() const { return flags_; }

 private:
  uint32_t flags_ = 0;
};

/// StopOptions().force(); for uninstall too.
class StopOptions {
 public:
  /// Although a mandatory importer has no other provider.
  StopOptions& force() { return flags_ |= ARK_OPERATION_FORCE, *this; }
  uint32_t flags() const { return flags_; }

 private:
  uint32_t flags_ = 0;
};

/// While it lives, what came of an operation is told. Movable; its destructor waits for a callback that runs on another
/// thread. The operation goes on in any case.
class [[nodiscard]] PendingOperation {
 public:
  PendingOperation() = default;
  /// callback: what the container calls; it lives at least as long as it runs.
  PendingOperation(const ark_operations_t* table, ark_operation_t* operation, std::shared_ptr<void> callback)
      : held_(table, operation, std::move(callback)) {}
  void forget() { held_.give_back(); }

 private:
  detail::HeldCallback<ark_operation_t, ark_operations_t, &ark_operations_t::release> held_;
};

/// The verbs of `arkctl`, in the name of this module. A value, as valid as the context it is of.
///
/// Each verb has two forms. Without a callback it waits and returns the Outcome, also of an operation that failed. With
/// one, done(const Outcome&), it returns at once: `done` runs on the lifecycle thread, once, after the module's
/// constructor has returned, and not any more when the module has begun to stop, as one does that replaces itself.
///
/// package:   absolute path of a package.  selector:  NAME or NAME:VERSION.
/// Errors:    what keeps an operation from being asked for is thrown as ark::Error: kInvalidArgument (no absolute path,
///            no name); kWouldDeadlock, without a callback only: in constructors, destructors, handlers and notices, and
///            for an operation on the module itself; kStopping once the module's stop has begun, which also ends the
///            waiting; kResourceExhausted if 256 operations of this module are not over.
/// Threads:   any, where the errors do not say otherwise. Asked before the container has started, they wait until it has.
class Operations {
 public:
  Operations(const ark_operations_t& table, ark_generation_t* generation, Logger log)
      : table_(&table), generation_(generation), log_(log) {}

  Outcome install(const std::string& package, const InstallOptions& options = {}) const {
    return run(ARK_VERB_INSTALL, package, options.flags());
  }
  template <class Done>
  PendingOperation install(const std::string& package, const InstallOptions& options, Done done) const {
    return begin(ARK_VERB_INSTALL, package, options.flags(), std::move(done));
  }
  /// Installs, waits until it is up, switches, and uninstalls the version that was active.
  Outcome replace(const std::string& package, const InstallOptions& options = {}) const {
    return run(ARK_VERB_REPLACE, package, options.flags());
  }
  template <class Done>
  PendingOperation replace(const std::string& package, const InstallOptions& options, Done done) const {
    return begin(ARK_VERB_REPLACE, package, options.flags(), std::move(done));
  }
  Outcome switch_to(const std::string& selector) const { return run(ARK_VERB_SWITCH, selector, 0); }
  template <class Done>
  PendingOperation switch_to(const std::string& selector, Done done) const {
    return begin(ARK_VERB_SWITCH, selector, 0, std::move(done));
  }
  Outcome start(const std::string& selector) const { return run(ARK_VERB_START, selector, 0); }
  template <class Done>
  PendingOperation start(const std::string& selector, Done done) const {
    return begin(ARK_VERB_START, selector, 0, std::move(done));
  }
  Outcome stop(const std::string& selector, const StopOptions& options = {}) const {
    return run(ARK_VERB_STOP, selector, options.flags());
  }
  template <class Done>
  PendingOperation stop(const std::string& selector, const StopOptions& options, Done done) const {
    return begin(ARK_VERB_STOP, selector, options.flags(), std::move(done));
  }
  Outcome uninstall(const std::string& selector, const StopOptions& options = {}) const {
    return run(ARK_VERB_UNINSTALL, selector, options.flags());
  }
  template <class Done>
  PendingOperation uninstall(const std::string& selector, const StopOptions& options, Done done) const {
    return begin(ARK_VERB_UNINSTALL, selector, options.flags(), std::move(done));
  }

  /// Plugins first, by name and version.
  std::vector<ModuleInfo> modules() const {
    Visit<std::vector<ModuleInfo>> visit;
    ark_status_t status{};
    table_->modules(
        generation_,
        [](void* context, const ark_module_info_t* info) {
          auto& to = *static_cast<Visit<std::vector<ModuleInfo>>*>(context);
          detail::guarded(&to.failure, [&] { to.found.emplace_back(*info); });
        },
        &visit, &status);
    return visit.take(status);
  }

 private:
  /// What a visitor is given, or what kept it from taking it.
  template <class T>
  struct Visit {
    T found;
    ark_status_t failure{};
    T take(const ark_status_t& status) {
      if (status.code != ARK_STATUS_OK) detail::raise(status);
      if (failure.code != ARK_STATUS_OK) detail::raise(failure);
      return std::move(found);
    }
  };

  Outcome run(ark_verb_t verb, const std::string& subject, uint32_t flags) const {
    const ark_request_t request{sizeof request, static_cast<int32_t>(verb), flags, 0, subject.c_str()};
    Visit<std::optional<Outcome>> visit;
    ark_status_t status{};
    table_->run(
        generation_, &request,
        [](void* context, const ark_outcome_t* outcome) {
          auto& to = *static_cast<Visit<std::optional<Outcome>>*>(context);
          detail::guarded(&to.failure, [&] { to.found.emplace(*outcome); });
        },
        &visit, &status);
    return *visit.take(status);
  }

  template <class Done>
  PendingOperation begin(ark_verb_t verb, const std::string& subject, uint32_t flags, Done done) const {
    struct State : std::enable_shared_from_this<State> {
      Done done;
      Logger log;
      State(Done d, Logger l) : done(std::move(d)), log(l) {}
    };
    auto state = std::make_shared<State>(std::move(done), log_);
    const ark_request_t request{sizeof request, static_cast<int32_t>(verb), flags, 0, subject.c_str()};
    const ark_on_outcome_t on_outcome{
        sizeof on_outcome, 0, state.get(), [](void* self, const ark_outcome_t* outcome) {
          const auto keep = static_cast<State*>(self)->shared_from_this();  // it may drop its own handle
          ark_status_t status{};
          detail::guarded(&status, [&] { keep->done(Outcome(*outcome)); });
          if (status.code != ARK_STATUS_OK)
            keep->log.error(std::string("a callback of an operation failed: ") + status.text);
        }};
    ark_status_t status{};
    auto* begun = table_->begin(generation_, &request, &on_outcome, &status);
    return begun ? PendingOperation(table_, begun, state) : detail::raise<PendingOperation>(status);
  }

  const ark_operations_t* table_;
  ark_generation_t* generation_;
  Logger log_;
};

}  // namespace ark
