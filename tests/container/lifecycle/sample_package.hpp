/// A package of one small file, for what does not load it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "container/package/sample.hpp"
#include "package/package.hpp"

namespace ark::test {

inline container::package::Manifest sample_manifest(const std::string& name, const char* version, const std::string& contents) {
  auto manifest = sample_manifest({{"lib/orders.so", contents}});
  manifest.name = name;
  manifest.version = *container::package::parse_version(version);
  return manifest;
}

/// Over what is at `file`, in one step.
inline void write_sample(const std::filesystem::path& file, const std::string& name, const char* version, const std::string& contents = "code") {
  const std::filesystem::path source = file.native() + ".source";
  std::ofstream(source, std::ios::binary) << contents;
  const auto written = container::package::write_package(file, sample_manifest(name, version, contents), {{"lib/orders.so", source}});
  EXPECT_TRUE(written.ok()) << written.text();
  std::filesystem::remove(source);
}

}  // namespace ark::test
