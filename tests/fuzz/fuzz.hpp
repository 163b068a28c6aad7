/// What fuzz targets share. A target is one function that is given bytes; whatever they are, it must neither crash nor
/// expect in vain.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace ark::fuzz {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the run with a finding.
inline void expect(bool holds, std::string_view promise, std::string_view found = "") {
  if (holds) return;
  std::fprintf(stderr, "broken: %.*s: %.*s\n", static_cast<int>(promise.size()), promise.data(),
               static_cast<int>(found.size()), found.data());
  std::abort();
}

/// A file in memory.
class InputFile {
 public:
  explicit InputFile(std::string_view contents) : fd_(memfd_create("input", MFD_CLOEXEC)) {
    expect(fd_ >= 0 && write(fd_, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()),
           "the input can be written");
  }
  ~InputFile() { close(fd_); }
  InputFile(const InputFile&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace ark::fuzz
