#include "config/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <numeric>
#include <set>

#include "base/files.hpp"
#include "base/json_tape.hpp"
#include "base/text.hpp"
#include "config/setting_values.hpp"

namespace ark::container::config {
namespace {

constexpr std::array<std::string_view, 5> kLevels{"trace", "debug", "info", "warn", "error"};

Result<int64_t> parse_integer(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is not a whole number");
  }
  return number;
}

/// As a number that can be compared with the bounds.
Result<int64_t> parse(Type type, std::string_view text) {
  switch (type) {
    case Type::kDuration: {
      auto value = parse_duration(text);
      if (!value.ok()) return value.status();
      return value->count();
    }
    case Type::kSize: {
      auto value = parse_size(text);
      if (!value.ok()) return value.status();
      return static_cast<int64_t>(*value);
    }
    case Type::kInteger:
      return parse_integer(text);
    case Type::kBoolean:
      if (text != "true" && text != "false") {
        return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is neither true nor false");
      }
      return int64_t{text == "true"};
    case Type::kLevel: {
      auto found = std::find(kLevels.begin(), kLevels.end(), text);
      if (found == kLevels.end()) {
        return Status(Code::kInvalidArgument, "'" + std::string(text) + "' is none of trace, debug, info, warn, error");
      }
      return static_cast<int64_t>(found - kLevels.begin());
    }
    case Type::kText:
      if (text.empty()) return Status(Code::kInvalidArgument, "it is empty");
      return int64_t{0};
  }
  return int64_t{0};
}

size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string nearest_key(std::string_view key, bool per_module) {
  const auto far = [&](const Key& k) { return per_module && !k.per_module ? SIZE_MAX : distance(k.name, key); };
  const auto& keys = known_keys();
  return std::string(
      std::min_element(keys.begin(), keys.end(), [&](auto& a, auto& b) { return far(a) < far(b); })->name);
}

constexpr std::string_view kModules = "modules.";

/// "modules.orders.limits.start" is limits.start for orders.
bool is_for_module(const Key& key, std::string_view name) {
  return key.per_module && name.starts_with(kModules) && name.size() > kModules.size() + 1 + key.name.size() &&
         name.ends_with("." + std::string(key.name));
}

const Key* find_key(std::string_view name) {
  const auto& keys = known_keys();
  auto found =
      std::find_if(keys.begin(), keys.end(), [&](auto& k) { return k.name == name || is_for_module(k, name); });
  return found == keys.end() ? nullptr : &*found;
}

/// What to write instead of a key that there is not.
std::string advice_for(std::string_view name) {
  if (!name.starts_with(kModules)) return "did you mean '" + nearest_key(name, false) + "'?";
  const auto rest = name.substr(kModules.size());
  const auto dot = rest.find('.');
  if (dot == rest.npos) return "write it like 'modules.orders.limits.start'";
  const auto key = rest.substr(dot + 1);
  if (find_key(key)) return "'" + std::string(key) + "' holds for all modules and cannot be set for one";
  return "did you mean '" + std::string(name.substr(0, kModules.size() + dot + 1)) + nearest_key(key, true) + "'?";
}

bool is_section(std::string_view name) {
  if ((std::string(name) + ".").starts_with(kModules)) return true;  // a module's name may have dots
  const std::string prefix = std::string(name) + ".";
  const auto& keys = known_keys();
  return std::any_of(keys.begin(), keys.end(), [&](auto& k) { return k.name.starts_with(prefix); });
}

}  // namespace

const std::vector<Key>& known_keys() {
  static const std::vector<Key> keys{
      {"api.socket", Type::kText, "run/ark.sock", "", "", "Unix socket of the HTTP API; relative to the home"},
      {"lifecycle.master", Type::kText, "", "", "",
       "name of the biz that cannot be uninstalled and stops last; none if it is not set"},
      {"lifecycle.several_active", Type::kBoolean, "false", "", "",
       "several versions of a module may be active; references choose by version"},
      {"limits.drain", Type::kDuration, "30s", "0ms", "24h", "how long calls in flight may take when a module stops",
       true},
      {"limits.handler", Type::kDuration, "10s", "1ms", "24h",
       "how long an event handler or a notice of a watch may take"},
      {"limits.health", Type::kDuration, "1s", "1ms", "24h", "how long a module may take to answer how it is", true},
      {"limits.health_wait", Type::kDuration, "10s", "0ms", "24h",
       "how long a new version may take until it is up, before it takes over; 0ms: it is asked once", true},
      {"limits.start", Type::kDuration, "30s", "1ms", "24h",
       "how long static constructors and the constructor of a module may take", true},
      {"limits.stop", Type::kDuration, "30s", "1ms", "24h",
       "how long the destructor and static destructors of a module may take", true},
      {"log.console", Type::kBoolean, "true", "", "", "write the log to standard error too"},
      {"log.file.count", Type::kInteger, "5", "1", "1000", "log files that are kept"},
      {"log.file.size", Type::kSize, "16MiB", "4KiB", "1024GiB", "size at which a new log file is begun"},
      {"log.level", Type::kLevel, "info", "", "", "least level that is written: trace, debug, info, warn, error"},
      {"stage.keep", Type::kInteger, "3", "0", "1000",
       "stage folders of runs that did not end cleanly, kept for their cores"},
      {"start.backoff", Type::kDuration, "1s", "0ms", "1h",
       "time before a failed start of a module is tried again; doubles each time, up to 30s", true},
      {"start.retries", Type::kInteger, "0", "0", "1000", "how often the start of a module is tried again", true},
      {"start.skip_failing", Type::kBoolean, "false", "", "",
       "start without a module that fails, and without those that need it", true},
      {"start.threads", Type::kInteger, "0", "0", "256",
       "modules that start at the same time; 0: as many as there are processors"},
  };
  return keys;
}

Settings::Settings() {
  for (const auto& key : known_keys()) values_[std::string(key.name)] = {std::string(key.preset), "preset"};
}

Status Settings::assign(std::string_view name, std::string text, std::string origin) {
  const Key* key = find_key(name);
  if (!key) {
    const bool is_key_of_module = name.starts_with(kModules) && name.find('.', kModules.size()) != name.npos;
    if (is_section(name) && !is_key_of_module) {
      return Status(Code::kInvalidArgument, "'" + std::string(name) + "' is a section, of several keys; " + advice_for(std::string(name) + "."));
    }
    return Status(Code::kInvalidArgument, "there is no key '" + std::string(name) + "'; " + advice_for(name));
  }
  const bool is_none = text.empty() && key->type == Type::kText && key->preset.empty();
  auto number = is_none ? Result<int64_t>(int64_t{0}) : parse(key->type, text);
  if (!number.ok()) return number.status().within(name);
  const bool too_small = !key->least.empty() && *number < *parse(key->type, key->least);
  const bool too_large = !key->most.empty() && *number > *parse(key->type, key->most);
  if (too_small || too_large) {
    return Status(Code::kInvalidArgument, std::string(name) + ": " + text + " is out of range; it may be " +
                                              std::string(key->least) + " to " + std::string(key->most));
  }
  values_.insert_or_assign(std::string(name), Value{std::move(text), std::move(origin)});
  return {};
}

namespace {

using base::JsonItem;
using base::JsonToken;

/// Walks the tokens of a file; what it finds goes to `found` with its key and line.
class Walk {
 public:
  using Found = std::function<Status(const std::string& key, const std::string& text, uint32_t line)>;
  Walk(const std::vector<JsonItem>& items, std::string origin, Found found)
      : items_(items), origin_(std::move(origin)), found_(std::move(found)) {}

  /// Everything that is wrong, a line for each.
  Status all() {
    section("");
    return faults_.empty() ? Status() : Status(Code::kInvalidArgument, faults_);
  }

 private:
  /// At the opening brace of the section `prefix`, "" or "limits.".
  void section(const std::string& prefix) {
    for (++at_; items_[at_].token != JsonToken::kEndObject;) {
      const auto& key = items_[at_++];
      const std::string name = prefix + std::string(key.text);
      const auto& value = items_[at_];
      if (value.token == JsonToken::kBeginObject && is_section(name)) {
        section(name + ".");
        continue;
      }
      const auto status = scalar(name, value).within(origin_ + ":" + std::to_string(key.line));
      if (!status.ok()) base::add_to_list(&faults_, "\n", status.text());
      skip();
    }
    ++at_;
  }

  /// Past the value at hand, and all that is in it.
  void skip() {
    int depth = 0;
    do {
      const auto token = items_[at_++].token;
      depth += token == JsonToken::kBeginObject || token == JsonToken::kBeginArray;
      depth -= token == JsonToken::kEndObject || token == JsonToken::kEndArray;
    } while (depth > 0);
  }

  Status scalar(const std::string& name, const JsonItem& value) {
    switch (value.token) {
      case JsonToken::kString:
      case JsonToken::kInteger:
      case JsonToken::kUnsigned:
        return found_(name, std::string(value.text), value.line);
      case JsonToken::kBoolean:
        return found_(name, value.integer ? "true" : "false", value.line);
      default:
        if (!find_key(name)) return found_(name, "", value.line);  // says that there is no such key
        if (value.token == JsonToken::kReal) return found_(name, std::string(value.text), value.line);
        return Status(Code::kInvalidArgument, name + ": a text, a whole number or a boolean is expected");
    }
  }

  const std::vector<JsonItem>& items_;
  const std::string origin_;
  const Found found_;
  std::string faults_;
  size_t at_ = 0;
};

}  // namespace

Status Settings::read(const std::filesystem::path& file) {
  auto text = base::read_file(file, size_t{1} << 20);
  if (!text.ok()) return text.status();
  auto tape = base::parse_json(*text, file.string(), base::JsonComments::kAllowed);
  if (!tape.ok()) return tape.status();
  if (tape->items.front().token != JsonToken::kBeginObject) {
    return Status(Code::kCorrupt, file.string() + ":1: an object is expected: { \"log\": { \"level\": \"debug\" } }");
  }
  std::set<std::string> seen;
  Walk walk(tape->items, file.string(), [&](const std::string& key, const std::string& value, uint32_t line) {
    if (!seen.insert(key).second)
      return Status(Code::kInvalidArgument, key + " is set a second time; remove one of the two");
    return assign(key, value, file.string() + ":" + std::to_string(line));
  });
  return walk.all();
}

Status Settings::set(std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return Status(Code::kInvalidArgument, "--set " + std::string(assignment) + ": write it like --set log.level=debug");
  }
  return assign(assignment.substr(0, equals), std::string(assignment.substr(equals + 1)), "--set").within("--set");
}

std::set<std::string> Settings::modules() const {
  std::set<std::string> names;
  for (const auto& [name, value] : values_) {
    for (const auto& key : known_keys()) {
      if (is_for_module(key, name))
        names.insert(name.substr(kModules.size(), name.size() - kModules.size() - 1 - key.name.size()));
    }
  }
  return names;
}

std::string Settings::own_key(std::string_view module, std::string_view key) const {
  auto own = std::string(kModules) + std::string(module) + "." + std::string(key);
  return values_.count(own) ? own : std::string();
}

const Settings::Value& Settings::value(std::string_view key) const { return values_.find(key)->second; }

std::chrono::milliseconds Settings::duration(std::string_view key) const { return *parse_duration(value(key).text); }
uint64_t Settings::size(std::string_view key) const { return *parse_size(value(key).text); }
int64_t Settings::integer(std::string_view key) const { return *parse_integer(value(key).text); }
bool Settings::boolean(std::string_view key) const { return value(key).text == "true"; }
int Settings::level(std::string_view key) const { return static_cast<int>(*parse(Type::kLevel, value(key).text)); }
const std::string& Settings::text(std::string_view key) const { return value(key).text; }
const std::string& Settings::origin(std::string_view key) const { return value(key).origin; }

}  // namespace ark::container::config
