/// Small file operations whose failures are sentences. Any thread; no state but a counter for temporary names.
#pragma once

#include <ark/container/status.hpp>

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace ark::container::base {

/// Owns a file descriptor. A value of one thread at a time.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

/// "cannot write /a/b: No space left on device; free some space there". The code follows from `error`, a value of
/// errno: ENOENT is kNotFound, EEXIST kAlreadyExists, no room of any kind kResourceExhausted, no permission
/// kFailedPrecondition, a path that cannot be right kInvalidArgument, all others kInternal. what:  a verb that fits
/// after "cannot".
Status errno_status(int error, std::string_view what, const std::filesystem::path& path);

/// The contents of a regular file of at most `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, size_t limit = size_t{64} << 20);

/// Reads exactly `size` bytes at `offset` into `out`. False with errno; errno is 0 if the file ends too early.
bool read_fully(int fd, void* out, size_t size, off_t offset);
/// Writes all of `data` at the descriptor's position. False with errno.
bool write_fully(int fd, std::string_view data);

/// Replaces `path` by a file of `data` in one step that survives a power cut: a temporary beside it, fsync, and
/// rename_synced. On failure the old file is as it was and the temporary is gone. mode:  of the new file, less the
/// umask. A process that is killed may leave files beside it whose names begin with ".<name of the file>.".
Status write_file_synced(const std::filesystem::path& path, std::string_view data, mode_t mode = 0600);

/// Renames the file `from` to `to`, over a file that is there, and makes that survive a power cut: fsync of the folder,
/// which is that of both. If that fails the rename is undone: `to` is as it was, and `from` too unless `to` was there.
/// Where it cannot be undone (a disk that fails for good, a file system without links) the status says so. A process
/// that is killed may leave the old file under a name that begins as that of `from`. kNotFound: there is no `from`.
Status rename_synced(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes what has come into `folder`, or gone, survive a power cut.
Status sync_folder(const std::filesystem::path& folder);

/// Makes `path` and the folders above it that are missing, each with `mode` less the umask. Those that exist keep their
/// mode. synced:  those that it makes survive a power cut, at one fsync each.
Status make_dirs(const std::filesystem::path& path, mode_t mode = 0700, bool synced = false);

/// "prefix.<pid>-<number>": a name that no other live process or call uses at the same time.
std::string unique_name(std::string_view prefix);

}  // namespace ark::container::base
