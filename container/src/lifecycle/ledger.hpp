/// What the next start will find: the durable modules, the state each has then, and their packages. Written as
/// docs/lifecycle.md says.
#pragma once

#include <ark/container/container.hpp>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "lifecycle/home.hpp"
#include "lifecycle/incoming.hpp"
#include "lifecycle/state_file.hpp"
#include "package/manifest.hpp"

namespace ark::container::lifecycle {

/// A durable module and what becomes of it: ACTIVATED, DEACTIVATED, STOPPED, or UNLOADED: not there any more.
struct Kept {
  std::shared_ptr<const package::Manifest> manifest;
  State state = State::kActivated;
};

/// Every change is durable when its function returns; on failure all is as it was, unless the status says that something
/// could not be put back.
/// Thread safety: any thread, once open has returned.
class Ledger {
 public:
  /// several: more than one version of a name may be active.
  Ledger(const Home& home, bool several) : home_(home), several_(several) {}

  /// Reads state.json, and ends what an operation of a process that was killed had begun.
  Status open();
  bool is_open() const { return state_.has_value(); }
  /// As it was read. For the start, before begin.
  const Remembered& remembered() const { return state_->now(); }
  /// What this start has found. What is remembered of modules that are not there is forgotten: sentences that say so.
  Result<std::vector<std::string>> begin(const std::vector<Kept>& found);

  /// Modules that are there change their state. Where one becomes active, the others of its name are not any more,
  /// unless several may be.
  Status change(const std::vector<Kept>& changes);

  /// Some version of the name is active at the next start.
  bool keeps_active(const std::string& name) const;

  struct Brought {
    std::filesystem::path package;
    Status removal;  ///< of the old package: if it failed, the next change tries again, and the next start
  };
  /// A package comes into modules/, and the file `old` of it goes, unless "" or the same: one change. A file of the same
  /// module is replaced; ALREADY_EXISTS if there is another one in its place.
  Result<Brought> bring(Incoming& incoming, const std::vector<Kept>& changes, const std::string& old = "");
  /// A package goes.
  Status drop(const std::filesystem::path& package, const Kept& gone);

 private:
  using Table = std::map<std::string, std::map<package::Version, State>>;  // by name
  Table with(const std::vector<Kept>& changes) const;
  Remembered remembered_of(const Table& table) const;
  std::vector<std::string> not_there(const Remembered& remembered) const;
  Status remove_left_over(const std::string& file);
  Status remove_left_overs();
  Status check_place(const std::filesystem::path& place, const package::Manifest& coming) const;

  const Home& home_;
  const bool several_;
  mutable std::mutex mutex_;
  std::optional<StateFile> state_;  // guarded by mutex_, as all below
  Table table_;
};

}  // namespace ark::container::lifecycle
