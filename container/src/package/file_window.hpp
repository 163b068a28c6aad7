/// Reads parts of an open file. Its last part, and so all of a small file, is kept in memory: one read serves a small
/// package.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace ark::container::package {

/// One thread at a time.
class FileWindow {
 public:
  static constexpr size_t kKept = 128 * 1024;

  /// The descriptor is borrowed. size: of the file, in bytes.
  FileWindow(int fd, uint64_t size) : fd_(fd), size_(size) {}

  uint64_t size() const { return size_; }

  /// Copies bytes [offset, offset + size). False if the file has not all of them, or cannot be read (errno).
  bool read(uint64_t offset, void* out, size_t size);

  /// The same without a copy if that part is kept, valid as long as this object; else empty, and read() has to be used.
  std::string_view kept(uint64_t offset, uint64_t size);

 private:
  bool load();

  int fd_;
  uint64_t size_;
  uint64_t begin_ = 0;  ///< of what is kept
  std::unique_ptr<char[]> bytes_;
};

}  // namespace ark::container::package
