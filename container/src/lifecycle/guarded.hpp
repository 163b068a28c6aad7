/// What stands between the container and a function of its tables: nothing is thrown into a module.
#pragma once

#include <ark/abi/status.h>
#include <ark/container/status.hpp>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>

namespace ark::container::lifecycle {

inline void fill(ark_status_t* to, Code code, std::string_view text) {
  if (!to) return;
  size_t size = std::min(text.size(), sizeof to->text - 1);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;  // no half character
  std::memcpy(to->text, text.data(), size);
  to->text[size] = 0;
  to->code = static_cast<int32_t>(code);
}

/// Runs what a module asked for. Nothing is thrown out of it; a failure is written to `status` and `failed` returned.
template <class T, class Work>
T guarded(ark_status_t* status, T failed, Work work) {
  try {
    auto result = work();
    if (result.ok()) return static_cast<T>(*result);
    fill(status, result.status().code(), result.status().text());
  } catch (const std::bad_alloc&) {
    fill(status, Code::kResourceExhausted, "out of memory");
  } catch (const std::exception& e) {
    fill(status, Code::kInternal, e.what());
  }
  return failed;
}

/// The same for functions that return a code; work returns a Status. status may be null.
template <class Work>
int32_t coded(ark_status_t* status, Work work) {
  ark_status_t said;
  said.code = ARK_STATUS_OK;
  guarded<bool>(&said, false, [&]() -> Result<bool> {
    if (Status result = work(); !result.ok()) return result;
    return true;
  });
  if (said.code != ARK_STATUS_OK && status) *status = said;
  return said.code;
}

}  // namespace ark::container::lifecycle
