#include "lifecycle/home.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>

#include "lifecycle/incoming.hpp"
#include "lifecycle/state_file.hpp"

namespace ark::container::lifecycle {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSuffix = ".ark";
constexpr const char* kRemoved = ".removed";       // in modules/: what is on its way out
constexpr const char* kHasLeftCode = "code-left";  // a file in the stage

/// Sorts by time: 20261121-045301-<pid>.
std::string start_id() {
  const time_t now = time(nullptr);
  tm parts;
  gmtime_r(&now, &parts);
  char text[32];
  strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
  return std::string(text) + "-" + std::to_string(getpid());
}

/// "20261121-045301-123" or "20261121-045301-123-2": 123.
int process_of(const std::string& id) {
  const auto date_end = id.find('-');
  const auto time_end = date_end == std::string::npos ? date_end : id.find('-', date_end + 1);
  return time_end == std::string::npos ? 0 : std::atoi(id.c_str() + time_end + 1);
}

/// The range-for of a directory_iterator would throw what goes wrong after the first entry.
std::error_code each_entry(const fs::path& folder, const std::function<void(const fs::path&)>& visit) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) visit(at->path());
  return error;
}

}  // namespace

Result<Home> Home::take(const fs::path& path, int kept_stages) {
  Home home;
  std::error_code error;
  home.path_ = fs::absolute(path, error).lexically_normal();
  if (error) return Status(Code::kInvalidArgument, "home " + path.string() + ": " + error.message());
  if (auto status = home.make_folders(); !status.ok()) return status.within("home " + home.path_.string());
  if (auto status = home.lock(); !status.ok()) return status;
  home.clean_up(kept_stages);
  if (auto status = home.make_stage(); !status.ok()) return status.within("home " + home.path_.string());
  return home;
}

Home::~Home() {
  if (lock_.valid() && !stage_.empty()) discard_stage();
}

void Home::unlock() {
  (void)base::write_file_synced(stage_ / kHasLeftCode, "");  // else it counts as killed
  lock_.reset();
}

std::vector<Run> Home::runs(const fs::path& home) {
  std::vector<Run> runs;
  (void)each_entry(home / "run" / "stage", [&](const fs::path& stage) {
    std::error_code ignored;
    const auto id = stage.filename().string();
    runs.push_back({id, process_of(id), stage, fs::exists(stage / kHasLeftCode, ignored)});
  });
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.id > b.id; });
  return runs;
}

int Home::last_holder(const fs::path& home) {
  const auto text = base::read_file(home / "run" / "lock", 64);
  return text.ok() ? std::atoi(text->c_str()) : 0;
}

Status Home::make_folders() {
  for (const auto& folder : {path_ / "conf", modules(), path_ / "run" / "stage", path_ / "logs", state_of(path_)}) {
    if (auto status = base::make_dirs(folder, 0700, true); !status.ok()) return status;
  }
  return {};
}

Status Home::lock() {
  const auto file = path_ / "run" / "lock";
  lock_ = base::Descriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_.valid()) return base::errno_status(errno, "open the lock", file);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    auto holder = base::read_file(file, 64);
    std::string pid = holder.ok() ? holder->substr(0, holder->find('\n')) : "";
    return Status(Code::kFailedPrecondition, "home " + path_.string() + " is used by another container" +
                                                 (pid.empty() ? "" : ", process " + pid) + "; stop that one, or choose another --home");
  }
  previous_holder_ = last_holder(path_);
  const auto pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock_.get(), 0) != 0 || pwrite(lock_.get(), pid.data(), pid.size(), 0) < 0) {
    return base::errno_status(errno, "write the lock", file);
  }
  return {};
}

Status Home::make_stage() {
  const auto id = start_id();
  stage_ = path_ / "run" / "stage" / id;
  std::error_code ignored;  // making it says what is wrong
  for (int i = 2; fs::exists(stage_, ignored); ++i) stage_ = path_ / "run" / "stage" / (id + "-" + std::to_string(i));
  if (auto status = base::make_dirs(stage_); !status.ok()) return status;
  struct statvfs info;
  if (statvfs(stage_.c_str(), &info) == 0 && (info.f_flag & ST_NOEXEC)) {
    return Status(Code::kFailedPrecondition, "no code can be mapped from " + stage_.string() +
                                                 ": its file system is mounted noexec; remount it with exec, or choose another --home");
  }
  return {};
}

void Home::clean_up(int kept_stages) const {
  std::error_code ignored;  // what cannot be removed now is in nobody's way
  (void)each_entry(modules(), [&](const fs::path& file) {
    if (Incoming::is_one(file) || file.filename().native().starts_with(kRemoved)) fs::remove(file, ignored);
  });
  (void)each_entry(state_of(path_), [&](const fs::path& file) {
    if (StateFile::is_temporary(file)) fs::remove(file, ignored);
  });
  std::vector<fs::path> stages;
  (void)each_entry(path_ / "run" / "stage", [&](const fs::path& stage) { stages.push_back(stage); });
  std::sort(stages.begin(), stages.end(), std::greater<>());
  for (size_t i = static_cast<size_t>(std::max(kept_stages, 0)); i < stages.size(); ++i) fs::remove_all(stages[i], ignored);
}

Result<std::vector<fs::path>> Home::packages_in(const fs::path& folder) {
  std::vector<fs::path> found;
  const auto error = each_entry(folder, [&](const fs::path& file) {
    if (file.extension() == kSuffix && !Incoming::is_one(file)) found.push_back(file);
  });
  if (error) return base::errno_status(error.value(), "read", folder);
  std::sort(found.begin(), found.end());
  return found;
}

Status Home::remove(const fs::path& package) const {
  const auto aside = modules() / base::unique_name(kRemoved);  // from where it can come back
  const auto moved = base::rename_synced(package, aside);
  if (moved.code() == Code::kNotFound) return base::sync_folder(modules());
  if (moved.ok()) unlink(aside.c_str());
  return moved.within("cannot remove " + package.string());
}

void Home::discard_stage() {
  std::error_code ignored;
  fs::remove_all(stage_, ignored);
}

}  // namespace ark::container::lifecycle
