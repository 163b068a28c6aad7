/// A library of which four versions are linked into one process: a plugin's, two biz' and the host's. The names in all
/// four are the same.
#pragma once

#include <cstdint>

#ifndef VERSIONED_VERSION
#error "say which version of the library this is"
#endif

extern "C" int32_t versioned_c_function(void);

namespace versioned {

int32_t function();

/// A Meyers singleton.
class Singleton {
 public:
  static Singleton& instance();
  int32_t version() const { return version_; }
  int32_t count() { return ++count_; }

 private:
  Singleton();
  int32_t version_;
  int32_t count_ = 0;
};

inline int32_t inline_version = VERSIONED_VERSION;
inline int32_t inline_count = 0;

/// Static members of templates are emitted wherever they are used.
template <class T>
struct Holder {
  static inline T version = VERSIONED_VERSION;
  static inline T count = 0;
};

/// A static local of an inline function.
inline int32_t& counter_in_inline_function() {
  static int32_t count = 0;
  return count;
}

class Shape {
 public:
  virtual ~Shape() = default;
  virtual int32_t version() const;
};
/// In the library, so that the call is virtual.
Shape& make_shape();

/// Zero-initialised data of the library's own file.
int32_t count_in_library();

}  // namespace versioned
