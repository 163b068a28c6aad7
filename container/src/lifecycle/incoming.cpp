#include "lifecycle/incoming.hpp"

#include <unistd.h>

#include "base/files.hpp"

namespace ark::container::lifecycle {
namespace {

constexpr const char* kPrefix = ".incoming";

}  // namespace

bool Incoming::is_one(const std::filesystem::path& file) { return file.filename().native().starts_with(kPrefix); }

Incoming::~Incoming() {
  if (!file_.empty()) unlink(file_.c_str());
}

Status Incoming::bring_in(package::Package& package) {
  auto to = modules_ / base::unique_name(kPrefix);
  auto copied = package.move_to(to);
  if (copied.ok()) file_ = std::move(to);
  return copied;
}

Result<std::filesystem::path> Incoming::keep(const std::string& name) {
  auto to = modules_ / name;
  if (auto kept = base::rename_synced(file_, to); !kept.ok()) return kept;
  file_.clear();
  return to;
}

}  // namespace ark::container::lifecycle
