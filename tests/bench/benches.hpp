/// The benchmarks; each adds its rows. quick: few rounds, only to see that it runs.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "package/manifest.hpp"
#include "results.hpp"

namespace ark::bench {

struct Setup {
  bool quick = false;
  std::filesystem::path memory, disk;  ///< folders on a memory file system and on a disk, of this run alone
};

void bench_calls(const Setup& setup, std::vector<Row>& rows);      ///< call, look-up, publication, event
void bench_lifecycle(const Setup& setup, std::vector<Row>& rows);  ///< start and stop, install to uninstall
void bench_many(const Setup& setup, std::vector<Row>& rows);       ///< 100 and 1,000 modules
void bench_resolve(const Setup& setup, std::vector<Row>& rows);    ///< fitting manifests together, in memory
void bench_levels(const Setup& setup, std::vector<Row>& rows);     ///< 1,000 modules that depend on each other
void bench_processes(const Setup& setup, std::vector<Row>& rows);  ///< start and memory of ark-container

/// "tiny-0007"
std::string tiny_name(int i);

/// Packages tiny-0001 to tiny-NNNN in `folder`; `change` is given the number and manifest of each.
void write_tiny_packages(const std::filesystem::path& folder, int count,
                         const std::function<void(int, container::package::Manifest&)>& change = {});

}  // namespace ark::bench
