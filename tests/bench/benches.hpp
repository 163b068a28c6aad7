/// The benchmarks; each adds its rows. quick: few rounds, only to see that it runs.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

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
void bench_processes(const Setup& setup, std::vector<Row>& rows);  ///< start and memory of ark-container

/// Packages tiny-0001 to tiny-NNNN in `folder`.
void write_tiny_packages(const std::filesystem::path& folder, int count);

}  // namespace ark::bench
