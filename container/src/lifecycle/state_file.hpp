/// What a container remembers of its modules beside their packages: data/.container/state.json. Format and order of
/// writing: docs/lifecycle.md.
#pragma once

#include <ark/container/status.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace ark::container::lifecycle {

/// Only what a start would not do by itself.
struct Remembered {
  std::map<std::string, std::set<std::string>>
      active;                     ///< name to its active versions, where a start would guess others
  std::set<std::string> stopped;  ///< "greeter:2.1.0"

  bool operator==(const Remembered&) const = default;
};

/// What is remembered once a package is there, or gone.
struct Pending {
  std::string package;  ///< file in modules/
  bool present = true;
  std::string remove;  ///< file in modules/ that goes with it, or ""
  Remembered then;
};

/// One thread at a time.
class StateFile {
 public:
  /// folder: data/.container of a home; made, synced, when something is written. A missing file remembers nothing.
  /// Errors: CORRUPT with file, line and key, UNSUPPORTED for a later format; both say what to do.
  static Result<StateFile> open(const std::filesystem::path& folder);

  /// What a process that was killed may have left in the folder.
  static bool is_temporary(const std::filesystem::path& file);

  /// What holds, given the packages in `modules`: the pending change is taken or left.
  const Remembered& now() const { return now_; }
  const std::optional<Pending>& pending() const { return pending_; }
  /// Makes the pending change what holds now, or forgets it; in memory only, for the file says the same.
  void settle(bool happened);
  /// The files in modules/ that changes which happened have not removed yet, as far as is known.
  const std::set<std::string>& left_over() const { return left_over_; }
  /// One of these has gone; in memory only, until the next save.
  void forget_left_over(const std::string& file);

  /// Durable when it returns; on failure the file is as it was, or the next save writes it. Writes nothing if the file
  /// says it already.
  Status save(const Remembered& now, std::optional<Pending> pending = {});

 private:
  std::filesystem::path file_;
  Remembered now_;
  std::optional<Pending> pending_;
  std::set<std::string> left_over_;
  bool is_behind_ = false;  ///< the file may say something else, or what depends on a package that may come and go
};

}  // namespace ark::container::lifecycle
