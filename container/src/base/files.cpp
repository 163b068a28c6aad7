#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace ark::container::base {
namespace {

namespace fs = std::filesystem;

struct Advice {
  Code code;
  std::string_view what_to_do;
};

Advice advice_for(int error) {
  switch (error) {
    case ENOENT:
      return {Code::kNotFound, ""};
    case EEXIST:
    case ENOTEMPTY:
      return {Code::kAlreadyExists, ""};
    case ENOSPC:
      return {Code::kResourceExhausted, "free some space there"};
    case EDQUOT:
      return {Code::kResourceExhausted, "free some space there, or raise the quota"};
    case EMFILE:
      return {Code::kResourceExhausted, "raise the process's limit of open files (ulimit -n)"};
    case ENFILE:
    case ENOMEM:
      return {Code::kResourceExhausted, ""};
    case EACCES:
    case EPERM:
      return {Code::kFailedPrecondition, "check owner and mode of the path and of the folders above it"};
    case EROFS:
      return {Code::kFailedPrecondition, "choose a folder on a file system that can be written"};
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
      return {Code::kInvalidArgument, ""};
    default:
      return {Code::kInternal, ""};
  }
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Invalid with errno.
Descriptor open_folder(const fs::path& folder) {
  return Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Status sync_open_folder(const Descriptor& folder, const fs::path& path) {
  // EINVAL: a file system without fsync of folders; there is nothing more to be had there.
  if (::fsync(folder.get()) != 0 && errno != EINVAL) return errno_status(errno, "sync folder", path);
  return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status errno_status(int error, std::string_view what, const fs::path& path) {
  char buffer[128];
  auto advice = advice_for(error);
  std::string text = "cannot ";
  text.append(what).append(" ").append(path.native()).append(": ").append(strerror_r(error, buffer, sizeof buffer));
  if (!advice.what_to_do.empty()) text.append("; ").append(advice.what_to_do);
  return {advice.code, std::move(text)};
}

bool read_fully(int fd, void* out, size_t size, off_t offset) {
  auto* at = static_cast<char*>(out);
  while (size > 0) {
    ssize_t got = ::pread(fd, at, size, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (got == 0) errno = 0;
      return false;
    }
    at += got;
    offset += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool write_fully(int fd, std::string_view data) {
  while (!data.empty()) {
    ssize_t put = ::write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    data.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

Result<std::string> read_file(const fs::path& path, size_t limit) {
  // O_NONBLOCK: a FIFO at this path must not hold us up; it means nothing to regular files.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return errno_status(errno, "read", path);
  struct stat info;
  if (::fstat(file.get(), &info) != 0) return errno_status(errno, "read", path);
  if (S_ISDIR(info.st_mode)) return errno_status(EISDIR, "read", path);
  if (!S_ISREG(info.st_mode))
    return Status(Code::kInvalidArgument, "cannot read " + path.native() + ": it is not a regular file");
  auto too_large = [&] {
    return Status(Code::kResourceExhausted,
                  "cannot read " + path.native() + ": it is larger than " + std::to_string(limit) + " bytes");
  };
  if (static_cast<uint64_t>(info.st_size) > limit) return too_large();

  // One byte more than the size says: files of /proc have size 0, and others may grow meanwhile.
  std::string text(static_cast<size_t>(info.st_size) + 1, '\0');
  size_t have = 0;
  for (;;) {
    ssize_t got = ::read(file.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_status(errno, "read", path);
    if (got == 0) break;
    have += static_cast<size_t>(got);
    if (have > limit) return too_large();
    if (have == text.size()) text.resize(text.size() + 4096);
  }
  text.resize(have);
  return text;
}

Status sync_folder(const fs::path& folder) {
  Descriptor fd(open_folder(folder));
  if (!fd.valid()) return errno_status(errno, "open folder", folder);
  return sync_open_folder(fd, folder);
}

Status rename_synced(const fs::path& from, const fs::path& to) {
  const auto folder = folder_of(to);
  const auto opened = open_folder(folder);  // first: descriptors may have run out, and nothing has changed yet
  if (!opened.valid()) return errno_status(errno, "open folder", folder);
  const auto former = folder / unique_name(from.filename().native());
  const bool replaces = ::link(to.c_str(), former.c_str()) == 0;
  const bool comes_new = !replaces && errno == ENOENT;
  if (::rename(from.c_str(), to.c_str()) != 0) {
    int error = errno;
    if (replaces) ::unlink(former.c_str());
    return errno_status(error, "rename " + from.native() + " to", to);
  }
  auto status = sync_open_folder(opened, folder);
  if (status.ok()) {
    if (replaces) ::unlink(former.c_str());
    return status;
  }
  const bool undone = replaces ? ::rename(former.c_str(), to.c_str()) == 0
                               : comes_new && ::rename(to.c_str(), from.c_str()) == 0;
  if (undone) {
    (void)sync_open_folder(opened, folder);
    return status;
  }
  return {status.code(), status.text() + "; " + to.native() + " could not be put back as it was"};
}

Status write_file_synced(const fs::path& path, std::string_view data, mode_t mode) {
  auto temporary = folder_of(path) / unique_name("." + path.filename().native());
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid()) return errno_status(errno, "write", path);
  bool written = write_fully(file.get(), data) && ::fsync(file.get()) == 0;
  auto status = written ? rename_synced(temporary, path).within("cannot write " + path.native())
                        : errno_status(errno, "write", path);
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

Status make_dirs(const fs::path& path, mode_t mode, bool synced) {
  if (path.empty()) return {};
  bool made = ::mkdir(path.c_str(), mode) == 0;
  int error = errno;
  if (!made && error == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    if (auto status = make_dirs(path.parent_path(), mode, synced); !status.ok()) return status;
    made = ::mkdir(path.c_str(), mode) == 0;
    error = errno;
  }
  if (made) {
    auto status = synced ? sync_folder(folder_of(path)) : Status();
    if (!status.ok()) ::rmdir(path.c_str());  // the next try syncs again
    return status;
  }
  struct stat info;
  bool is_there = ::stat(path.c_str(), &info) == 0;
  if (is_there && S_ISDIR(info.st_mode)) return {};
  // A file in the way: "Not a directory" tells more than "File exists".
  return errno_status(is_there ? ENOTDIR : error, "make folder", path);
}

std::string unique_name(std::string_view prefix) {
  static std::atomic<uint64_t> next{0};
  return std::string(prefix) + "." + std::to_string(::getpid()) + "-" + std::to_string(next.fetch_add(1));
}

}  // namespace ark::container::base
