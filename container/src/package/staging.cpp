#include "package/staging.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ark::container::package {

Staging::~Staging() {
  if (kept_ || !folder_.valid()) return;
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) ::unlinkat(folder_.get(), file->c_str(), 0);
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder)
    ::unlinkat(folder_.get(), folder->c_str(), AT_REMOVEDIR);
  if (made_) ::rmdir(dir_.c_str());
}

Status Staging::begin() {
  made_ = ::mkdir(dir_.c_str(), 0700) == 0;
  if (!made_ && errno != EEXIST) return base::errno_status(errno, "make folder", dir_);
  folder_ = base::Descriptor(::open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_.valid()) return {};
  auto status = base::errno_status(errno, "open folder", dir_);
  if (made_) ::rmdir(dir_.c_str());
  return status;
}

Status Staging::make_folders(std::string_view path) {
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    auto folder = std::string(path.substr(0, slash));
    if (std::find(folders_.begin(), folders_.end(), folder) != folders_.end()) continue;
    if (::mkdirat(folder_.get(), folder.c_str(), 0700) == 0) {
      folders_.push_back(std::move(folder));
    } else if (errno != EEXIST) {
      return base::errno_status(errno, "make folder", full(folder));
    }
  }
  return {};
}

Result<base::Descriptor> Staging::create(const std::string& path) {
  if (auto status = make_folders(path); !status.ok()) return status;
  base::Descriptor file(
      ::openat(folder_.get(), path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444));
  if (!file.valid()) return base::errno_status(errno, "write", full(path));
  files_.push_back(path);
  return file;
}

}  // namespace ark::container::package
