#include "lifecycle/resources.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "lifecycle/generation.hpp"
#include "lifecycle/resolve.hpp"
#include "package/entry_path.hpp"

namespace ark::container::lifecycle {
namespace {

constexpr size_t kNamed = 10;  ///< how many resources a message lists

/// Only paths that a manifest lists come here: staged by the container, relative, none of them a link.
Result<FoundResource> opened(const Staged& staged, const std::string& name) {
  const auto path = staged.folder / package::kResourceFolder / name;
  base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info;
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return base::errno_status(errno, "open resource", path);
  return FoundResource{std::move(file), static_cast<uint64_t>(info.st_size), label_of(*staged.manifest)};
}

bool has_own(const Staged& own, const std::string& name) {
  return own.manifest && own.manifest->find_file(std::string(package::kResourceFolder) + name) != nullptr;
}

bool may_import(const ark_generation_t& asking, std::string_view name) {
  if (!asking.services.declares) return true;  // the host
  const auto& own = asking.packaged.manifest;
  return own && own->imports_resource(name) && package::matching(own->denied.resources, name).empty();
}

/// "a, b and 3 more", or "none".
std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamed); ++i) base::add_to_list(&text, ", ", names[i]);
  if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text.empty() ? "none" : text;
}

std::vector<std::string> own_names(const Staged& own) {
  std::vector<std::string> names;
  if (!own.manifest) return names;
  for (const auto& file : own.manifest->files) {
    if (file.path.starts_with(package::kResourceFolder))
      names.push_back(file.path.substr(package::kResourceFolder.size()));
  }
  return names;
}

}  // namespace

bool Resources::has(const Exporter& exporter, std::string_view name) {
  return std::binary_search(exporter.names.begin(), exporter.names.end(), name);
}

void Resources::activate(const Staged& in, const Staged& out) {
  std::vector<std::string> shadowed;
  {
    std::lock_guard lock(mutex_);
    if (out.manifest) std::erase_if(exporters_, [&](const Exporter& e) { return e.staged.manifest == out.manifest; });
    if (!in.manifest || in.manifest->exported_resources.empty()) return;
    const auto place = std::find_if(exporters_.begin(), exporters_.end(),
                                    [&](const Exporter& e) { return preferred(*in.manifest, *e.staged.manifest); });
    const auto added = exporters_.insert(place, Exporter{in, in.manifest->resources_for_others()});
    Manifests rivals;
    for (const auto& exporter : exporters_) {
      if (std::any_of(added->names.begin(), added->names.end(), [&](auto name) { return has(exporter, name); }))
        rivals.push_back(exporter.staged.manifest.get());
    }
    shadowed = shadowed_resources(Offers(rivals), in.manifest.get());
  }
  for (const auto& text : shadowed) log_(text);
}

std::vector<const Resources::Exporter*> Resources::exporters_of(std::string_view name) const {
  std::vector<const Exporter*> found;
  for (const auto& exporter : exporters_) {
    if (has(exporter, name)) found.push_back(&exporter);
  }
  return found;
}

Result<std::vector<FoundResource>> Resources::find(const ark_generation_t& asking, const std::string& name,
                                                   uint32_t most) const {
  if (const auto fault = package::path_fault(name); !fault.empty()) {
    return Status(Code::kInvalidArgument,
                  asking.label + ": the name of a resource, \"" + name.substr(0, 80) + "\", " + std::string(fault));
  }
  std::vector<FoundResource> found;
  auto add = [&](const Staged& staged) {
    if (found.size() >= most) return Status();
    auto one = opened(staged, name);
    if (!one.ok()) return one.status().within(asking.label);
    found.push_back(std::move(*one));
    return Status();
  };
  if (has_own(asking.packaged, name)) {
    if (auto status = add(asking.packaged); !status.ok()) return status;
  }
  std::lock_guard lock(mutex_);
  if (may_import(asking, name)) {
    for (const auto* exporter : exporters_of(name)) {
      if (exporter->staged.manifest == asking.packaged.manifest) continue;
      if (auto status = add(exporter->staged); !status.ok()) return status;
    }
  }
  if (found.empty()) return refusal(asking, name);
  return found;
}

Status Resources::refusal(const ark_generation_t& asking, const std::string& name) const {
  const auto exporters = exporters_of(name);
  if (!exporters.empty() && asking.packaged.manifest) {
    const auto has_it = asking.label + ": the resource " + name + " is exported by " +
                        label_of(*exporters[0]->staged.manifest) + ", but ";
    const auto denial = package::matching(asking.packaged.manifest->denied.resources, name);
    if (!denial.empty()) {
      return {Code::kFailedPrecondition, has_it + "denied: deny-imports.resources has \"" + std::string(denial) +
                                             "\"; correct DENY_RESOURCES where CMake adds the module"};
    }
    return {Code::kFailedPrecondition,
            has_it + "not imported; add IMPORT_RESOURCES \"" + name + "\" where CMake adds the module"};
  }
  std::vector<std::string> others;
  for (const auto& exporter : exporters_) {
    for (const auto other : exporter.names) {
      if (may_import(asking, other))
        others.push_back(std::string(other) + " of " + label_of(*exporter.staged.manifest));
    }
  }
  return {Code::kNotFound, asking.label + ": there is no resource " + name + "; its own package has " +
                               some_of(own_names(asking.packaged)) +
                               ", active modules that it may have them from: " + some_of(others)};
}

}  // namespace ark::container::lifecycle
