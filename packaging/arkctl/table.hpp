#pragma once

#include <string>
#include <vector>

namespace ark::arkctl {

/// Rows of equal length, the first of them headings, as text with aligned columns that are no wider than they must be.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace ark::arkctl
