#include "lifecycle/state_file.hpp"

#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.hpp"
#include "base/text.hpp"
#include "package/json_reader.hpp"

namespace ark::container::lifecycle {
namespace {

using Json = nlohmann::ordered_json;
using package::JsonReader;

constexpr const char* kName = "state.json";
constexpr int64_t kFormat = 1;
constexpr size_t kLargest = size_t{16} << 20;

void put(Json& object, const Remembered& remembered) {
  auto& active = object["active"] = Json::object();
  for (const auto& [name, versions] : remembered.active) {
    std::string words;
    for (const auto& version : versions) base::add_to_list(&words, " ", version);
    active[name] = words;
  }
  object["stopped"] = Json(remembered.stopped);
}

std::set<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

bool read_member(JsonReader& json, std::string_view key, Remembered* remembered) {
  if (key == "active") {
    json.object([&](std::string_view name) { remembered->active[std::string(name)] = words_of(json.string()); });
  } else if (key == "stopped") {
    json.array([&] { remembered->stopped.insert(json.string()); });
  } else {
    return false;
  }
  return true;
}

/// The name of a file in modules/, nothing that leads elsewhere.
std::string file_name(JsonReader& json) {
  auto name = json.string();
  if (name.find('/') != std::string::npos) json.fail(Code::kCorrupt, "the name of a file is expected, not a path");
  return name;
}

void read_pending(JsonReader& json, Pending* pending) {
  json.object([&](std::string_view key) {
    if (read_member(json, key, &pending->then)) return;
    if (key == "package") return void(pending->package = file_name(json));
    if (key == "present") return void(pending->present = json.boolean());
    if (key == "remove") return void(pending->remove = file_name(json));
    json.fail(Code::kCorrupt, "there is no such key");
  });
  if (json.ok() && pending->package.empty()) json.fail(Code::kCorrupt, "it names no package");
}

}  // namespace

Result<StateFile> StateFile::open(const std::filesystem::path& folder) {
  StateFile state;
  state.file_ = folder / kName;
  auto text = base::read_file(state.file_, kLargest);
  if (!text.ok()) {
    if (text.status().code() == Code::kNotFound) return state;
    return text.status();
  }
  const auto origin = state.file_.native();
  JsonReader json(*text, origin);
  int64_t format = 0;
  json.object([&](std::string_view key) {
    if (read_member(json, key, &state.now_)) return;
    if (key == "format") {
      format = json.integer(1, INT64_MAX);
      if (format > kFormat)
        json.fail(Code::kUnsupported, "it was written by a later version of the container; start that one");
    } else if (key == "pending") {
      read_pending(json, &state.pending_.emplace());
    } else if (key == "left_over") {
      json.array([&] { state.left_over_.insert(file_name(json)); });
    } else {
      json.fail(Code::kCorrupt, "there is no such key");
    }
  });
  if (json.ok() && format == 0) json.fail(Code::kCorrupt, "the key format is missing");
  state.is_behind_ = state.pending_.has_value();
  if (json.ok()) return state;
  return Status(
      json.status().code(),
      json.status().text() + "; without this file the newest versions become active and every module is started");
}

bool StateFile::is_temporary(const std::filesystem::path& file) {
  return file.filename().native().starts_with(std::string(".") + kName + ".");
}

void StateFile::settle(bool happened) {
  if (happened && pending_) {
    now_ = std::move(pending_->then);
    if (!pending_->remove.empty()) left_over_.insert(std::move(pending_->remove));
  }
  pending_.reset();
}

void StateFile::forget_left_over(const std::string& file) {
  if (left_over_.erase(file) > 0) is_behind_ = true;
}

Status StateFile::save(const Remembered& now, std::optional<Pending> pending) {
  if (now == now_ && !is_behind_ && !pending) return {};
  Json json = {{"format", kFormat}};
  put(json, now);
  if (!left_over_.empty()) json["left_over"] = Json(left_over_);
  if (pending) {
    Json& next =
        json["pending"] = {{"package", pending->package}, {"present", pending->present}, {"remove", pending->remove}};
    put(next, pending->then);
  }
  if (auto made = base::make_dirs(file_.parent_path(), 0700, true); !made.ok()) return made;
  is_behind_ = true;  // should it fail, it is not known what the file says
  if (auto written = base::write_file_synced(file_, json.dump(2) + "\n"); !written.ok()) return written;
  now_ = now;
  pending_ = std::move(pending);
  is_behind_ = pending_.has_value();
  return {};
}

}  // namespace ark::container::lifecycle
