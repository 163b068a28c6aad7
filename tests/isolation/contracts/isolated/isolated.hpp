/// What a module with a private library says of the copy of it that it sees.
#pragma once

#include <cstdint>
#include <tuple>

#include <ark/sdk.hpp>

namespace isolated {

/// The version that each kind of symbol belongs to.
struct Versions {
  int32_t c_function, function, singleton, inline_variable, template_static, virtual_function;
};
inline bool operator==(const Versions& a, const Versions& b) {
  auto all = [](const Versions& v) {
    return std::tie(v.c_function, v.function, v.singleton, v.inline_variable, v.template_static, v.virtual_function);
  };
  return all(a) == all(b);
}

/// How far each kind of static has been counted.
struct Counts {
  int32_t singleton, inline_variable, template_static, inline_function, library;
};
inline bool operator==(const Counts& a, const Counts& b) {
  auto all = [](const Counts& c) {
    return std::tie(c.singleton, c.inline_variable, c.template_static, c.inline_function, c.library);
  };
  return all(a) == all(b);
}

class Witness {
 public:
  virtual ~Witness() = default;
  virtual Versions versions() = 0;
  virtual Counts count() = 0;
};

/// A module with thread_local objects whose destructors must run before its code goes.
class Remembering {
 public:
  virtual ~Remembering() = default;
  /// Makes this thread's object. `destroyed`: address of a std::atomic<int> of the test's, which each destructor from
  /// now on counts up; it outlives the module.
  virtual void remember(uint64_t destroyed) = 0;
  /// Objects there are now, those of the static constructor and the constructor included.
  virtual int32_t alive() = 0;
};

}  // namespace isolated

ARK_STRUCT(isolated::Versions, "com.acme.isolated.Versions", c_function, function, singleton, inline_variable,
           template_static, virtual_function)
ARK_STRUCT(isolated::Counts, "com.acme.isolated.Counts", singleton, inline_variable, template_static, inline_function,
           library)
ARK_CONTRACT(isolated::Witness, "com.acme.isolated.Witness", "1.0", versions, count)
ARK_CONTRACT(isolated::Remembering, "com.acme.isolated.Remembering", "1.0", remember, alive)
