/// The folders of a container's home (design: "Folders of a container's home") and its lock.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.hpp"

namespace ark::container::lifecycle {

/// A run whose stage folder is still there.
struct Run {
  std::string id;              ///< of its start: time and process
  int process = 0;
  std::filesystem::path stage;
  bool has_left_code = false;  ///< it ended by itself, but code of modules had to stay mapped until then
};

/// Locked while it lives. One thread at a time.
class Home {
 public:
  /// Makes what is missing: conf, modules, run/stage/<start id>, logs, data/.container, all 0700; all but the stage
  /// survive a power cut. FAILED_PRECONDITION if another live container has it: names its pid.
  /// Removes left-overs of interrupted operations, and old stage folders but the `kept_stages` newest of runs that did
  /// not end cleanly.
  static Result<Home> take(const std::filesystem::path& path, int kept_stages);
  Home(Home&&) = default;
  /// Discards the stage, unless it was given up by unlock.
  ~Home();

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& stage() const { return stage_; }  ///< of this run
  std::filesystem::path data() const { return data_of(path_); }
  std::filesystem::path modules() const { return modules_of(path_); }

  static std::filesystem::path data_of(const std::filesystem::path& home) { return home / "data"; }
  static std::filesystem::path modules_of(const std::filesystem::path& home) { return home / "modules"; }
  /// Of what the container itself remembers.
  static std::filesystem::path state_of(const std::filesystem::path& home) { return data_of(home) / ".container"; }
  /// Packages in a folder, as modules/, sorted by name.
  static Result<std::vector<std::filesystem::path>> packages_in(const std::filesystem::path& folder);

  /// A file of modules/, synced; nothing to do if it is gone. On failure it is as it was.
  Status remove(const std::filesystem::path& package) const;

  /// Others may take it, although this lives on: code of modules had to stay mapped. Its stage is kept, and says so.
  void unlock();

  /// Runs whose stage folder is there, newest first; the one that has the home now is among them.
  static std::vector<Run> runs(const std::filesystem::path& home);
  /// The process that had it before; 0 if there was none.
  int previous_holder() const { return previous_holder_; }
  /// The process that has the home, or had it last; 0 if that cannot be told.
  static int last_holder(const std::filesystem::path& home);

  /// The run ended cleanly: its stage folder is of no more use.
  void discard_stage();

 private:
  Home() = default;
  Status make_folders();
  Status lock();
  Status make_stage();
  void clean_up(int kept_stages) const;

  std::filesystem::path path_, stage_;
  base::Descriptor lock_;
  int previous_holder_ = 0;
};

}  // namespace ark::container::lifecycle
