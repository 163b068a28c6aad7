/// The events of a run, for operators: the last of them, numbered.
#pragma once

#include <ark/container/container.hpp>

#include <functional>
#include <mutex>
#include <array>
#include <string_view>
#include <vector>

namespace ark::container::event {

/// Thread safety: any thread. Keeps the latest; each costs the room of its own texts.
class Journal {
 public:
  /// What modules do as often as they like is kept apart: it drives nothing out of what the container does.
  enum class From { kContainer, kModules };

  /// capacity: entries of each.
  explicit Journal(size_t capacity = 1024);

  void add(From from, std::string_view name, std::string_view module, std::string_view version, std::string_view text);
  /// Container::events.
  EventPage since(uint64_t number) const;
  uint64_t last() const;
  /// Container::on_event.
  void on_entry(uint64_t number, std::function<void()> tell);

 private:
  const int64_t run_;
  mutable std::mutex mutex_;
  struct Ring {
    std::vector<EventInfo> entries;
    uint64_t added = 0;  // the next one goes to added % size
  };
  uint64_t last_ = 0;          // guarded by mutex_, as all below
  std::array<Ring, 2> rings_;  // of each From
  std::function<void()> tell_;
};

}  // namespace ark::container::event
