#include "package/file_window.hpp"

#include <algorithm>
#include <cstring>

#include "base/files.hpp"

namespace ark::container::package {

bool FileWindow::load() {
  if (bytes_ != nullptr) return true;
  auto size = static_cast<size_t>(std::min<uint64_t>(size_, kKept));
  auto bytes = std::make_unique_for_overwrite<char[]>(size);
  begin_ = size_ - size;
  if (!base::read_fully(fd_, bytes.get(), size, static_cast<off_t>(begin_))) return false;
  bytes_ = std::move(bytes);
  return true;
}

std::string_view FileWindow::kept(uint64_t offset, uint64_t size) {
  if (offset > size_ || size > size_ - offset || !load() || offset < begin_) return {};
  return {bytes_.get() + (offset - begin_), static_cast<size_t>(size)};
}

bool FileWindow::read(uint64_t offset, void* out, size_t size) {
  if (offset > size_ || size > size_ - offset) return false;
  if (auto part = kept(offset, size); part.size() == size) {
    std::memcpy(out, part.data(), size);
    return true;
  }
  return base::read_fully(fd_, out, size, static_cast<off_t>(offset));
}

}  // namespace ark::container::package
