/// The container's own configuration: conf/container.json, then --set KEY=VALUE. What a key means is in
/// docs/configuration.md.
#pragma once

#include <ark/container/status.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ark::container::config {

enum class Type { kDuration, kSize, kInteger, kBoolean, kLevel, kText };

/// One key that the container knows.
struct Key {
  std::string_view name;  ///< "limits.start"
  Type type;
  std::string_view preset;
  std::string_view least, most;  ///< bounds, in the same notation; "" for none
  std::string_view meaning;
  bool per_module = false;  ///< may be set for one module too: modules.NAME.limits.start
};

const std::vector<Key>& known_keys();

/// A value: built by one thread, then read by any.
class Settings {
 public:
  /// All keys at their presets.
  Settings();

  /// Reads a file: JSON with comments, objects within objects or dotted keys. A missing file is NOT_FOUND. Where
  /// something in it is wrong the rest is taken all the same, so that a check sees what that comes to; nobody may run
  /// with it. Errors: a line for each fault; each names file, line and key, and the nearest known key for one that is
  /// not known.
  Status read(const std::filesystem::path& file);
  /// "log.level=debug"
  Status set(std::string_view assignment);

  std::chrono::milliseconds duration(std::string_view key) const;
  uint64_t size(std::string_view key) const;
  int64_t integer(std::string_view key) const;
  bool boolean(std::string_view key) const;
  int level(std::string_view key) const;  ///< 0 trace to 4 error
  const std::string& text(std::string_view key) const;
  /// "preset", "/etc/x.json:3", "--set"
  const std::string& origin(std::string_view key) const;

  /// Names of modules that something is set for.
  std::set<std::string> modules() const;
  /// "modules.orders.limits.start" if it is set, else "": what the functions above take.
  std::string own_key(std::string_view module, std::string_view key) const;

 private:
  struct Value {
    std::string text, origin;
  };
  Status assign(std::string_view key, std::string text, std::string origin);
  const Value& value(std::string_view key) const;

  std::map<std::string, Value, std::less<>> values_;
};

/// A JSON Schema of the file, made from known_keys().
std::string settings_schema();

}  // namespace ark::container::config
