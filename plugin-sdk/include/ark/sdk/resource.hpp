/// A file that a package keeps below resources/.
#pragma once

#include <ark/abi/resources.h>
#include <ark/sdk/errors.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace ark {

/// Keeps the file open, so its contents stay the same although the module that it is of may be replaced or unloaded
/// meanwhile. A value: const functions from any thread.
class Resource {
 public:
  Resource(std::string name, const ark_resource_t& found)
      : name_(std::move(name)),
        module_(found.module),
        size_(found.bytes),
        descriptor_(::fcntl(found.descriptor, F_DUPFD_CLOEXEC, 0)) {
    if (descriptor_ < 0) throw failed("keep");
  }
  Resource(Resource&& other) noexcept
      : name_(std::move(other.name_)),
        module_(std::move(other.module_)),
        size_(other.size_),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  Resource& operator=(Resource&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(module_, other.module_);
    std::swap(size_, other.size_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Resource() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  const std::string& name() const { return name_; }      ///< "templates/mail.html"
  const std::string& module() const { return module_; }  ///< "greeter 1.0.0": in whose package it is
  uint64_t size() const { return size_; }                ///< bytes

  /// All of it.
  std::string read() const {
    std::string text(static_cast<size_t>(size_), '\0');
    for (size_t done = 0; done < text.size();) {
      const ssize_t got = ::pread(descriptor_, &text[done], text.size() - done, static_cast<off_t>(done));
      if (got > 0) {
        done += static_cast<size_t>(got);
      } else if (got == 0 || errno != EINTR) {
        if (got == 0) errno = EIO;
        throw failed("read");
      }
    }
    return text;
  }

  /// For libraries that want a path: it opens this file as long as this object lives. Nothing else about it may be
  /// relied upon.
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  int descriptor() const { return descriptor_; }  ///< for reading; stays this object's

 private:
  Error failed(const char* what) const {
    return Error(Error::kInternal,
                 std::string("cannot ") + what + " resource " + name_ + " of " + module_ + ": " + std::strerror(errno));
  }

  std::string name_, module_;
  uint64_t size_;
  int descriptor_;
};

}  // namespace ark
