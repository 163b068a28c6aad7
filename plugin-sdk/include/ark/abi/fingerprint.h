/* What the compiler was set to, as far as it decides whether two files can share C++ values. Two fingerprints must be equal. */
#pragma once

#include "version.h"

#if defined(__x86_64__)
#define ARK_FINGERPRINT_MACHINE "x86_64"
#elif defined(__aarch64__)
#define ARK_FINGERPRINT_MACHINE "aarch64"
#else
#error "ark: this architecture is not supported"
#endif

#define ARK_FINGERPRINT_TEXT_(x) #x
#define ARK_FINGERPRINT_TEXT(x) ARK_FINGERPRINT_TEXT_(x)

#ifdef __cplusplus
#include <cstddef>
#if defined(_LIBCPP_VERSION)
#define ARK_FINGERPRINT_LIBRARY "libc++"
#elif defined(__GLIBCXX__)
#define ARK_FINGERPRINT_LIBRARY "libstdc++"
#else
#define ARK_FINGERPRINT_LIBRARY "unknown"
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define ARK_FINGERPRINT_CXX11 "1"
#else
#define ARK_FINGERPRINT_CXX11 "0"
#endif
#else
#define ARK_FINGERPRINT_LIBRARY "libstdc++" /* a module in C uses none; it takes the platform's */
#define ARK_FINGERPRINT_CXX11 "1"
#endif

#if defined(_GLIBCXX_DEBUG)
#define ARK_FINGERPRINT_DEBUG "1"
#else
#define ARK_FINGERPRINT_DEBUG "0"
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARK_HAS_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define ARK_HAS_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARK_HAS_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define ARK_HAS_TSAN 1
#endif
#if defined(ARK_HAS_ASAN)
#define ARK_FINGERPRINT_SANITIZER "address"
#elif defined(ARK_HAS_TSAN)
#define ARK_FINGERPRINT_SANITIZER "thread"
#else
#define ARK_FINGERPRINT_SANITIZER "none"
#endif

/* "key=value" pairs, one space apart: what the text says, an error message can name. */
#define ARK_FINGERPRINT                                                                                           \
  "machine=" ARK_FINGERPRINT_MACHINE " library=" ARK_FINGERPRINT_LIBRARY " cxx11-abi=" ARK_FINGERPRINT_CXX11       \
  " debug-containers=" ARK_FINGERPRINT_DEBUG " sanitizer=" ARK_FINGERPRINT_SANITIZER " sdk=" ARK_FINGERPRINT_TEXT(ARK_VERSION_MAJOR)
