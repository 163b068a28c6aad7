/// The crash reports of a home, as files that are read again.
#pragma once

#include <ark/container/diagnosis.hpp>
#include <ark/container/status.hpp>

#include <functional>

namespace ark::container::crash {

inline constexpr size_t kKeptReports = 20;

/// All crash-*.txt of the folder `logs`, newest first; none if there is no such folder. One that cannot be read says why in `end`.
/// Errors: the folder cannot be read.
Result<std::vector<CrashReport>> read_reports(const std::filesystem::path& logs);

/// Passes those that no start has told of to `tell`, oldest first, marks them so, and removes all but the `kKeptReports` newest.
void tell_new_reports(const std::filesystem::path& logs, const std::function<void(const CrashReport&)>& tell);

}  // namespace ark::container::crash
