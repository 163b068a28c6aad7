/// The packages that a container starts with: opened, checked for this platform, and fitted together, before any code runs.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lifecycle/module.hpp"
#include "lifecycle/state_file.hpp"

namespace ark::container::lifecycle {

/// A module that is RESOLVED as far as it can be by itself: its package is open, its manifest fits this container.
Result<ModulePtr> open_package(const std::filesystem::path& file, bool transient);

struct Packages {
  std::vector<ModulePtr> modules;
  std::vector<std::string> problems;  ///< sentences; one for each thing that is wrong
};

/// Adds what is in `folder` (modules/ of a home) but for the file `left_over`, then the transient `others`.
void open_packages(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& others, Packages* found,
                   const std::string& left_over = "");

/// "orders:1.0.0": how a version is remembered.
std::string key_of(const package::Manifest& manifest);

/// Of each name the version that a start activates: the one that is remembered, else the newest; none that is stopped.
std::map<std::string_view, const Module*> chosen_of(const std::vector<ModulePtr>& modules, const Remembered& remembered);

/// Everything that keeps `modules` from running together, but for those that are stopped; if nothing does, they are in the order of their start then.
std::vector<std::string> fit_together(std::vector<ModulePtr>* modules, const Remembered& remembered);

/// What is remembered in `home`, given its packages; whether the pending change has happened is decided by them.
Result<StateFile> open_state(const std::filesystem::path& home);

/// FAILED_PRECONDITION with a line for each problem; ok if there is none.
Status status_of(const std::vector<std::string>& problems);

/// "orders 1.0.0, audit 1.0.0"
std::string labels_of(const std::vector<ModulePtr>& modules);

}  // namespace ark::container::lifecycle
