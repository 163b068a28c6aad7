#include "lifecycle/incoming.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.hpp"

namespace ark::container::lifecycle {
namespace {

constexpr const char* kPrefix = ".incoming";

}  // namespace

bool Incoming::is_one(const std::filesystem::path& file) { return file.filename().native().starts_with(kPrefix); }

Incoming::~Incoming() {
  if (!file_.empty()) unlink(file_.c_str());
}

Status Incoming::bring_in(const std::filesystem::path& package) {
  const base::Descriptor from(open(package.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from.valid()) return base::errno_status(errno, "read", package);
  const auto to = modules_ / base::unique_name(kPrefix);
  const base::Descriptor out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid()) return base::errno_status(errno, "write", to);
  file_ = to;
  for (;;) {
    const ssize_t sent = sendfile(out.get(), from.get(), nullptr, 1 << 24);
    if (sent == 0) break;
    if (sent < 0 && errno != EINTR) return base::errno_status(errno, "write", to);
  }
  if (fsync(out.get()) != 0) return base::errno_status(errno, "sync", to);
  return {};
}

Result<std::filesystem::path> Incoming::keep(const std::string& name) {
  const auto to = modules_ / name;
  if (rename(file_.c_str(), to.c_str()) != 0) return base::errno_status(errno, "rename " + file_.string() + " to", to);
  file_.clear();
  if (auto status = base::sync_folder(modules_); !status.ok()) return status;
  return to;
}

}  // namespace ark::container::lifecycle
