#include "versioned/versioned.hpp"

extern "C" int32_t versioned_c_function(void) { return VERSIONED_VERSION; }

namespace versioned {

namespace {
int32_t count = 0;
}

int32_t function() { return VERSIONED_VERSION; }

Singleton::Singleton() : version_(VERSIONED_VERSION) {}

Singleton& Singleton::instance() {
  static Singleton singleton;
  return singleton;
}

int32_t Shape::version() const { return VERSIONED_VERSION; }

Shape& make_shape() {
  static Shape shape;
  return shape;
}

int32_t count_in_library() { return ++count; }

}  // namespace versioned
