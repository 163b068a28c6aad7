#include <cstddef>  // before the fingerprint: says which standard library this is

#include <ark/abi/fingerprint.h>

#include <utility>
#include <vector>

#include "package/manifest.hpp"
#include "package/platform.hpp"

namespace ark::container::package {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

Pairs pairs_of(std::string_view fingerprint) {
  Pairs pairs;
  while (!fingerprint.empty()) {
    auto pair = fingerprint.substr(0, fingerprint.find(' '));
    fingerprint.remove_prefix(std::min(fingerprint.size(), pair.size() + 1));
    auto equals = std::min(pair.find('='), pair.size());
    if (!pair.empty()) pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(pair.size(), equals + 1)));
  }
  return pairs;
}

std::string_view value_of(const Pairs& pairs, std::string_view key) {
  for (auto [name, value] : pairs) {
    if (name == key) return value;
  }
  return {};
}

/// What to do if this key of the fingerprint differs; `ours` is the container's value.
std::string advice(std::string_view key, std::string_view ours, std::string_view theirs) {
  auto value = std::string(ours);
  if (key == "machine") return "Build it for " + value;
  if (key == "library") return "Build it with " + value;
  if (key == "cxx11-abi") return "Build it with -D_GLIBCXX_USE_CXX11_ABI=" + value;
  if (key == "debug-containers")
    return ours == "1" ? "Build it with -D_GLIBCXX_DEBUG" : "Build it without -D_GLIBCXX_DEBUG";
  if (key == "sanitizer" && ours == "none")
    return "Build it without -fsanitize=" + std::string(theirs) + ", or use a container built with it";
  if (key == "sanitizer") return "Build it with -fsanitize=" + value + ", or use a container built without it";
  if (key == "sdk")
    return "Build it with version " + value + " of the SDK, or use a container of version " + std::string(theirs);
  return "Build it with the SDK of this container";
}

Status misfit(const Manifest& manifest, const std::string& built_for, const std::string& container,
              const std::string& what_works) {
  return {Code::kIncompatible, package_name(manifest) + " was built for " + built_for + "; this container is " +
                                   container + ". " + what_works};
}

Status check_fingerprint(const Manifest& manifest) {
  if (manifest.fingerprint == ARK_FINGERPRINT) return {};
  auto ours = pairs_of(ARK_FINGERPRINT), theirs = pairs_of(manifest.fingerprint);
  auto show = [](std::string_view key, std::string_view value) {
    return std::string(key) + "=" + (value.empty() ? "(nothing)" : std::string(value));
  };
  for (auto [key, value] : ours) {
    auto other = value_of(theirs, key);
    if (other != value) return misfit(manifest, show(key, other), show(key, value), advice(key, value, other));
  }
  // All our keys agree, so the other side has more of them, or a second value.
  return misfit(manifest, "\"" + manifest.fingerprint + "\"", "\"" ARK_FINGERPRINT "\"",
                "Build it with the SDK of this container");
}

Status check_library(const Manifest& manifest, std::string_view symbols, const std::string& needs,
                     const std::string& has, std::string_view library) {
  if (!comes_before(has, needs)) return {};
  return {Code::kIncompatible, package_name(manifest) + " needs " + std::string(symbols) + "_" + needs + "; the " +
                                   std::string(library) + " of this container has " +
                                   (has.empty() ? "none" : std::string(symbols) + "_" + has) +
                                   ". Build it on this system or an older one, or run the container on a newer one"};
}

}  // namespace

Status check_fits(const Manifest& manifest) {
  if (manifest.abi != ARK_ABI_VERSION) {
    auto newer = manifest.abi > ARK_ABI_VERSION;
    return misfit(manifest, "boundary version " + std::to_string(manifest.abi),
                  "boundary version " + std::to_string(ARK_ABI_VERSION),
                  newer ? "Use a newer container, or build it with the SDK of this one"
                        : "Build it with the SDK of this container");
  }
  if (auto status = check_fingerprint(manifest); !status.ok()) return status;
  const auto &needs = manifest.platform, &has = host_platform();
  if (auto status = check_library(manifest, "GLIBC", needs.glibc, has.glibc, "C library"); !status.ok()) return status;
  if (auto status = check_library(manifest, "GLIBCXX", needs.glibcxx, has.glibcxx, "libstdc++"); !status.ok())
    return status;
  return check_library(manifest, "CXXABI", needs.cxxabi, has.cxxabi, "libstdc++");
}

}  // namespace ark::container::package
