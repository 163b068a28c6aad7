/// A small module's manifest and files.
#pragma once

#include <ark/abi/fingerprint.h>

#include <map>
#include <string>

#include "package/digest.hpp"
#include "package/manifest.hpp"

namespace ark::test {

using Files = std::map<std::string, std::string>;  ///< path in the package: contents

inline container::package::Manifest sample_manifest(const Files& files) {
  container::package::Manifest manifest;
  manifest.name = "orders";
  manifest.version = {1, 0, 0, ""};
  manifest.entry = "lib/orders.so";
  manifest.fingerprint = ARK_FINGERPRINT;
  manifest.abi = ARK_ABI_VERSION;
  manifest.sdk_version = ARK_VERSION_TEXT;
  for (const auto& [path, contents] : files) {
    container::package::PackagedFile file;
    file.path = path;
    file.size = contents.size();
    file.sha256 = container::package::sha256_hex(contents);
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

/// Bytes that do not compress.
inline std::string noise(size_t size, uint32_t seed = 1) {
  std::string out(size, '\0');
  for (char& c : out) {
    seed = seed * 1664525 + 1013904223;
    c = static_cast<char>(seed >> 24);
  }
  return out;
}

}  // namespace ark::test
