/// The packages that a container starts with: opened, checked for this platform, and fitted together, before any code
/// runs.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/module.hpp"
#include "lifecycle/state_file.hpp"

namespace ark::container::lifecycle {

/// A module that is RESOLVED as far as it can be by itself: its package is open, its manifest fits this container.
Result<ModulePtr> open_package(const std::filesystem::path& file, bool transient);

/// The modules of a start, how they go together, and what is wrong with them.
struct StartPlan {
  std::vector<ModulePtr> modules;  ///< all there are
  std::vector<ModulePtr> hosts;    ///< besides them those that the host program plays; they are up
  std::vector<std::vector<ModulePtr>>
      waves;  ///< those that start, in their order; the members of a wave may start at the same time
  std::set<const Module*> active;                 ///< of those the ones that are to be active
  std::map<const Module*, std::string> left_out;  ///< by policy, and why
  std::vector<std::string> problems;  ///< sentences; one for each thing that is wrong and has not been left out
};

/// Whether the start goes on without a module of that name if it does not fit.
using Skips = std::function<bool(const std::string& name)>;

/// What is in `folder` (modules/ of a home) but for the files `left_over`, then the transient `others`; each goes through
/// `then` at once, for all of them together would need much memory. One that cannot be read and may be left out is known
/// by the name of its file.
void open_packages(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& others,
                   const std::set<std::string>& left_over, const Skips& skips,
                   const std::function<Status(Module&)>& then, StartPlan* plan);

/// "orders:1.0.0": how a version is remembered.
std::string key_of(const package::Manifest& manifest);

/// What keeps the modules of the plan from running together, but for those that are stopped; if nothing does, their
/// waves.
void fit_together(const Remembered& remembered, bool several_active, const Skips& skips, StartPlan* plan);

/// Adds what is wrong with the name of the master biz, "" for none.
void check_master(const std::string& master, StartPlan* plan);
/// Names of modules that are configured and not there, in sentences: perhaps they come later, perhaps they are misspelt.
std::vector<std::string> configured_in_vain(const std::map<std::string, ModulePolicy>& policies, const StartPlan& plan);
/// Adds the modules whose name the host program has taken.
void check_host_names(StartPlan* plan);

/// What is remembered in `home`, given its packages; whether the pending change has happened is decided by them.
Result<StateFile> open_state(const std::filesystem::path& home);

/// FAILED_PRECONDITION with a line for each problem; ok if there is none.
Status status_of(const std::vector<std::string>& problems);

/// "greeter 1.0.0, orders 1.0.0": those that start, in their order.
std::string labels_of(const StartPlan& plan);
/// These, and what they export that is shadowed.
std::string remark_of(const StartPlan& plan);

}  // namespace ark::container::lifecycle
