/// What the copy of the library that this file is compiled against says of itself. Compiled into each user of the
/// library.
#pragma once

#include "isolated/isolated.hpp"
#include "versioned/versioned.hpp"

namespace versioned {
namespace {

isolated::Versions versions_seen() {
  return {versioned_c_function(), function(), Singleton::instance().version(), inline_version, Holder<int32_t>::version,
          make_shape().version()};
}

/// Counts once more in every kind of static, and says how far each has come.
isolated::Counts count_everywhere() {
  return {Singleton::instance().count(), ++inline_count, ++Holder<int32_t>::count, ++counter_in_inline_function(),
          count_in_library()};
}

}  // namespace
}  // namespace versioned
