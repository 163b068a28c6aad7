#include "lifecycle/ledger.hpp"

#include <algorithm>

#include "lifecycle/packages.hpp"
#include "lifecycle/resolve.hpp"
#include "package/package.hpp"

namespace ark::container::lifecycle {

Status Ledger::open() {
  auto state = open_state(home_.path());
  if (!state.ok()) return state.status();
  state_.emplace(std::move(*state));
  return remove_left_overs();
}

Status Ledger::remove_left_over(const std::string& file) {
  auto removed = home_.remove(home_.modules() / file);
  if (removed.ok()) state_->forget_left_over(file);
  return removed;
}

/// What cannot be removed now either is remembered for the next time.
Status Ledger::remove_left_overs() {
  std::vector<std::string> problems;
  for (const auto& file : std::set(state_->left_over())) {
    if (const auto removed = remove_left_over(file); !removed.ok()) problems.push_back(removed.text());
  }
  return status_of(problems);
}

Result<std::vector<std::string>> Ledger::begin(const std::vector<Kept>& found) {
  std::lock_guard lock(mutex_);
  for (const auto& [manifest, state] : found) table_[manifest->name][manifest->version] = state;
  auto forgotten = not_there(state_->now());
  if (auto saved = state_->save(remembered_of(table_)); !saved.ok()) return saved;
  return forgotten;
}

std::vector<std::string> Ledger::not_there(const Remembered& remembered) const {
  std::vector<std::string> gone;
  const auto is_there = [&](const std::string& name, const std::string& version) {
    const auto versions = table_.find(name);
    return versions != table_.end() && std::any_of(versions->second.begin(), versions->second.end(),
                                                   [&](const auto& one) { return package::to_string(one.first) == version; });
  };
  for (const auto& [name, versions] : remembered.active) {
    if (versions.empty() && !table_.count(name)) gone.push_back("that no version of " + name + " is active");
    for (const auto& version : versions) {
      if (!is_there(name, version)) gone.push_back("that " + name + " " + version + " is active");
    }
  }
  for (const auto& key : remembered.stopped) {
    const auto colon = key.find(':');
    if (!is_there(key.substr(0, colon), key.substr(colon + 1))) gone.push_back("that " + key + " is stopped");
  }
  for (auto& text : gone) text = "it was remembered " + text + ", but its package is not there; that is forgotten now";
  return gone;
}

Ledger::Table Ledger::with(const std::vector<Kept>& changes) const {
  auto table = table_;
  for (const auto& [manifest, state] : changes) {
    auto& versions = table[manifest->name];
    if (state == State::kUnloaded) {
      versions.erase(manifest->version);
      continue;
    }
    if (state == State::kActivated && !several_) {
      for (auto& [version, other] : versions) {
        if (other == State::kActivated) other = State::kDeactivated;
      }
    }
    versions[manifest->version] = state;
  }
  return table;
}

Remembered Ledger::remembered_of(const Table& table) const {
  Remembered remembered;
  for (const auto& [name, versions] : table) {
    std::set<std::string> active, guess;
    for (const auto& [version, state] : versions) {
      const auto text = package::to_string(version);
      if (state == State::kStopped) {
        remembered.stopped.insert(name + ":" + text);
        continue;
      }
      if (!several_) guess.clear();
      guess.insert(text);  // the newest is the last
      if (state == State::kActivated) active.insert(text);
    }
    if (active != guess) remembered.active[name] = std::move(active);
  }
  return remembered;
}

Status Ledger::change(const std::vector<Kept>& changes) {
  std::lock_guard lock(mutex_);
  (void)remove_left_overs();
  auto table = with(changes);
  if (auto saved = state_->save(remembered_of(table)); !saved.ok()) return saved;
  table_ = std::move(table);
  return {};
}

bool Ledger::keeps_active(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto found = table_.find(name);
  if (found == table_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [](const auto& version) { return version.second == State::kActivated; });
}

/// People name files, too: what is in the place of a package that comes may be another one.
Status Ledger::check_place(const std::filesystem::path& place, const package::Manifest& coming) const {
  auto there = package::Package::open(place);
  if (there.status().code() == Code::kNotFound) return {};
  const auto in_the_way = place.string() + " is in the way of " + label_of(coming) + ": ";
  if (!there.ok()) return Status(Code::kAlreadyExists, in_the_way + there.status().text() + "; move it away");
  const auto& manifest = there->manifest();
  if (manifest.name == coming.name && manifest.version == coming.version) return {};
  return Status(Code::kAlreadyExists, in_the_way + "it is the package of " + label_of(manifest) +
                                          "; stop the container and rename it to " + package::package_name(manifest));
}

Result<Ledger::Brought> Ledger::bring(Incoming& incoming, const std::vector<Kept>& changes, const std::string& old) {
  const auto& coming = *changes.front().manifest;
  const auto name = package::package_name(coming);
  std::lock_guard lock(mutex_);
  if (const auto removed = remove_left_overs(); state_->left_over().count(name)) return removed;
  if (auto free = old == name ? Status() : check_place(home_.modules() / name, coming); !free.ok()) return free;
  auto table = with(changes);
  Pending pending{name, true, old == name ? "" : old, remembered_of(table)};
  const bool packages_say_it = pending.then == state_->now() && pending.remove.empty();
  if (auto saved = state_->save(state_->now(), packages_say_it ? std::nullopt : std::optional(pending)); !saved.ok())
    return saved;
  auto kept = incoming.keep(name);
  state_->settle(kept.ok());
  if (!kept.ok()) return kept.status();
  table_ = std::move(table);
  return Brought{std::move(*kept), pending.remove.empty() ? Status() : remove_left_over(pending.remove)};
}

Status Ledger::drop(const std::filesystem::path& package, const Kept& gone) {
  std::lock_guard lock(mutex_);
  (void)remove_left_overs();
  auto table = with({gone});
  Pending pending{package.filename(), false, "", remembered_of(table)};
  const bool packages_say_it = pending.then == state_->now();
  if (auto saved = state_->save(state_->now(), packages_say_it ? std::nullopt : std::optional(pending)); !saved.ok())
    return saved;
  const auto removed = home_.remove(package);
  state_->settle(removed.ok());
  if (removed.ok()) table_ = std::move(table);
  return removed;
}

}  // namespace ark::container::lifecycle
